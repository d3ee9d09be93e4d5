"""Tombstones: what was redacted, as ``tombstones/NNNNNN.json`` says it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from sotokara.core.canonical import digest
from sotokara.ledger.verify import (
    Folder,
    bury,
    is_evidence,
    read_chain,
    root_of,
    run_leaves,
)


class Tombstone(msgspec.Struct, frozen=True):
    """One tombstone; ``runs`` by their files' names."""

    date: str
    by: str
    reason: str
    runs: dict[str, Any]
    gone: list[str] = []
    """Files that are lost."""


def stones(folder: Path) -> Iterator[Tombstone]:
    """Every tombstone that can be read, the first one first; ``verify`` names the others."""
    for path in sorted((folder / "tombstones").glob("*.json")):
        if path.is_symlink() or not is_evidence(f"tombstones/{path.name}"):
            continue
        try:
            yield msgspec.json.decode(path.read_bytes(), type=Tombstone)
        except (msgspec.DecodeError, RecursionError, OSError):
            continue


def redacted(folder: Path, name: str, content: bytes) -> bool:
    """Whether a run is what sealed tombstones have made of it."""
    source = Folder(str(folder))
    names = set(source.names())
    chain = read_chain(source, names, lambda *_: None)
    stone = bury(source, names, chain, lambda *_: None).get(name)
    if stone is None:
        return chain.files.get(name, ("", 0))[0] == digest(content)
    try:
        return root_of(run_leaves(name, content, stone)) == chain.files[name][0]
    except ValueError:
        return False


def redacted_lines(folder: Path) -> set[str]:
    """The ids of the observations that sealed tombstones say were redacted.

    What was masked in their facts and in their raw was masked apart: an address is four zeros in
    the bytes of an answer, and ``xxx.x.x.xx`` in text.
    """
    source = Folder(str(folder))
    names = set(source.names())
    chain = read_chain(source, names, lambda *_: None)
    stones = bury(source, names, chain, lambda *_: None)
    return {
        f"{Path(path).stem}-{number}" for path, stone in stones.items() for number in stone.lines
    }


def given_up(folder: Path) -> set[str]:
    """The files that a sealed tombstone says are lost."""
    source = Folder(str(folder))
    names = set(source.names())
    chain = read_chain(source, names, lambda *_: None)
    stones = bury(source, names, chain, lambda *_: None)
    return {path for path, one in stones.items() if one.gone}
