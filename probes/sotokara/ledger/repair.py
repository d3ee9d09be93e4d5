"""Two branches have sealed one number: one side stays, the other is sealed again and kept aside.

Git shows the conflict, or somebody has resolved it with git alone (``merge -X theirs``): then a
seal follows one that is not here any more, or has the other side's checkpoint.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sotokara.core.canonical import digest
from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.seals import (
    SealHead,
    check_in_all,
    head_of_another,
    seal,
    seal_files,
    seal_path,
)
from sotokara.ledger.signing import log_key
from sotokara.ledger.way_back import former


class Repair(NamedTuple):
    """What ``repair`` did: the seals that stay, those that were replaced, and the new head."""

    kept: int
    dropped: list[str]
    head: SealHead | None
    signed: list[int] = []
    """The seals whose checkpoint was missing, and is here now."""


def repair(folder: Path) -> Repair | None:
    """Resolve a conflict of two branches' seals; None where there is none.

    What stands first in the files stays (git's *ours*, or the side that somebody has taken); the
    other side's seals go, all files that they covered are sealed again, and the new seal says which
    hashes it replaces. Checkpoints that are missing are signed.

    :raises LedgerError: when there is something wrong that is no conflict, or the key is elsewhere.
    """
    key = log_key(folder)
    paths = list(seal_files(folder))
    first = next(_wrong(paths), None)
    if first is None:
        signed = check_in_all(folder, key)
        return Repair(int(paths[-1].stem), [], None, signed) if signed else None
    sides = _Sides(folder, first)
    for path in paths[paths.index(first) :]:
        sides.take(path)
    write_all(sides.files)
    head = seal(folder, sides.dropped)
    return Repair(sides.kept, sides.dropped, head, check_in_all(folder, key))


class _Sides:
    """One side's seals stay where they are, the other's are put aside."""

    def __init__(self, folder: Path, first: Path) -> None:
        self._folder = folder
        self.dropped: list[str] = []
        self.files: dict[Path, bytes] = {}
        self.kept = int(first.stem) - 1
        """The last seal that stays."""
        before = seal_path(folder, self.kept)
        self._hash = digest(before.read_bytes()) if self.kept else ""

    def take(self, path: Path) -> None:
        """The next seal's file: what stays of it is written, all else is dropped."""
        number = int(path.stem)
        self._forget_note(path)
        for content in _sides(path.read_bytes()):
            previous = json.loads(content)["previous"]
            if previous == self._hash and self.kept == number - 1:
                write_all({path: content})
                self.kept, self._hash = number, digest(content)
                continue
            self._drop(content)
            path.with_suffix(".tsr").unlink(missing_ok=True)
        if self.kept < number:
            path.unlink()
            path.with_suffix(".note").unlink(missing_ok=True)

    def _drop(self, content: bytes) -> None:
        """Put a seal aside, and first the one that it follows, where that is not here either."""
        told = json.loads(content)
        before, previous = seal_path(self._folder, told["number"] - 1), told["previous"]
        here = digest(before.read_bytes()) if before.is_file() else ""
        if previous not in {*self.dropped, here}:
            self._look_for(before, previous)
        self.dropped.append(digest(content))
        name = f"{self.dropped[-1]}.json"
        self.files[self._folder / "seals" / "dropped" / name] = content

    def _look_for(self, path: Path, hashed: str) -> None:
        """Keep the seal that somebody has resolved away: git alone has it."""
        for content in former(path):
            if digest(content) == hashed:
                self._drop(content)
                return

    def _forget_note(self, path: Path) -> None:
        """Take away a checkpoint of both sides, or of a seal that is not here."""
        note, content = path.with_suffix(".note"), path.read_bytes()
        if note.is_file() and b"<<<<<<<" in note.read_bytes():
            note.unlink()  # the kept one is signed again
        elif b"<<<<<<<" not in content and (other := head_of_another(path, digest(content))):
            self._look_for(path, other)
            note.unlink()
            path.with_suffix(".tsr").unlink(missing_ok=True)


def _wrong(paths: list[Path]) -> Iterator[Path]:
    """The seals with a conflict in them, those that follow another, and those of another's note."""
    previous = ""
    for path in paths:
        content = path.read_bytes()
        if b"<<<<<<<" in content:
            yield path
            return
        note = path.with_suffix(".note")
        torn = note.is_file() and b"<<<<<<<" in note.read_bytes()
        try:
            follows = json.loads(content)["previous"] == previous
        except (ValueError, KeyError, TypeError):
            return  # `seal` says what it is, and refuses
        if torn or not follows or head_of_another(path, digest(content)):
            yield path
        previous = digest(content)


def _sides(content: bytes) -> list[bytes]:
    """The seals in a file: both, where git has left a conflict in it."""
    found = [line + b"\n" for line in content.splitlines() if line.startswith(b"{")]
    for one in found:
        try:
            json.loads(one)
        except ValueError as error:
            raise LedgerError(f"no seal in {one[:40]!r}…; restore the file from git") from error
    return found
