"""Tombstones: what was redacted, as ``tombstones/NNNNNN.json`` says it."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from sotokara.core.canonical import NO_JSON, digest
from sotokara.ledger.verify import (
    Chain,
    Folder,
    Stone,
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
        except (*NO_JSON, OSError):
            continue


class Buried:
    """What sealed tombstones have made of a ledger's runs; seals and stones are read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _sealed(self) -> tuple[Chain, dict[str, Stone]]:
        return stones_of(self._folder)

    @cached_property
    def _named(self) -> set[str]:
        return {name for stone in stones(self._folder) for name in stone.runs}

    def redacted(self, name: str, content: bytes) -> bool:
        """Whether a run, whose name is not its hash, is what they have made of it."""
        if name not in self._named:
            return False
        chain, every = self._sealed
        stone = every.get(name)
        if stone is None:
            return chain.files.get(name, ("", 0))[0] == digest(content)
        try:
            return root_of(run_leaves(name, content, stone)) == chain.files[name][0]
        except ValueError:
            return False


def stones_of(folder: Path) -> tuple[Chain, dict[str, Stone]]:
    """The seals, and what tombstones say of each file; `verify` names what is wrong with them."""
    source = Folder(str(folder))
    seals = [one for one in (folder / "seals").glob("*") if one.is_file() and not one.is_symlink()]
    chain = read_chain(source, [f"seals/{one.name}" for one in seals], lambda *_: None)
    if not any((folder / "tombstones").glob("*.json")):
        return chain, {}
    return chain, bury(source, set(source.names()), chain, lambda *_: None)


def redacted_lines(folder: Path) -> set[str]:
    """The ids of the observations that sealed tombstones say were redacted.

    What was masked in their facts and in their raw was masked apart: an address is four zeros in
    the bytes of an answer, and ``xxx.x.x.xx`` in text.
    """
    every = stones_of(folder)[1].items()
    return {f"{Path(path).stem}-{number}" for path, stone in every for number in stone.lines}


def given_up(folder: Path) -> set[str]:
    """The files that a sealed tombstone says are lost."""
    return {path for path, one in stones_of(folder)[1].items() if one.gone}
