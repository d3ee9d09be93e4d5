"""Evidence for other programs: which observations are wanted, and each as one row of columns.

The columns are those of ``ExportRow``; docs/guide/format.md says what stands in each.
"""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import msgspec

from sotokara.core.canonical import canonical
from sotokara.core.cells import cell, plain_json
from sotokara.core.observation import Observation, Outcome
from sotokara.kinds import KINDS
from sotokara.ledger import Ledger, LedgerError, RunLine
from sotokara.ledger.index import IndexEntry

VERSION = 1
"""Of the columns: it rises when one changes its meaning or goes, not when one is added."""


class ExportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One observation. Times are UTC (ISO 8601), ``duration`` is in seconds."""

    id: str
    origin: str
    """``measured``, ``reported``, ``transcript`` or ``cited``."""
    others: bool
    places: list[str]
    kind: str
    kind_version: int
    target: str | None
    options: dict[str, Any]
    question: str
    start: str | None
    """None of a transcript: nobody here has seen it begin."""
    stated: str | None
    """Of a transcript: its time as its author gives it."""
    source: str | None
    duration: float | None
    vantage: str | None
    software: str
    engine: str | None
    network: str | None
    country: str | None
    city: str | None
    outcome: str | None
    failure: str | None
    failure_step: str | None
    failure_detail: str | None
    facts: dict[str, Any] | None
    volatile: dict[str, Any]
    facts_sha256: str | None
    raw_sha256: str | None


class NeverAskedError(LookupError):
    """Nothing was observed under a name; a definition that is new may have it all the same."""


class TimeSpan(msgspec.Struct, frozen=True):
    """From one moment until just before another; open where there is none."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, line: RunLine) -> bool:
        """Whether an observation began in it; an undated transcript is in none that has an end."""
        if self.since is None and self.until is None:
            return True
        if _is_transcript(line) and not line.volatile.get("observed"):
            return False
        after = self.since is None or line.start >= self.since
        return after and (self.until is None or line.start < self.until)


def select(ledger: Ledger, what: str | None, span: TimeSpan) -> Iterator[RunLine]:
    """The observations of a page, of a place (``page#id``), of an id, or all; in the log's order.

    :raises NeverAskedError: when nothing has that name.
    :raises LookupError: when several pages have it.
    :raises LedgerError: when a run cannot be read.
    """
    if what and (found := ledger.find(what)):
        return iter([found] if span.has(found) else [])
    names = _names(ledger, what) if what else None
    return _lines(ledger, ledger.index.every(), names, span)


def _lines(
    ledger: Ledger, entries: list[IndexEntry], names: set[str] | None, span: TimeSpan
) -> Iterator[RunLine]:
    for entry in entries:
        line = ledger.line(entry)
        if (names is None or not names.isdisjoint(line.cited)) and span.has(line):
            yield line


def _names(ledger: Ledger, what: str) -> set[str]:
    """The places of today and of before that a name means: a page's, or one of it."""
    known = ledger.index.places()
    page, _, place = what.partition("#")
    pages = {one.partition("#")[0] for one in (*known, *(move.new for move in ledger.moves))}
    meant = {one for one in pages if page == one}
    meant = meant or {one for one in pages if page in short_names(one)}
    if len(meant) > 1:
        message = f"{what}: that is {' and '.join(sorted(meant))}; write the whole path"
        raise LookupError(message)
    wanted = "".join(meant) + (f"#{place}" if place else "")
    every = {one.name for one in ledger.places(wanted)}
    found = {one for one in known if one in every or (not place and one.partition("#")[0] in every)}
    for one in () if place else sorted(found):
        found |= {former.name for former in ledger.places(one)}
    if not found & known:
        message = f"{what}: never asked; it should be page.md, page.md#id or an observation's id"
        raise NeverAskedError(message)
    return found


def short_names(page: str) -> tuple[str, str, str]:
    """By what a page may be called where no other has the same name."""
    path = PurePosixPath(page)
    return path.stem, path.name, path.with_suffix("").as_posix()


