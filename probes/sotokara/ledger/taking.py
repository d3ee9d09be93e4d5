"""Taking in a run that was written elsewhere: one's own host's, as its bytes are.

Nothing of it is believed: names are hashes of contents, lines are of the place and of the
questions that were asked, every object is there, and times lie about where ours do.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import msgspec

from sotokara.core.canonical import canonical
from sotokara.core.canonical import digest as digest_of
from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError, RunLine, read_line
from sotokara.ledger.reader import Ledger
from sotokara.ledger.verify import is_run
from sotokara.ledger.writer import file_name_of

_SKEW = timedelta(minutes=5)


class Foreign(msgspec.Struct, frozen=True):
    """A run from elsewhere. ``run``: its path in the ledger; ``signature`` may be empty."""

    run: str
    content: bytes
    signature: bytes
    objects: Sequence[bytes]


class Expected(msgspec.Struct, frozen=True):
    """What a run has to be: of this place, with these questions in this order, of this time."""

    place: str
    digests: Sequence[str]
    cited: Sequence[list[str]]
    since: datetime
    until: datetime


def store_foreign_run(ledger: Ledger, foreign: Foreign, expected: Expected) -> list[RunLine]:
    """Keep a run and its objects; its lines, in order.

    :raises ValueError: where it is not what it has to be; then nothing is kept.
    :raises LedgerError: when the disk refuses.
    """
    lines = _lines(foreign, expected)
    objects = {hashlib.sha256(one).hexdigest(): one for one in foreign.objects}
    named = {name for line in lines for name in (line.facts, line.raw) if name}
    if named != objects.keys():
        raise ValueError("its objects are not those that its lines name")
    files = {ledger.object_file(name): content for name, content in objects.items()}
    run = str(ledger.folder / PurePosixPath(foreign.run))
    try:
        write_all(files, named_by_hash=True)
        if foreign.signature:
            write_all({run.removesuffix(".jsonl") + ".sig": foreign.signature})
        write_all({run: foreign.content})
    except OSError as error:
        message = (
            f"{error.filename or ledger.folder}: the evidence cannot be kept: {error.strerror}"
        )
        raise LedgerError(message) from error
    return lines


def _lines(foreign: Foreign, expected: Expected) -> list[RunLine]:
    name = re.escape(file_name_of(expected.place))
    digest = hashlib.sha256(foreign.content).hexdigest()[:8]
    if not is_run(foreign.run) or not re.search(rf"Z-{name}-{digest}\.jsonl$", foreign.run):
        raise ValueError("its run is not named for its place and its content")
    try:
        lines = [
            read_line(foreign.run, number, text)
            for number, text in enumerate(foreign.content.splitlines(), 1)
        ]
    except LedgerError as error:
        raise ValueError("its run has a line that is no observation") from error
    if [line.digest for line in lines] != list(expected.digests):
        raise ValueError("it measured other questions")
    if [line.cited for line in lines] != list(expected.cited):
        raise ValueError("its run is cited from elsewhere")
    for line in lines:
        _fits(line, expected)
    return lines


def _fits(line: RunLine, expected: Expected) -> None:
    """:raises ValueError: where a line is not of this place, question and time."""
    if line.vantage.name != expected.place or line.vantage.reported:
        raise ValueError("its run has a line of another place")
    if line.digest != digest_of(canonical(line.definition)):
        raise ValueError("its run has a line whose question is another")
    if line.origin != "measured":
        raise ValueError("its run has a line that was not measured")
    if not expected.since - _SKEW <= line.start <= expected.until + _SKEW:
        raise ValueError("its clock is wrong by more than five minutes")
    came = line.failure.outcome if line.failure else line.outcome
    if came is not line.outcome or (line.failure is None) is not came.has_facts:
        raise ValueError("its run has a line whose outcome contradicts its failure")
