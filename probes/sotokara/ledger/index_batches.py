"""What the derived index has of batches: which question each answers, from where, since when.

It is read from what stands beside each batch, and never from rows, which may be in a store.
"""

import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Vantage
from sotokara.ledger.batch_rows import FORMAT
from sotokara.ledger.makers import OTHERS, Makers
from sotokara.ledger.verify import is_batch

SCHEMA = """
CREATE TABLE batches(path TEXT PRIMARY KEY, size INT, mtime INT, question TEXT, start INT,
  rows INT, vantage TEXT) WITHOUT ROWID;
"""


class _IndexedBatches(msgspec.Struct):
    """Of what stands beside a batch, what the index has."""

    v: int
    digest: str
    first: datetime
    rows: int
    vantage: Vantage


def take_in_batches(
    database: sqlite3.Connection, folder: Path, aside: Path | None, *, anew: bool
) -> None:
    """Bring the batches of the index up to what is on the disk; ``anew``: all of them.

    What cannot be read is not in it: whoever asks for it reads it, and says why.
    """
    if anew:
        database.execute("DELETE FROM batches")
    known = {
        path: rest for path, *rest in database.execute("SELECT path, size, mtime FROM batches")
    }
    there = {
        path: (base, [stat.st_size, stat.st_mtime_ns])
        for base in (aside, folder)
        if base is not None
        for path, stat in _beside(base)
    }
    for path, about in known.items():
        if path not in there or there[path][1] != about:
            database.execute("DELETE FROM batches WHERE path = ?", (path,))
    new = [path for path, (_, about) in there.items() if known.get(path) != about]
    makers = Makers(folder) if new and (folder / "signers").is_file() else None
    for path in new:
        base, about = there[path]
        try:
            told = msgspec.json.decode((base / f"{path}.json").read_bytes(), type=_IndexedBatches)
        except (*NO_JSON, OSError):
            continue
        if told.v > FORMAT:
            continue
        others = base is folder and makers is not None and makers.others(f"{path}.parquet")
        vantage = f"{OTHERS if others else ''}{told.vantage.name}"
        database.execute(
            "INSERT INTO batches VALUES(?, ?, ?, ?, ?, ?, ?)",
            (path, *about, told.digest, round(told.first.timestamp() * 1000), told.rows, vantage),
        )


def _beside(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """The path of every batch, without a suffix, and the size and time of what is beside it."""
    for path in folder.glob("batches/*/*/*/*.json"):
        name = path.relative_to(folder).as_posix()
        if is_batch(name) and not path.is_symlink():
            yield name.removesuffix(".json"), path.stat()
