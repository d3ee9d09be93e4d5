"""What the index reads: the run files there are, and of each line what is asked for in bulk."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from probes.canonical import digest
from probes.ledger.lines import FORMAT, LedgerError, read_lines
from probes.observation import Outcome

OUTCOMES = list(Outcome)
"""The index has an outcome as its number in this list."""


class _Named(msgspec.Struct, frozen=True):
    name: str


class Short(msgspec.Struct):
    """What the index takes of a line."""

    v: int
    digest: str
    start: datetime
    outcome: Outcome
    failure: _Named | None = None
    facts: str | None = None
    raw: str | None = None
    shown: bool = False
    after: str = ""
    vantage: _Named = _Named("")


_LINES = msgspec.json.Decoder(Short)


def run_files(runs: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Every run file below ``runs/``, by its path there, with its size and time."""
    stack = [(str(runs), "")]
    while stack:
        folder, below = stack.pop()
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                stack.append((entry.path, f"{below}{entry.name}/"))
            elif entry.name.endswith(".jsonl"):
                yield below + entry.name, entry.stat()


def short_lines(file: Path) -> list[Short]:
    """The lines of a run file, in short.

    :raises LedgerError: naming the line that does not parse.
    """
    content = file.read_bytes()
    try:
        lines: list[Short] = _LINES.decode_lines(content)
    except msgspec.DecodeError as error:
        list(read_lines(file))  # names the line
        raise LedgerError(f"{file}: no run ({error}); restore the file from git") from error
    if any(line.v > FORMAT for line in lines):
        list(read_lines(file))
    _as_written(file, content)
    return lines


def _as_written(file: Path, content: bytes) -> None:
    """A run's name ends in the first eight digits of its hash; a redacted one has its tombstone.

    :raises LedgerError: when it was edited: nothing may be shown from it.
    """
    hashed = digest(content)
    if hashed[:8] == file.stem.rpartition("-")[2]:
        return
    folder = file.parents[4]
    name = file.relative_to(folder).as_posix()
    for path in (folder / "tombstones").glob("*.json"):
        change = msgspec.json.decode(path.read_bytes())["runs"].get(name)
        if change and change["is"] == hashed:
            return
    what = "its line ends were converted" if b"\r\n" in content else "edited by hand"
    message = f"{file}: not as it was written (its SHA-256 differs): {what}? Restore it from git"
    raise LedgerError(message)
