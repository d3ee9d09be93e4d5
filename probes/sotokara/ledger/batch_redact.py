"""Redaction in batches: rows that hold a hidden word are written anew, or go whole.

The others keep their salts, one by one, and so prove themselves; the batch's own salt goes, for it
would confirm guesses. What stands beside the batch is sealed and stays: it holds no row.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from sotokara.core.canonical import canonical
from sotokara.core.observation import Failure, Outcome
from sotokara.ledger.batch_parquet import Sink, Source
from sotokara.ledger.batch_rows import BatchRow, entry, leaf, pack_exchange, salts, unpacked
from sotokara.ledger.batches import StoredBatch, names, read_manifest
from sotokara.ledger.disk import hash_of
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.store import Store, rows_file
from sotokara.ledger.tombstones import stones_of
from sotokara.ledger.verify import Stone, sha
from sotokara.masking.redaction import Redactor

Change = Callable[[str, int, BatchRow], BatchRow]
"""A batch's name, a row's number and the row → the row as it may stay."""


class Rewritten(NamedTuple):
    """A batch that was written anew under a passing name, and what the tombstone says of it."""

    path: str
    torn: Path
    said: dict[str, Any]

    @property
    def rows(self) -> list[int]:
        """The numbers of the rows that changed."""
        return sorted(map(int, self.said["rows"]))


def masking_change(redactor: Redactor, masked: Callable[[Any, Redactor], Any]) -> Change:
    """Mask what is hidden, in every cell. ``masked``: of plain JSON."""

    def change(_path: str, _number: int, row: BatchRow) -> BatchRow:
        before = tuple(map(unpacked, row.exchanges))
        exchanges = tuple(map(redactor.exchange, before))
        found = msgspec.structs.replace(
            row,
            name=redactor.text(row.name),
            options=redactor.text(row.options) if row.options else "",
            failure=redactor.failure(row.failure),
            facts=_again(row.facts, redactor, masked),
            volatile=_again(row.volatile, redactor, masked),
            exchanges=row.exchanges
            if exchanges == before
            else tuple(map(pack_exchange, exchanges)),
        )
        return row if found == row else found

    return change


def _again(content: bytes, redactor: Redactor, masked: Callable[[Any, Redactor], Any]) -> bytes:
    if not content:
        return b""
    plain = msgspec.json.decode(content)
    new = masked(plain, redactor)
    return content if new == plain else canonical(new)


def withdraws(ids: frozenset[str], places: Callable[[str], bool], cited: list[str]) -> Change:
    """Take rows out whole, by their ids, or all rows where their definition's place goes."""
    every = bool(cited) and all(map(places, cited))

    def change(path: str, number: int, row: BatchRow) -> BatchRow:
        if not every and f"{path.rpartition('/')[2]}-{number}" not in ids:
            return row
        gone = BatchRow("", row.start, 0, Outcome.NOT_MEASURED.value, Failure("withdrawn"))
        return row if row == gone else gone

    return change


def rewritten(
    folder: Path, change: Callable[[StoredBatch], Change], store: Store | None = None
) -> Iterator[Rewritten]:
    """Every batch that has rows to change, written anew in the ledger, beside the old one.

    What was in the store is to be put there again (`put_away`), in the place of the old one.

    :raises StoreError: when a store with rows cannot be read: who knows what they hold?
    :raises LedgerError: when one cannot be read, or what stands beside it would have to change.
    :raises MissingExtraError: where there are batches, and not the extra ``bulk``.
    """
    _, stones = stones_of(folder)
    for name in names(folder):
        path = name.removesuffix(".json")
        kept = StoredBatch(path, read_manifest(folder / name))
        stone = stones.get(f"{path}.parquet", Stone({}))
        rows = rows_file(folder, path, kept.manifest, store, stone)
        if rows.is_file():
            found = _rewrite(folder / f"{path}.parquet", (rows, kept), change(kept), stone)
            if found is not None:
                yield found


def drop_batches(folder: Path, change: Change) -> int:
    """Remove the batches of a draft that have rows to change: the next build measures them anew.

    :raises LedgerError: when one cannot be read.
    """
    found = 0
    for name in names(folder):
        path = name.removesuffix(".json")
        kept = StoredBatch(path, read_manifest(folder / name))
        source = Source(folder / f"{path}.parquet")
        try:
            changes = _changes(source, kept, change)
        finally:
            source.close()
        if changes:
            found += 1
            for suffix in (".json", ".sig", ".parquet"):
                (folder / f"{path}{suffix}").unlink(missing_ok=True)
    return found


def refuse_beside(folder: Path, redactor: Redactor) -> None:
    """:raises LedgerError: where what stands beside a batch holds a word: it is sealed.

    And where a build was stopped in a batch: its parts are no evidence yet, and may hold it.
    """
    for part in folder.glob("batches/*/*/*/*-head.part"):
        message = f"{part}: a build was stopped in this batch; build once, then redact"
        raise LedgerError(message)
    for name in names(folder):
        content = (folder / name).read_bytes()
        if redactor.mask(content) != content or redactor.text(name) != name:
            message = (
                f"{folder / name}: what the rows of a batch have in common holds what is to go; "
                "withdraw the batch: `sotokara redact --whole` with its article's page.md#id"
            )
            raise LedgerError(message)


def _rewrite(
    path: Path, had: tuple[Path, StoredBatch], change: Change, stone: Stone
) -> Rewritten | None:
    """``path``: where its rows are in the ledger; ``had``: where they are read from."""
    rows_from, kept = had
    source = Source(rows_from)
    said: dict[str, list[str]] = {}
    torn = path.with_name(f"{path.name}.part")
    try:
        if not _changes(source, kept, change):
            return None
        sink = Sink(torn, "", cleared=True)
        number = 0
        try:
            for group, left in source.groups():
                made = salts(source.salt, number + 1, len(group)) if source.salt else iter(left)
                rows: list[BatchRow] = []
                own: list[bytes | None] = []
                for row, salt in zip(group, made, strict=True):
                    number += 1
                    new = change(kept.path, number, row)
                    gone = number in stone.lines
                    if new is not row:
                        was = leaf(salt or b"", kept.manifest.name, number, entry(row)).hex()
                        was = stone.lines[number][0] if gone else was
                        said[str(number)] = [was, sha(entry(new))]
                    rows.append(new)
                    own.append(None if gone or new is not row else salt)
                sink.write(rows, own)
        finally:
            sink.close()
    except BaseException:
        with contextlib.suppress(OSError):
            torn.unlink(missing_ok=True)
        raise
    finally:
        source.close()
    hashed, _ = hash_of(torn)
    return Rewritten(f"{kept.path}.parquet", torn, {"rows": said, "sha256": hashed})


def _changes(source: Source, kept: StoredBatch, change: Change) -> bool:
    number = 0
    for group, _ in source.groups():
        for row in group:
            number += 1
            if change(kept.path, number, row) is not row:
                return True
    return False
