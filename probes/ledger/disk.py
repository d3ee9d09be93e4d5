"""How files come to the disk so that a process may die, or the disk fill up, at any moment."""

import ctypes
import hashlib
import os
from pathlib import Path


def write_all(files: dict[Path, bytes]) -> None:
    """Write under passing names, flush all to disk, then rename; on an error remove them all."""
    written: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            passing = path.with_name(f"{path.name}.part")
            written[passing] = path
            with passing.open("wb") as file:
                file.write(content)
                if len(files) <= _FEW:
                    file.flush()
                    os.fsync(file.fileno())
        if len(files) > _FEW:
            _flush(next(iter(files)).parent)
        for passing, path in written.items():
            passing.replace(path)
    except OSError:
        for passing in written:
            passing.unlink(missing_ok=True)
        raise


def _flush(folder: Path) -> None:
    """Flush the whole file system: far quicker than thousands of files one by one.

    Where the system can, that of the folder alone (syncfs(2)), which also tells of errors.
    """
    syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if syncfs is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if syncfs(descriptor):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), str(folder))
    finally:
        os.close(descriptor)


_FEW = 64 if hasattr(os, "sync") else 1 << 30


def finish(part: Path) -> Path:
    """Rename a complete run to its name: start, vantage, and the hash of what it holds."""
    hashed = hashlib.sha256(part.read_bytes()).hexdigest()
    name = part.with_name(f"{part.stem}-{hashed[:8]}.jsonl")
    part.replace(name)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(name.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return name


def recover(part: Path) -> Path | None:
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
    return finish(part)
