"""How files come to the disk so that a process may die, or the disk fill up, at any moment."""

import ctypes
import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

_PIECE = 1 << 20


def write_all(
    files: Mapping[Path, bytes] | Mapping[str, bytes], *, named_by_hash: bool = False
) -> None:
    """Write under passing names, flush all to disk, then rename; on an error remove them all.

    ``named_by_hash``: what is there already is what it would be.
    """
    written: dict[str, str] = {}  # plain text: a build may write tens of thousands
    made: set[str] = set()
    few = len(files) <= _FEW
    folder = ""
    try:
        for path, content in files.items():
            if named_by_hash and os.path.exists(path):  # noqa: PTH110  # tens of thousands
                continue
            folder, name = os.path.split(path)
            if folder not in made:
                Path(folder).mkdir(parents=True, exist_ok=True)
                made.add(folder)
            passing = f"{folder}{os.sep}{name}.part"
            written[passing] = f"{folder}{os.sep}{name}"
            _write(passing, content, flush=few)
        if written and not few:
            _flush(Path(folder))
        for passing, lasting in written.items():
            os.replace(passing, lasting)  # noqa: PTH105  # tens of thousands
    except OSError:
        for passing in written:
            Path(passing).unlink(missing_ok=True)
        raise


def hash_of(path: Path) -> tuple[str, int]:
    """The SHA-256 of a file of any size, and its size."""
    found, size = hashlib.sha256(), 0
    with path.open("rb") as opened:
        while piece := opened.read(_PIECE):
            found.update(piece)
            size += len(piece)
    return found.hexdigest(), size


def _write(passing: str, content: bytes, *, flush: bool) -> None:
    descriptor = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o666)
    try:
        _put(descriptor, content)
        if flush:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def append(part: Path, lines: bytes) -> None:
    """Add to a run and flush to disk; where there is no room, the run is as it was.

    Nothing is buffered: a buffer keeps what found no room, and writes it when the file is closed,
    by then behind a gap.
    """
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o666)
    try:
        size = os.fstat(descriptor).st_size
        try:
            _put(descriptor, lines)
            os.fsync(descriptor)
        except OSError:
            os.truncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def _put(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _flush(folder: Path) -> None:
    """Flush the folder's whole file system (syncfs(2)): quicker than many files one by one."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if libc.syncfs(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


_BINARY = getattr(os, "O_BINARY", 0)
_FEW = 8 if sys.platform == "linux" else sys.maxsize
"""Files that are flushed one by one, at some milliseconds each; elsewhere there is no syncfs."""


def finish(part: Path, sign: Callable[[str, bytes], bytes] | None = None) -> Path:
    """Rename a complete run to its name: start, vantage, and the hash of what it holds.

    ``sign`` gives the note that its vantage's key makes over its path and content; it comes first,
    so that a run is never there without it.
    """
    content = part.read_bytes()
    name = part.with_name(f"{part.stem}-{hashlib.sha256(content).hexdigest()[:8]}.jsonl")
    if sign is not None:
        path = name.relative_to(part.parents[4]).as_posix()
        write_all({name.with_suffix(".sig"): sign(path, content)})
    part.replace(name)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(name.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return name


def recover(part: Path, sign: Callable[[str, bytes], bytes] | None = None) -> Path | None:
    """Take in a run whose process died: all whole lines of it. None when there are none."""
    if part.name.endswith(".jsonl.part"):  # of a redaction; the run itself is still there
        part.unlink()
        return None
    content = part.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        part.unlink()
        return None
    if len(whole) < len(content):
        os.truncate(part, len(whole))
    return finish(part, sign)
