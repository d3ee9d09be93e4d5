"""Verifying and redacting the rows of batches: what takes more than the reader's one file."""

from collections.abc import Iterator
from pathlib import Path

from sotokara.core.extras import MissingExtraError
from sotokara.ledger.batch_parquet import Source
from sotokara.ledger.batch_rows import counted, entry, leaf, leaf_entry, salts
from sotokara.ledger.batches import Kept, batch_path, names, read_manifest
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.verify import (
    Chain,
    Finding,
    Folder,
    Stone,
    Tree,
    bury,
    read_chain,
    sha,
)


def stones_of(folder: Path) -> tuple[Chain, dict[str, Stone]]:
    """The seals, and what tombstones say of each file; `verify` names what is wrong with them."""

    def passed(*_: str) -> None:
        """`verify` says it."""

    source = Folder(str(folder))
    there = set(source.names())
    chain = read_chain(source, there, passed)
    return chain, bury(source, there, chain, passed)


def leaves_of(folder: Path, kept: Kept, wanted: int = 0) -> tuple[list[bytes], bytes | None]:
    """The leaves of a batch, and the entry of the row of a number; None where it was redacted.

    :raises LedgerError: when its rows cannot be read.
    :raises MissingExtraError: without the extra ``bulk``.
    """
    nodes: list[bytes] = []
    own: bytes | None = None
    stone = stones_of(folder)[1].get(f"{kept.path}.parquet", Stone({}))
    for number, salt, content in _entries(folder, kept):
        if number in stone.lines:
            nodes.append(bytes.fromhex(stone.lines[number][0]))
            continue
        nodes.append(leaf(salt, kept.manifest.name, number, content))
        if number == wanted:
            own = leaf_entry(salt, kept.manifest.name, number, content)
    return nodes, own


def _entries(folder: Path, kept: Kept) -> Iterator[tuple[int, bytes, bytes]]:
    source = Source(folder / f"{kept.path}.parquet")
    number = 0
    try:
        for group, left in source.groups():
            made = salts(source.salt, number + 1, len(group)) if source.salt else iter(left)
            for row, salt in zip(group, made, strict=True):
                number += 1
                yield number, salt or b"", entry(row)
    finally:
        source.close()


def check_rows(folder: Path) -> Iterator[Finding]:
    """What is wrong in the rows of all batches: read whole, held against what was sealed.

    Without the extra ``bulk``, that they were not read.
    """
    found = sorted({name.removesuffix(".json") for name in names(folder)})
    stones = stones_of(folder)[1] if found else {}
    for path in found:
        rows = f"{path}.parquet"
        try:
            kept = Kept(path, read_manifest(folder / f"{path}.json"))
            if not (folder / rows).is_file():
                continue
            wrong = _wrong_in(folder, kept, stones.get(rows, Stone({})))
        except MissingExtraError as missing:
            yield Finding("unread", "batches", f"their rows were not read: {missing}")
            return
        except LedgerError as error:
            yield Finding("altered", rows, str(error))
            continue
        if wrong:
            yield Finding("altered", rows, wrong)


def _wrong_in(folder: Path, kept: Kept, stone: Stone) -> str:
    """What is wrong in a batch's rows; empty where nothing is."""
    tree, told = Tree(), kept.manifest
    outcomes: dict[str, int] = {}
    source = Source(folder / f"{kept.path}.parquet")
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


def of_id(name: str) -> str:
    """The path of the batch that a row's id names, without a suffix."""
    return batch_path(name.rpartition("-")[0])
