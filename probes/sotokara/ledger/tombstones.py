"""Tombstones: what was redacted, as ``tombstones/NNNNNN.json`` says it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from sotokara.ledger.verify import is_evidence


class Change(msgspec.Struct, frozen=True):
    """One run's change: its SHA-256 before and since, and the numbers of the lines."""

    was: str
    now: str = msgspec.field(name="is")
    lines: list[int]


class Stone(msgspec.Struct, frozen=True):
    """One tombstone; ``runs`` by their files' names."""

    date: str
    by: str
    reason: str
    runs: dict[str, Change]


def stones(folder: Path) -> Iterator[Stone]:
    """Every tombstone that can be read, the first one first; ``verify`` names the others."""
    for path in sorted((folder / "tombstones").glob("*.json")):
        if path.is_symlink() or not is_evidence(f"tombstones/{path.name}"):
            continue
        try:
            yield msgspec.json.decode(path.read_bytes(), type=Stone)
        except (msgspec.DecodeError, RecursionError, OSError):
            continue
