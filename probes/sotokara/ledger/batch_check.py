"""Verifying and redacting the rows of batches: what takes more than the reader's one file."""

from collections.abc import Iterator
from pathlib import Path

from sotokara.core.extras import MissingExtraError
from sotokara.ledger.batch_parquet import Source
from sotokara.ledger.batch_rows import counted, entry, leaf, leaf_entry, salts
from sotokara.ledger.batches import StoredBatch, names, read_manifest
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.store import AlteredError, Store, StoreError, rows_file
from sotokara.ledger.tombstones import stones_of
from sotokara.ledger.verify import Finding, Stone, Tree, sha


def leaves_of(
    folder: Path, kept: StoredBatch, wanted: int = 0, store: Store | None = None
) -> tuple[list[bytes], bytes | None]:
    """The leaves of a batch, and the entry of the row of a number; None where it was redacted.

    :raises LedgerError: when its rows cannot be read.
    :raises MissingExtraError: without the extra ``bulk``.
    """
    nodes: list[bytes] = []
    own: bytes | None = None
    stone = stones_of(folder)[1].get(f"{kept.path}.parquet", Stone({}))
    rows = rows_file(folder, kept.path, kept.manifest, store, stone)
    for number, salt, content in _entries(rows):
        if number in stone.lines:
            nodes.append(bytes.fromhex(stone.lines[number][0]))
            continue
        nodes.append(leaf(salt, kept.manifest.name, number, content))
        if number == wanted:
            own = leaf_entry(salt, kept.manifest.name, number, content)
    return nodes, own


def _entries(rows: Path) -> Iterator[tuple[int, bytes, bytes]]:
    source, number = Source(rows), 0
    try:
        for group, left in source.groups():
            made = salts(source.salt, number + 1, len(group)) if source.salt else iter(left)
            for row, salt in zip(group, made, strict=True):
                number += 1
                yield number, salt or b"", entry(row)
    finally:
        source.close()


def check_rows(folder: Path, store: Store | None = None) -> Iterator[Finding]:
    """What is wrong in the rows of all batches: read whole, held against what was sealed.

    Those that are kept beside the ledger are fetched anew. Where that cannot be, it is said of each
    batch, and it is nothing wrong with the evidence; where the store has another file, it is.
    Without the extra ``bulk``, that they were not read.
    """
    found = sorted({name.removesuffix(".json") for name in names(folder)})
    stones = stones_of(folder)[1] if found else {}
    for path in found:
        rows = f"{path}.parquet"
        try:
            kept = StoredBatch(path, read_manifest(folder / f"{path}.json"))
            stone = stones.get(rows, Stone({}))
            here = folder / rows
            if not here.is_file() and kept.manifest.address and not stone.gone:
                if store is None:
                    continue  # the hashes' verifier has said where they are
                here = store.rows(rows, stone.now or kept.manifest.sha256, fresh=True)
            if not here.is_file():
                continue
            wrong = _wrong_in(here, kept, stone)
        except MissingExtraError as missing:
            yield Finding("unread", "batches", f"their rows were not read: {missing}")
            return
        except AlteredError as error:
            yield Finding("altered", rows, str(error))
            continue
        except StoreError as error:
            yield Finding("away", rows, f"its rows were not read: {error}")
            continue
        except LedgerError as error:
            yield Finding("altered", rows, str(error))
            continue
        if wrong:
            yield Finding("altered", rows, wrong)


def _wrong_in(rows: Path, kept: StoredBatch, stone: Stone) -> str:
    """What is wrong in a batch's rows; empty where nothing is."""
    tree, told = Tree(), kept.manifest
    outcomes: dict[str, int] = {}
    source = Source(rows)
    number, before = 0, ""
    try:
        for group, left in source.groups():
            made = salts(source.salt, number + 1, len(group)) if source.salt else iter(left)
            nodes = []
            for row, salt in zip(group, made, strict=True):
                number += 1
                content = entry(row)
                if number in stone.lines:
                    was, since = stone.lines[number]
                    if sha(content) != since:
                        return f"row {number} is not what the tombstone says"
                    nodes.append(bytes.fromhex(was))
                    continue
                if row.sort_key < before:
                    return f"row {number} is out of order"
                before = row.sort_key
                nodes.append(leaf(salt or b"", told.name, number, content))
            tree.extend(nodes)
            for outcome, count in counted(group)[0].items():
                outcomes[outcome] = outcomes.get(outcome, 0) + count
    finally:
        source.close()
    if (number, tree.root()) != (told.rows, told.root):
        return "its rows do not give its root"
    if not stone.lines and outcomes != told.outcomes:
        return "its rows have other outcomes than what stands beside it says"
    return ""
