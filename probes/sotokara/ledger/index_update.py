"""What the derived index takes in: run files that are new or changed, and their order."""

import contextlib
import os
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from sotokara.core.canonical import NO_JSON, digest
from sotokara.core.observation import Outcome
from sotokara.core.places import history_of
from sotokara.ledger.index_batches import take_in_batches
from sotokara.ledger.lines import (
    FORMAT,
    NEWER,
    LedgerError,
    NewerError,
    RunLine,
    Stub,
    read_line,
    stub,
)
from sotokara.ledger.makers import OTHERS, Makers, named_keys
from sotokara.ledger.seals import Sealing, newest, sealings
from sotokara.ledger.tombstones import Buried
from sotokara.ledger.verify import is_run

OUTCOMES = list(Outcome)
"""The index has an outcome as its number in this list."""


def run_files(runs: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every run file below ``runs/``, by its path there, with its size and time."""
    stack = [(str(runs), "")]
    while stack:
        folder, below = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                stack.append((entry.path, f"{below}{entry.name}/"))
            elif is_run(f"runs/{below}{entry.name}") and entry.is_file(follow_symlinks=False):
                yield below + entry.name, entry.stat()


_LINES = msgspec.json.Decoder(RunLine)
Unread = tuple[int, str, Stub]
"""A line that cannot be read: its number, why, and where it belongs."""


def lines_of(file: Path, buried: Buried) -> tuple[list[RunLine | None], list[Unread]]:
    """The lines of a run file; None for those that are as they were kept and cannot be read.

    :raises LedgerError: naming the line, where the file was edited.
    """
    content = file.read_bytes()
    try:
        lines: list[RunLine | None] = [*_LINES.decode_lines(content)]
    except NO_JSON:
        return _one_by_one(file, content, buried)
    if any(line is not None and line.v > FORMAT for line in lines):
        return _one_by_one(file, content, buried)
    _as_written(file, content, buried)
    return lines, []


def _one_by_one(
    file: Path, content: bytes, buried: Buried
) -> tuple[list[RunLine | None], list[Unread]]:
    lines: list[RunLine | None] = []
    unread: list[Unread] = []
    for number, text in enumerate(content.splitlines(), 1):
        try:
            lines.append(read_line(file, number, text))
        except LedgerError as error:
            _as_written(file, content, buried, error)
            lines.append(None)
            known = stub(text)
            newer = isinstance(error, NewerError) or known.of_newer
            unread.append((number, NEWER if newer else str(error.__cause__ or error), known))
    return lines, unread


def _as_written(
    file: Path, content: bytes, buried: Buried, wrong: LedgerError | None = None
) -> None:
    """A run's name ends in the first eight digits of its hash; a redacted one has its tombstone.

    :raises LedgerError: when it was edited: nothing may be shown from it. ``wrong`` says where.
    """
    hashed = digest(content)
    if hashed[:8] == file.stem.rpartition("-")[2]:
        return
    if buried.redacted(file.relative_to(file.parents[4]).as_posix(), content):
        return
    if wrong is not None:
        raise wrong
    what = "its line ends were converted" if b"\r\n" in content else "edited by hand"
    message = f"{file}: not as it was written (its SHA-256 differs): {what}? Restore it from git"
    raise LedgerError(message)


_STAMP = re.compile(r"(\d{8}T\d{6})(\d{3})Z")
_AFTER_A_JUMP = 1 << 44
"""More milliseconds than any year of four digits but the last; each jump is worth as much."""


def stamp(name: str) -> int:
    """The milliseconds in a run's name; 0 where there are none."""
    match = _STAMP.match(name)
    if match is None:
        return 0
    began = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return int(began.timestamp()) * 1000 + int(match[2])


def run_time(file: Path, lines: list[RunLine | None]) -> int:
    """A run's time in milliseconds: that of its name, or just after ``Line.after``."""
    at = stamp(file.name)
    first = lines[0] if lines else None
    return max(at, stamp(first.after) + 1) if first and first.after else at


def places(runs: Mapping[str, int], sealings: Iterable[Sealing]) -> dict[str, int]:
    """A number for each run (``runs/…`` → its time), by which all are sorted."""
    found: dict[str, int] = {}
    jumps = before = 0
    for sealing in sealings:
        jumps += sealing.time < before
        before, late = sealing.time, 0
        here = (name for name in sealing.files if name in runs and name not in found)
        for name in sorted(here, key=lambda name: (runs[name], name)):
            late += runs[name] > sealing.time
            at = min(runs[name], sealing.time + late)
            found[name] = jumps * _AFTER_A_JUMP + at
    return {name: jumps * _AFTER_A_JUMP + at for name, at in runs.items()} | found


_MANY = 1000


def update_index(database: sqlite3.Connection, folder: Path, aside: Path | None = None) -> None:
    """Bring the index of a ledger up to what is on the disk, in one transaction.

    ``aside``: a second folder of runs; where both have one, the first has it.

    :raises LedgerError: for a run file that does not parse.
    """
    with database:
        rows = database.execute("SELECT path, size, mtime FROM runs")
        known = {path: rest for path, *rest in rows}
        beside = {} if aside is None else dict(run_files(aside / "runs"))
        own = dict(run_files(folder / "runs"))
        there = {path: [stat.st_size, stat.st_mtime_ns] for path, stat in (beside | own).items()}
        gone = [path for path in known if known[path] != there.get(path)]
        keys = (named_keys(folder),)
        others_keys = database.execute("SELECT digest FROM keys").fetchone() not in (keys, None)
        if len(gone) > 1 + len(known) // 4 or others_keys:
            database.execute("DELETE FROM seen")
            for table in ("unread", "asked", "runs"):
                database.execute(f"DELETE FROM {table}")  # noqa: S608  # constant
            known = {}
        for path in gone if known else ():
            which = "(SELECT id FROM runs WHERE path = ?)"
            for table in ("seen", "unread"):
                database.execute(f"DELETE FROM {table} WHERE run = {which}", (path,))  # noqa: S608  # constant
            database.execute("DELETE FROM runs WHERE path = ?", (path,))
        names: dict[str, int] = dict(database.execute("SELECT text, id FROM names"))
        new = sorted(path for path in there if known.get(path) != there[path])
        makers = Makers(folder) if new else None
        buried = {base: Buried(base) for base in (folder, aside) if base is not None}
        for path in new:
            base = folder if path in own or aside is None else aside
            others = base is folder and makers is not None and makers.others(f"runs/{path}")
            file, about = base / "runs" / path, (path, *there[path])
            _add(database, file, about, names, buried[base], others=others)
        take_in_batches(database, folder, aside, anew=others_keys)
        database.execute("DELETE FROM keys")
        database.execute("INSERT INTO keys VALUES(?)", keys)
        seal = (digest(newest(folder)[1]),)
        if new or gone or database.execute("SELECT head FROM sealed").fetchone() != seal:
            database.execute("DELETE FROM sealed")
            database.execute("INSERT INTO sealed VALUES(?)", seal)
            _place(database, folder)
    if len(new) > max(len(known), _MANY):
        with contextlib.suppress(sqlite3.Error):  # a matter of speed alone
            database.execute("VACUUM")  # runs came in by time, and are read by question


def _place(database: sqlite3.Connection, folder: Path) -> None:
    """Give the runs their order: most have it already."""
    runs = database.execute("SELECT 'runs/' || path, named, at, id FROM runs").fetchall()
    stands = places({name: time for name, time, _, _ in runs}, sealings(folder))
    moved = [(stands[name], run) for name, _, at, run in runs if stands[name] != at]
    database.executemany("UPDATE runs SET at = ? WHERE id = ?", moved)
    database.executemany("UPDATE seen SET at = ? WHERE run = ?", moved)


def _add(  # noqa: PLR0913  # what one run is taken in with
    database: sqlite3.Connection,
    file: Path,
    known: tuple[object, ...],
    names: dict[str, int],
    buried: Buried,
    *,
    others: bool,
) -> None:
    lines, unread = lines_of(file, buried)

    def name(text: str | None) -> int | None:
        if text is None:
            return None
        number = names.get(text)
        if number is None:
            number = names[text] = len(names) + 1
            database.execute("INSERT INTO names VALUES(?, ?)", (number, text))
        return number

    asked: set[tuple[int | None, ...]] = set()

    def cites(line: RunLine) -> int | None:
        if not line.cited:
            return None
        number = name("\n".join(line.cited))
        asked.update((name(place), name(line.digest), number) for place in line.cited)
        return number

    at = run_time(file, lines)
    run = database.execute(
        "INSERT INTO runs(path, size, mtime, named, at) VALUES(?, ?, ?, ?, ?)",
        (*known, at, at),
    ).lastrowid
    database.executemany(
        "INSERT OR REPLACE INTO seen VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                name(line.digest),
                at,
                run,
                number,
                round(line.start.timestamp() * 1000),
                OUTCOMES.index(line.outcome),
                name(line.failure.name if line.failure else None),
                name(line.facts),
                name(line.raw),
                int(line.shown),
                name(f"{OTHERS if others else ''}{_history(line)}"),
                cites(line),
            )
            for number, line in enumerate(lines, 1)
            if line is not None
        ],
    )
    database.executemany("INSERT OR IGNORE INTO asked VALUES(?, ?, ?)", asked)
    database.executemany(
        "INSERT INTO unread VALUES(?, ?, ?, ?, ?)",
        [
            (run, line, why, name(known.digest) if known.digest else None, _ms(known.start))
            for line, why, known in unread
        ],
    )


def _history(line: RunLine) -> str:
    """In whose history a line is; what others report of a citation is in the author's own."""
    engine = "" if line.outcome is Outcome.CITED else line.vantage.engine
    return history_of(line.vantage.name, engine)


def _ms(start: datetime | None) -> int | None:
    return None if start is None else round(start.timestamp() * 1000)
