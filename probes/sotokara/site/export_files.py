"""The three forms of exported evidence: CSV for people, JSON Lines and SQLite for programs."""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from sotokara.core.canonical import canonical
from sotokara.core.cells import cell, plain_json
from sotokara.kinds import KINDS
from sotokara.site.export import VERSION, ExportRow

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
