"""Seals: each names the files that came since the one before, and hashes all into one tree.

``seals/NNNNNN.json`` is one line of canonical JSON: the previous seal's SHA-256, the new files with
theirs, and the root of the RFC 6962 tree over all files sealed so far. Sealing is a step of its own
(``sotokara seal``), so that runs of two branches merge without conflict; two seals of one number
conflict in git, and ``repair`` resolves that.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import filelock
import msgspec

from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import now
from sotokara.ledger.disk import recover, write_all
from sotokara.ledger.lines import FORMAT, LedgerError, read_lines
from sotokara.ledger.verify import (
    Chain,
    Finding,
    Folder,
    Tree,
    Unread,
    is_evidence,
    parse_seal,
    read_chain,
    references,
)

_LOCK_SECONDS = 60


class Head(NamedTuple):
    """The newest seal: its number and hash; (0, "") where nothing is sealed."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def newest(folder: Path) -> tuple[int, bytes]:
    """The number of the newest seal, and what its file holds, seal or not; (0, b"") without any."""
    number = max((int(path.stem) for path in seal_files(folder)), default=0)
    return number, seal_path(folder, number).read_bytes() if number else b""


def seal_files(folder: Path) -> Iterator[Path]:
    """The seals' files, the first one first: those named as seals are, and no links."""
    for path in sorted((folder / "seals").glob("[0-9]*.json")):
        if is_evidence(f"seals/{path.name}") and not path.is_symlink():
            yield path


def head(folder: Path) -> Head:
    """The newest seal of a ledger.

    :raises LedgerError: when it is none: nothing may be published under its name.
    """
    number, content = newest(folder)
    if not number:
        return Head(0, "")
    _refuse_none(seal_path(folder, number), content)
    return Head(number, digest(content))


def _refuse_none(path: Path, content: bytes) -> None:
    """:raises LedgerError: for a file that is no seal, as a conflict of two branches leaves it."""
    try:
        parse_seal(content)
    except Unread as error:
        raise LedgerError(f"{path}: {error.args[1]}") from error


def seal_path(folder: Path, number: int) -> Path:
    """Where the seal of this number is."""
    return folder / "seals" / f"{number:06d}.json"


def seal(folder: Path, replaces: list[str] | None = None) -> Head | None:
    """Seal what is not sealed yet; None where there is nothing new.

    :raises LedgerError: when the chain or a new file is not sound, or the disk refuses.
    """
    if not folder.is_dir():
        return None
    try:
        with filelock.FileLock(folder / ".lock", timeout=_LOCK_SECONDS):
            for orphan in (folder / "runs").glob("*/*/*/*.part"):
                recover(orphan)
            return _seal(folder, replaces or [])
    except filelock.Timeout as error:
        message = f"{folder}: a run has been writing for {_LOCK_SECONDS} s; seal after it"
        raise LedgerError(message) from error
    except OSError as error:
        where = error.filename or folder
        message = f"{where}: the seal cannot be kept: {error.strerror}; free space, and seal again"
        raise LedgerError(message) from error


def _seal(folder: Path, replaces: list[str]) -> Head | None:
    chain = sound_chain(folder)
    new = [name for name in _to_seal(folder) if name not in chain.files]
    if not new and not replaces:
        return None
    tree = Tree()
    for name, (hashed, _) in chain.files.items():
        tree.add(name, hashed)
    files = []
    there: set[str] = set()
    for name in new:
        content = (folder / name).read_bytes()
        if name.startswith("runs/"):
            _sound(folder, name, content, there)
        files.append((name, digest(content)))
        tree.add(*files[-1])
    number = max(chain.hashes, default=0) + 1
    fields: dict[str, Any] = {
        "v": FORMAT,
        "number": number,
        "previous": chain.hashes.get(number - 1, ""),
        "sealed": now(),
        "files": files,
        "size": tree.size,
        "root": tree.root(),
    }
    if replaces:
        fields["replaces"] = replaces
    content = canonical(fields) + b"\n"
    write_all({seal_path(folder, number): content})
    return Head(number, digest(content))


def sound_chain(folder: Path) -> Chain:
    """What is sealed.

    :raises LedgerError: when the seals do not follow from one another.
    """
    found: list[Finding] = []
    names = [f"seals/{path.name}" for path in (folder / "seals").glob("*.json")]
    chain = read_chain(Folder(str(folder)), names, lambda *finding: found.append(Finding(*finding)))
    if found:
        one = found[0]
        raise LedgerError(f"{folder / one.where}: {one.what}; nothing was sealed")
    return chain


def _to_seal(folder: Path) -> list[str]:
    runs = sorted((folder / "runs").glob("*/*/*/*.jsonl"), key=lambda path: path.name)
    stones = sorted((folder / "tombstones").glob("*.json"))
    return [path.relative_to(folder).as_posix() for path in (*runs, *stones)]


def _sound(folder: Path, name: str, content: bytes, there: set[str]) -> None:
    """Seal nothing that is broken already. ``there``: the objects known to be there.

    :raises LedgerError: when a line does not parse or an object is missing.
    """
    for _ in read_lines(folder / name):
        pass
    for one in references(content) - there:
        if not (folder / "objects" / one[:2] / f"{one}.json").is_file():
            message = f"{folder / name}: names object {one}, which is missing; restore it from git"
            raise LedgerError(message)
        there.add(one)


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
    for path in paths[paths.index(torn[0]) :]:
        for content in _sides(path.read_bytes()):
            follows = json.loads(content)["previous"] == previous
            if follows and kept == int(path.stem) - 1:
                write_all({path: content})
                kept, previous = int(path.stem), digest(content)
            else:
                dropped.append(digest(content))
                path.with_suffix(".tsr").unlink(missing_ok=True)
        if kept < int(path.stem):
            path.unlink()
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


class Sealing(NamedTuple):
    """One seal in short: its number, its time (milliseconds since 1970, UTC), the new files."""

    number: int
    time: int
    files: list[str]


class _Short(msgspec.Struct):
    number: int
    sealed: datetime
    files: list[tuple[str, str]]


def sealings(folder: Path, *, strict: bool = False) -> Iterator[Sealing]:
    """Every seal that can be read, the first one first.

    :raises LedgerError: with ``strict``, for one that cannot be read.
    """
    for path in seal_files(folder):
        content = path.read_bytes()
        try:
            one = msgspec.json.decode(content, type=_Short)
        except msgspec.DecodeError:
            if strict:
                _refuse_none(path, content)
            continue  # `sotokara verify` says what is wrong with it
        time = round(one.sealed.timestamp() * 1000)
        yield Sealing(one.number, time, [name for name, _ in one.files])


def sealed_files(folder: Path) -> dict[str, int]:
    """The number of the seal of every sealed file."""
    return {name: seal.number for seal in sealings(folder) for name in seal.files}
