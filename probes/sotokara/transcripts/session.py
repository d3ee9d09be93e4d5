"""A terminal session or a whole post, cut into its listings and the prose between them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from sotokara.kinds.parts import transcript_readers
from sotokara.kinds.shared.terminal.interface import (
    Command,
    Listing,
    Read,
    TranscriptReader,
    command,
)
from sotokara.kinds.shared.terminal.pasted import PastedLine, lines


class Prose(NamedTuple):
    """Lines that belong to no listing; ``first`` is the number of the first."""

    first: int
    text: tuple[str, ...]


Segment = Listing | Prose


@lru_cache
def _readers() -> Sequence[TranscriptReader]:
    return tuple(transcript_readers())


def listings(text: str, kind: str = "", asked: Command | None = None) -> list[Listing]:
    """Every listing in a text, of one kind if that is named; what stands between is prose.

    ``asked``: as in ``split``.
    """
    found = [one for one in split(text, kind, asked) if isinstance(one, Listing)]
    return [listing for listing in found if not kind or listing.kind == kind]


def split(text: str, kind: str = "", asked: Command | None = None) -> list[Segment]:
    """The text's segments in order.

    ``kind``: a definition's kind is known; only listings of it are read. ``asked`` stands for the
    command where the text has none.
    """
    every = lines(text)
    segments: list[Segment] = []
    prose: list[PastedLine] = []
    typed: Command | None = None
    at = 0

    def flush() -> None:
        kept = [line.given for line in prose]
        if any(one.strip() for one in kept):
            segments.append(Prose(prose[0].number, tuple(kept)))
        prose.clear()

    while at < len(every):
        line = every[at]
        if found := command(line.text):
            typed = found
            prose.append(line)
            at += 1
            if read := _first(every, at, typed, kind):
                prose.pop()
                flush()
                segments.append(_from(read.listing, line.number))
                at, typed = read.after, None
            continue
        if line.text.strip() and (read := _first(every, at, asked, kind)):
            flush()
            segments.append(read.listing)
            at = read.after
            continue
        prose.append(line)
        at += 1
    flush()
    return segments


def _first(every: list[PastedLine], at: int, typed: Command | None, kind: str) -> Read | None:
    """The first reader's listing that begins at a line; the tool typed is tried alone."""
    start = at
    while typed is not None and start < len(every) and not every[start].text.strip():
        start += 1
    if start >= len(every):
        return None
    for reader in _candidates(typed):
        read = reader.read(every, start, typed)
        if read is not None and (not kind or read.listing.kind == kind):
            return read
    return None


def _candidates(typed: Command | None) -> Sequence[TranscriptReader]:
    """The readers to be tried after a command."""
    own = [one for one in _readers() if typed is not None and typed.tool in one.tools]
    return own if own and not any(one.by_form for one in own) else _readers()


def _from(listing: Listing, first: int) -> Listing:
    return msgspec.structs.replace(listing, first=first)
