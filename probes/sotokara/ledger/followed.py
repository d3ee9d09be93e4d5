"""What was seen to be right with evidence: what a build shows is read again once.

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
    """The pairs of facts and raw that agreed, and what else was seen once to be right.

    ``path``: where that is remembered.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[bytes] | None = None

    def knows(self, line: RunLine) -> bool:
        """Whether an observation's facts were seen to follow from its raw."""
        return self.seen(_pair(line))

    def seen(self, what: bytes) -> bool:
        """Whether this was noted."""
        if self._known is None:
            try:
                content = self._path.read_bytes()
            except OSError:
                content = b""
            whole = len(content) - len(content) % _DIGITS
            self._known = {content[at : at + _DIGITS] for at in range(0, whole, _DIGITS)}
        return _short(what) in self._known

    def add(self, line: RunLine) -> None:
        """Remember that they do."""
        self.note(_pair(line))

    def note(self, what: bytes) -> None:
        """Remember this; where that cannot be kept, it is seen again next time."""
        short = _short(what)
        if self._known is not None:
            self._known.add(short)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            descriptor = os.open(self._path, flags, 0o666)
            try:
                os.write(descriptor, short)
            finally:
                os.close(descriptor)
        except OSError:
            return


def _pair(line: RunLine) -> bytes:
    parts = (line.kind, str(line.version), line.digest, line.facts, line.raw)
    return "\n".join(map(str, parts)).encode()


def _short(what: bytes) -> bytes:
    return sha256(f"{__version__}\n".encode() + what).digest()


def reread_differences(kept: Facts | None, read: Facts | None) -> str:
    """The names of the facts that are kept otherwise than they are read."""
    if kept is None or read is None:
        return "all"
    fields = kept.__struct_fields__
    names = [name for name in fields if getattr(kept, name) != getattr(read, name, None)]
    return ", ".join(names or ["all"])