class ExportRows:
    """The rows of observations; ``unread`` counts those whose facts cannot be read, by reason."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[tuple[str, int, str], dict[str, Any] | None] = {}
        self.unread: dict[str, str] = {}

    def row(self, line: RunLine) -> ExportRow:
        """The row of an observation; where its facts cannot be read, the row says so."""
        key = (line.digest, line.version, line.facts or "")
        if not line.raw and key in self._known:
            return _row(line, line.outcome, _failure(line), self._known[key])
        try:
            seen = self._ledger.observation(line)
        except LedgerError as error:
            self.unread[line.id] = str(error)
            failure = ("evidence_unreadable", "evidence", str(error))
            return _row(line, Outcome.NOT_MEASURED, failure, None)
        if line.id in self._ledger.unread:
            self.unread[line.id] = self._ledger.unread[line.id]
            return _row(line, seen.outcome, _failure(seen), None)
        facts = msgspec.to_builtins(seen.facts)
        kind = KINDS.get(line.kind)
        if line.facts and kind and line.version == kind.version:
            self._known[key] = facts
        return _row(line, seen.outcome, _failure(seen), facts)


_Failure = tuple[str | None, str | None, str | None]


def _row(
    line: RunLine, outcome: Outcome, failure: _Failure, facts: dict[str, Any] | None
) -> ExportRow:
    transcript, vantage = _is_transcript(line), line.vantage
    origin = "reported" if vantage.reported else "measured"
    if transcript:
        origin = "transcript"
    elif line.outcome is Outcome.CITED:
        origin = "cited"
    target = line.definition.get(line.kind)
    name, step, detail = failure
    stated, source = (_text(line.volatile.get(one)) for one in ("observed", "source"))
    return ExportRow(
        id=line.id,
        origin=origin,
        others=line.origin == "others",
        places=line.cited,
        kind=line.kind,
        kind_version=line.version,
        target=_text(target),
        options={key: one for key, one in line.definition.items() if key != line.kind},
        question=line.digest,
        start=None if transcript else utc(line.start),
        stated=stated if transcript else None,
        source=source if transcript else None,
        duration=None if transcript else line.duration,
        vantage=None if transcript else vantage.name,
        software=vantage.software,
        engine=vantage.engine or None,
        network=vantage.network or None,
        country=vantage.country or None,
        city=vantage.city or None,
        outcome=None if outcome is Outcome.CITED else outcome.value,
        failure=name,
        failure_step=step,
        failure_detail=detail,
        facts=facts,
        volatile=line.volatile,
        facts_sha256=line.facts,
        raw_sha256=line.raw,
    )


def utc(when: datetime) -> str:
    """A time as ``2026-11-28T06:40:28.185Z``."""
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_transcript(line: RunLine) -> bool:
    return "transcript" in (line.origin, line.vantage.name)  # others' have the origin "others"


def _failure(seen: Observation | RunLine) -> _Failure:
    failure = seen.failure
    if failure is None:
        return None, None, None
    return failure.name, failure.step or None, failure.detail or None


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


# The three forms of exported evidence: CSV for people, JSON Lines and SQLite for programs.

_PLAIN = [name for name in ExportRow.__struct_fields__ if name != "facts"]
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = {bool: "boolean", int: "integer", float: "real", str: "text", type(None): "null"}
_SQLITE = {"others": "INTEGER", "kind_version": "INTEGER", "duration": "REAL"}
_SCHEMA = """
CREATE TABLE observations(number INTEGER PRIMARY KEY, {}, reading INTEGER);
CREATE TABLE places(observation INTEGER NOT NULL REFERENCES observations(number),
  place TEXT NOT NULL, PRIMARY KEY(observation, place)) WITHOUT ROWID;
CREATE TABLE facts(reading INTEGER NOT NULL, path TEXT NOT NULL, type TEXT NOT NULL, value,
  PRIMARY KEY(reading, path)) WITHOUT ROWID;
