"""Facts that were seen to follow from their raw: what a build shows is read again once.

Facts with right hashes may still say what their raw does not. Reading again costs as much as
reading, so it is remembered which pairs agreed: beside the derived index, and good for this
version alone.
"""

import os
from hashlib import sha256
from pathlib import Path

from sotokara import __version__
from sotokara.core.observation import Facts
from sotokara.ledger.lines import RunLine

_DIGITS = 32


class Followed:
    """The pairs of facts and raw that agreed. ``path``: where they are remembered."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[bytes] | None = None

    def knows(self, line: RunLine) -> bool:
        """Whether an observation's facts were seen to follow from its raw."""
        if self._known is None:
            try:
                content = self._path.read_bytes()
            except OSError:
                content = b""
            whole = len(content) - len(content) % _DIGITS
            self._known = {content[at : at + _DIGITS] for at in range(0, whole, _DIGITS)}
        return _pair(line) in self._known

    def add(self, line: RunLine) -> None:
        """Remember that they do; where that cannot be kept, it is seen again next time."""
        pair = _pair(line)
        if self._known is not None:
            self._known.add(pair)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self._path, flags, 0o666)
            try:
                os.write(descriptor, pair)
            finally:
                os.close(descriptor)
        except OSError:
            return


def _pair(line: RunLine) -> bytes:
    parts = (__version__, line.kind, str(line.version), line.digest, line.facts, line.raw)
    return sha256("\n".join(map(str, parts)).encode()).digest()


def differing(kept: Facts | None, read: Facts | None) -> str:
    """The names of the facts that are kept otherwise than they are read."""
    if kept is None or read is None:
        return "all"
    fields = kept.__struct_fields__
    names = [name for name in fields if getattr(kept, name) != getattr(read, name, None)]
    return ", ".join(names or ["all"])
