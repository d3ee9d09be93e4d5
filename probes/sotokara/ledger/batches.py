"""Batches as a ledger has them: their names, what stands beside each, and the rows in them.

``batches/YYYY/MM/DD/<UTC>-<vantage>-<hash8>.parquet`` has the rows, ``….json`` beside it says what
they have in common and what proves them. Without the extra ``bulk`` the latter can be read alone.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.hidden import hide_zeros
from sotokara.core.observation import Facts, Observation
from sotokara.kinds import KINDS
from sotokara.ledger.batch_parquet import Source
from sotokara.ledger.batch_rows import (
    FORMAT,
    Batched,
    BatchHead,
    BatchRow,
    Manifest,
    observation_of,
)
from sotokara.ledger.index import Index
from sotokara.ledger.lines import NEWER, LedgerError
from sotokara.ledger.makers import Makers
from sotokara.ledger.store import Store, rows_file
from sotokara.ledger.tombstones import stones_of
from sotokara.ledger.verify import Folder, Stone, batch_of, is_batch


class StoredBatch(NamedTuple):
    """A batch that is in the ledger: its path without a suffix, and what is said of it."""

    path: str
    manifest: Manifest
    others: bool = False
    """Nobody who speaks for its vantage has signed it."""

    @property
    def id(self) -> str:
        """Its name; a row's id is that and ``-<number>``."""
        return self.path.rpartition("/")[2]


@lru_cache(maxsize=4096)
def _manifest(path: Path, _size: int, _mtime: int) -> Manifest:
    content = path.read_bytes()
    try:
        found = msgspec.json.decode(content, type=Manifest)
    except NO_JSON as error:
        message = f"{path}: says nothing of a batch ({error}); restore it from git"
        raise LedgerError(message) from error
    if found.v > FORMAT:
        raise LedgerError(f"{path}: {NEWER}; update it to read this")
    return found


def read_manifest(path: Path) -> Manifest:
    """What stands beside a batch.

    :raises LedgerError: when it cannot be read.
    """
    try:
        about = path.stat()
        return _manifest(path, about.st_size, about.st_mtime_ns)
    except OSError as error:
        message = f"{path}: missing; restore it from git"
        raise LedgerError(message) from error


class Batches:
    """The batches of one ledger. ``aside``: those of the sandbox, which are no evidence."""

    def __init__(
        self,
        folder: Path,
        aside: Path | None = None,
        store: Store | None = None,
        index: Index | None = None,
    ) -> None:
        """``store``: where rows are kept beside the ledger; ``index``: what spares reading all."""
        self._index = index
        self._folders = [one for one in (folder, aside) if one is not None]
        self._store = store
        self._stones: dict[Path, dict[str, Stone]] = {}
        self.unread: dict[str, str] = {}
        """Those that cannot be read, and why."""

    def every(self, digest: str = "") -> Iterator[StoredBatch]:
        """All batches, or those of one definition, the first one first."""
        found: list[StoredBatch] = []
        known = self._index.batches() if self._index is not None and digest else {}
        for folder in self._folders:
            if not (folder / "batches").is_dir():
                continue
            makers = Makers(folder) if (folder / "signers").is_file() else None
            for path in sorted((folder / "batches").glob("*/*/*/*.json")):
                name = path.relative_to(folder).as_posix()
                if path.is_symlink() or not is_batch(name):
                    continue
                if known.get(name.removesuffix(".json"), digest) != digest:
                    continue  # another question's
                try:
                    manifest = read_manifest(path)
                except LedgerError as error:
                    self.unread[name] = str(error)
                    continue
                if digest in ("", manifest.digest):
                    stem = name.removesuffix(".json")
                    others = makers is not None and makers.others(f"{stem}.parquet")
                    found.append(StoredBatch(stem, manifest, others))
        yield from sorted(found, key=lambda one: one.path.rpartition("/")[2])

    def of(self, digest: str, shows: Callable[[str], bool]) -> list[StoredBatch]:
        """The batches of a definition from vantages that may stand for it; none of others'."""
        return [
            one for one in self.every(digest) if shows(one.manifest.vantage.name) and not one.others
        ]

    def file(self, kept: StoredBatch) -> Path:
        """The Parquet file of a batch, brought from its store where it is in one.

        :raises StoreError: where it cannot be had from there.
        """
        for folder in self._folders:
            path = folder / f"{kept.path}.parquet"
            if path.is_file():
                return path
        folder = self._folders[0]
        if not kept.manifest.address:
            return folder / f"{kept.path}.parquet"
        if folder not in self._stones:
            self._stones[folder] = stones_of(folder)[1]
        stone = self._stones[folder].get(f"{kept.path}.parquet", Stone({}))
        return rows_file(folder, kept.path, kept.manifest, self._store, stone)

    def find(self, name: str) -> tuple[StoredBatch, int] | None:
        """The batch, and the number of the row, that an id names; None where there is none."""
        stem, _, number = name.rpartition("-")
        path = batch_of(name)
        if path is None or not number.isdecimal():
            return None
        for folder in self._folders:
            if (folder / f"{path}.json").is_file():
                return StoredBatch(path, read_manifest(folder / f"{path}.json")), int(number)
        del stem
        return None

    def rows(self, kept: StoredBatch) -> Iterator[Batched]:
        """The rows of a batch with their numbers, a group at a time in memory.

        :raises LedgerError: when they cannot be read.
        :raises MissingExtraError: without the extra ``bulk``.
        """
        source = Source(self.file(kept))
        number = 0
        try:
            for group, _ in source.groups():
                for row in group:
                    number += 1
                    yield Batched(number, row)
        finally:
            source.close()

    def observation(self, name: str) -> Observation | None:
        """The observation with this id; None where no batch has it.

        :raises LedgerError: when it cannot be read.
        :raises MissingExtraError: without the extra ``bulk``.
        """
        found = self.find(name)
        if found is None:
            return None
        kept, number = found
        if not 0 < number <= kept.manifest.rows:
            return None
        source = Source(self.file(kept))
        try:
            row, _ = source.one(number)
        finally:
            source.close()
        return observation_of(kept.manifest, row, row_facts(kept.manifest, row), name)


def row_facts(head: BatchHead, row: BatchRow) -> Facts | None:
    """The facts of a row as today's kind reads them: from its raw, where an older version did.

    :raises LedgerError: when they are none of the kind's.
    """
    kind = KINDS.get(head.kind)
    if kind is None or head.version > kind.version:
        raise LedgerError(f"{head.kind} {head.version}: {NEWER}; update it to read this")
    if not row.facts:
        return None
    try:
        if head.version < kind.version:
            seen = observation_of(head, row, None)
            options = {key: one for key, one in seen.definition.items() if key != head.kind}
            question = msgspec.convert({"target": row.name, **options}, kind)
            again = hide_zeros(question.parse(seen.exchanges), seen.exchanges)
            if again.facts is not None:
                return again.facts
        return msgspec.json.decode(row.facts, type=kind.facts)
    except NO_JSON as error:
        message = f"{row.name[:100]!r}: no facts of {head.kind} ({error})"
        raise LedgerError(message) from error


def last_until(batches: list[StoredBatch], moment: datetime) -> StoredBatch | None:
    """The batch that was the newest at a time; the first one after it where there was none."""
    before = [one for one in batches if one.manifest.first <= moment]
    return before[-1] if before else next(iter(batches), None)


def names(folder: Path) -> list[str]:
    """The files of all batches of a ledger."""
    return sorted(filter(is_batch, Folder(str(folder)).names())) if folder.is_dir() else []