CREATE VIEW observed_facts AS SELECT observations.id, origin, kind, target, start, vantage, path,
  type, value FROM observations JOIN facts USING(reading);
PRAGMA user_version = {};
"""


def write_csv(file: BinaryIO, kinds: Sequence[str], rows: Iterable[ExportRow]) -> int:
    """A row for each observation, a column for each field of the facts of ``kinds``; how many."""
    fields = {
        kind.name: kind.facts.__struct_fields__ for kind in KINDS.values() if kind.name in kinds
    }
    text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(
        [*_PLAIN, *(f"{kind}.{name}" for kind, names in fields.items() for name in names)]
    )
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007  # it is what is returned
        values = [getattr(row, name) for name in _PLAIN]
        for kind, names in fields.items():
            own = (row.facts or {}) if row.kind == kind else {}
            values += [own.get(name) for name in names]
        writer.writerow(map(_cell, values))
    text.detach()
    return count


def write_jsonl(file: BinaryIO, rows: Iterable[ExportRow]) -> int:
    """A JSON object in each line; how many."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        whole = {"v": VERSION, **msgspec.structs.asdict(row)}
        file.write(plain_json(whole).encode() + b"\n")
    return count


def write_sqlite(path: Path, rows: Iterable[ExportRow]) -> int:
    """A database in a file that is there and empty; how many observations.

    :raises sqlite3.Error: when the disk has no place for it.
    """
    names = [name for name in _PLAIN if name != "places"]
    columns = ", ".join(f"{name} {_SQLITE.get(name, 'TEXT')}" for name in names)
    columns = columns.replace("id TEXT", "id TEXT NOT NULL UNIQUE", 1)
    marks = ",".join("?" * (len(names) + 2))
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode = OFF")  # a file that is not whole is removed
        database.executescript(_SCHEMA.format(columns, VERSION))
        known: dict[bytes, int] = {}
        number = 0
        for number, row in enumerate(rows, 1):
            reading = None
            if row.facts is not None:
                written = canonical(row.facts)
                if written not in known:
                    known[written] = len(known) + 1
                    leaves = ((known[written], *leaf) for leaf in _leaves("", row.facts))
                    database.executemany("INSERT INTO facts VALUES (?,?,?,?)", leaves)
                reading = known[written]
            values = [number, *(_value(getattr(row, name)) for name in names), reading]
            database.execute(f"INSERT INTO observations VALUES ({marks})", values)  # noqa: S608
            places = ((number, _value(one)) for one in dict.fromkeys(row.places))
            database.executemany("INSERT INTO places VALUES (?,?)", places)
        database.commit()
    finally:
        database.close()
    return number


def _leaves(path: str, value: Any) -> Iterator[tuple[Any, str, Any]]:  # noqa: ANN401
    """Each value with the way to it and its type; also what is empty."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _leaves(_step(path, key), one)
    elif isinstance(value, list) and value:
        for number, one in enumerate(value):
            yield from _leaves(f"{path}[{number}]", one)
    elif isinstance(value, (dict, list)):
        yield _value(path), "list" if isinstance(value, list) else "object", None
    else:
        yield _value(path), _WORDS[type(value)], _value(value)


def _step(path: str, key: str) -> str:
    if not _NAME.fullmatch(key):
        return f"{path}[{json.dumps(key)}]"
    return f"{path}.{key}" if path else key


def _value(value: Any) -> Any:  # noqa: ANN401  # what SQLite can hold
    """Text in which nothing ends at a NUL; numbers as far as 64 bits go, longer ones as text."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else str(value)
    if isinstance(value, (dict, list)):
        value = plain_json(value)
    if isinstance(value, str):
        return value.replace("\0", "⟨U+0000⟩").encode("utf-8", "backslashreplace").decode()
    return value


def _cell(value: Any) -> str:  # noqa: ANN401  # plain JSON
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return cell(plain_json(value))
    return cell(value) if isinstance(value, str) else str(value)
