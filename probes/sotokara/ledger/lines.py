"""The lines of run files: one observation each, and how they are read."""

import math
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import FAILURES, Failure, Outcome, Vantage

FORMAT = 2
"""The newest form of a line that is read."""
WITHDRAWN = "withdrawn"
"""The kind of a line that stands for one that is gone."""
_SKEW = 60
"""Seconds by which the clocks of two places may differ without either being wrong."""
PLAIN = 1
"""The form of a line with an outcome; only one without is of a newer form."""
NEWER = "written by a newer Sotokara"
"""Why a line cannot be read, where nothing is wrong with it."""


class LedgerError(Exception):
    """The ledger cannot be read or written; the text says which file and what to do."""


class NewerError(LedgerError):
    """A line that a newer version wrote: it stands where it stands, and nothing is read of it."""


class UnreadableError(LedgerError):
    """Evidence as it was kept (its hashes are right) that says nothing anybody can read."""


class RunLine(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of a run file. ``facts`` and ``raw`` are SHA-256 digests of objects."""

    v: int
    digest: str
    kind: str
    version: int
    definition: dict[str, Any]
    cited: list[str] = []
    """The places (``page#id``) whose definition asked this."""
    shown: bool = False
    """A build put it on a page: it keeps its address under /evidence/ for ever."""
    start: datetime
    duration: float = 0.0
    vantage: Vantage
    outcome: Outcome = Outcome.CITED
    """Others' evidence has none, so none is written."""
    failure: Failure | None = None
    facts: str | None = None
    raw: str | None = None
    volatile: dict[str, Any] = {}
    origin: str = "measured"
    after: str = ""
    """On a run's first line: the run that was there before, where the clock says the contrary."""
    salt: str = ""
    """On a run's first line: random: the file's hash tells nothing once this is redacted."""
    id: str = ""
    """``<run>-<line>``; never written, for it is where the line stands."""


_LINES = msgspec.json.Decoder(RunLine)


def read_lines(path: Path) -> Iterator[RunLine]:
    """The lines of one run file.

    :raises LedgerError: naming file and line where one does not parse.
    """
    for number, text in enumerate(path.read_bytes().splitlines(), 1):
        yield read_line(path, number, text)


def read_line(path: Path | str, number: int, text: bytes) -> RunLine:
    """One line of a run file; ``number`` counts from 1.

    :raises LedgerError: naming file and line where it does not parse.
    """
    try:
        line = _LINES.decode(text)
    except NO_JSON as error:
        newer(path, number, text)
        message = f"{path}:{number}: no observation ({error}); restore the file from git"
        raise LedgerError(message) from error
    if line.v > FORMAT:
        newer(path, number, text)
    run, _ = os.path.splitext(os.path.basename(path))  # noqa: PTH119, PTH122  # tens of thousands
    msgspec.structs.force_setattr(line, "id", f"{run}-{number}")  # nobody else has it yet
    return line


class _Version(msgspec.Struct):
    v: int = 0


class Stub(msgspec.Struct):
    """What says of a line that cannot be read where it belongs; as far as it has that."""

    digest: str = ""
    start: datetime | None = None
    failure: dict[str, Any] | None = None

    @property
    def of_newer(self) -> bool:
        """Whether it has a failure that this version has no name for."""
        return self.failure is not None and self.failure.get("name") not in FAILURES


def stub(text: bytes) -> Stub:
    """Which question a line that cannot be read is about, and when it was asked."""
    try:
        return msgspec.json.decode(text, type=Stub)
    except NO_JSON:
        return Stub()


def newer(path: Path | str, number: int, text: bytes) -> None:
    """Say so when a line was written by a newer version.

    :raises NewerError: then.
    """
    try:
        version = msgspec.json.decode(text, type=_Version).v
    except NO_JSON:
        return
    if version > FORMAT:
        message = f"{path}:{number}: {NEWER}; update it to read this"
        raise NewerError(message)


def age(line: RunLine) -> float:
    """Seconds since an observation began; endless where it has not begun yet.

    Then a clock was wrong, that of today or that of then, and nobody knows how old it is.
    """
    seconds = (datetime.now(UTC) - line.start).total_seconds()
    return seconds if seconds > -_SKEW else math.inf
