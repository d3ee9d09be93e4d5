"""The derived index's SQLite file: opened, made anew where it is broken or of another version."""

import contextlib
import sqlite3
from pathlib import Path

VERSION = 4
_SCHEMA = """
CREATE TABLE runs(id INTEGER PRIMARY KEY, path TEXT UNIQUE, size INT, mtime INT, named INT, at INT);
CREATE TABLE sealed(head TEXT);
CREATE TABLE names(id INTEGER PRIMARY KEY, text TEXT UNIQUE);
CREATE TABLE seen(question INT, at INT, run INT, line INT, start INT, outcome INT, failure INT,
  facts INT, raw INT, shown INT, vantage INT, PRIMARY KEY(question, at, run, line)) WITHOUT ROWID;
CREATE INDEX of_run ON seen(run, line);
"""


def open_database(file: Path) -> sqlite3.Connection:
    """The database in this file; in memory where the disk has no place for it."""
    for again in (False, True):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            return connect(str(file))
        except sqlite3.DatabaseError:  # cut off, or no database
            with contextlib.suppress(OSError):
                if not again:
                    file.unlink()
        except OSError:
            break
    return connect(":memory:")  # a folder that cannot be written to: read all each time


def connect(name: str) -> sqlite3.Connection:
    """A connection with the index's tables.

    :raises sqlite3.DatabaseError: when the file is no database.
    """
    database = sqlite3.connect(name, timeout=60, check_same_thread=False)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = OFF")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version != VERSION:
        for (table,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type='table'"
        ).fetchall():
            database.execute(f"DROP TABLE {table}")
        database.executescript(f"{_SCHEMA} PRAGMA user_version = {VERSION};")
    return database
