"""Two branches have sealed one number: one side stays, the other is sealed again and kept aside."""

import json
from pathlib import Path
from typing import NamedTuple

from sotokara.core.canonical import digest
from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.seals import Head, seal, seal_files, seal_path


class Repair(NamedTuple):
    """What ``repair`` did: the seals that stay, those that were replaced, and the new head."""

    kept: int
    dropped: list[str]
    head: Head | None


def repair(folder: Path) -> Repair | None:
    """Resolve a conflict of two branches' seals; None where there is none.

    The first side (git's *ours*) stays; the other side's seals go, all files that they covered are
    sealed again, and the new seal says which hashes it replaces.

    :raises LedgerError: when there is something wrong that is no conflict.
    """
    paths = list(seal_files(folder))
    torn = [path for path in paths if b"<<<<<<<" in path.read_bytes()]
    if not torn:
        return None
    dropped: list[str] = []
    previous = ""
    first = int(torn[0].stem)
    if first > 1:
        previous = digest(seal_path(folder, first - 1).read_bytes())
    kept = first - 1
    files: dict[Path, bytes] = {}
    for path in paths[paths.index(torn[0]) :]:
        note = path.with_suffix(".note")
        if note.exists() and b"<<<<<<<" in note.read_bytes():
            note.unlink()  # of both sides; the kept one is signed again
        for content in _sides(path.read_bytes()):
            follows = json.loads(content)["previous"] == previous
            if follows and kept == int(path.stem) - 1:
                write_all({path: content})
                kept, previous = int(path.stem), digest(content)
            else:
                dropped.append(digest(content))
                files[path.parent / "dropped" / f"{dropped[-1]}.json"] = content
                path.with_suffix(".tsr").unlink(missing_ok=True)
        if kept < int(path.stem):
            path.unlink()
            path.with_suffix(".note").unlink(missing_ok=True)
    write_all(files)
    return Repair(kept, dropped, seal(folder, dropped))


def _sides(content: bytes) -> list[bytes]:
    """The seals in a file: both, where git has left a conflict in it."""
    found = [line + b"\n" for line in content.splitlines() if line.startswith(b"{")]
    for one in found:
        try:
            json.loads(one)
        except ValueError as error:
            raise LedgerError(f"no seal in {one[:40]!r}…; restore the file from git") from error
    return found
