"""What the derived index takes in: run files that are new or changed, and their order."""

import contextlib
import sqlite3
from pathlib import Path

from probes.canonical import digest
from probes.ledger.order import named, places
from probes.ledger.scan import OUTCOMES, run_files, short_lines
from probes.ledger.seals import newest, sealings

_MANY = 1000


def take_in(database: sqlite3.Connection, folder: Path) -> None:
    """Bring the index of a ledger up to what is on the disk, in one transaction.

    :raises LedgerError: for a run file that does not parse.
    """
    runs = folder / "runs"
    with database:
        rows = database.execute("SELECT path, size, mtime FROM runs")
        known = {path: rest for path, *rest in rows}
        there = {path: [stat.st_size, stat.st_mtime_ns] for path, stat in run_files(runs)}
        gone = [path for path in known if known[path] != there.get(path)]
        if len(gone) > 1 + len(known) // 4:
            database.execute("DELETE FROM seen")
            database.execute("DELETE FROM runs")
            known = {}
        for path in gone if known else ():
            which = "(SELECT id FROM runs WHERE path = ?)"
            database.execute(f"DELETE FROM seen WHERE run = {which}", (path,))  # noqa: S608  # constant
            database.execute("DELETE FROM runs WHERE path = ?", (path,))
        names: dict[str, int] = dict(database.execute("SELECT text, id FROM names"))
        new = sorted(path for path in there if known.get(path) != there[path])
        for path in new:
            _add(database, runs / path, (path, *there[path]), names)
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


def _add(
    database: sqlite3.Connection, file: Path, known: tuple[object, ...], names: dict[str, int]
) -> None:
    lines = short_lines(file)

    def name(text: str | None) -> int | None:
        if text is None:
            return None
        number = names.get(text)
        if number is None:
            number = names[text] = len(names) + 1
            database.execute("INSERT INTO names VALUES(?, ?)", (number, text))
        return number

    at = named(file, lines)
    run = database.execute(
        "INSERT INTO runs(path, size, mtime, named, at) VALUES(?, ?, ?, ?, ?)",
        (*known, at, at),
    ).lastrowid
    database.executemany(
        "INSERT OR REPLACE INTO seen VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                name(line.vantage.name),
            )
            for number, line in enumerate(lines, 1)
        ],
    )
