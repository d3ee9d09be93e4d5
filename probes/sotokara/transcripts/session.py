"""A terminal session or a whole post, cut into its listings and the prose between them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple, SupportsIndex, overload

import msgspec

from sotokara.kinds.parts import transcript_readers
from sotokara.kinds.shared.terminal.commands import Command, Takes, command, tool_finder
from sotokara.kinds.shared.terminal.interface import Listing, Parsed, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import MARKED, PastedLine, lines
from sotokara.kinds.shared.terminal.pasted import split_remark as remarked

_TRIES_A_LINE = 2
_TRIES = 2_000
_LINE = 80
MOST_LISTINGS = 1_000
"""The most listings of one text that are read; what follows them is prose."""


class Prose(NamedTuple):
    """Lines that belong to no listing; ``first`` is the number of the first."""

    first: int
    text: tuple[str, ...]


Segment = Listing | Prose


@lru_cache
def _readers(kind: str = "") -> Sequence[TranscriptReader]:
    return tuple(one for name, one in transcript_readers() if kind in ("", name))


@lru_cache
def _tools() -> tuple[dict[str, Takes], re.Pattern[str]]:
    """The tools whose output the kinds' readers read: a kind that is added adds its own."""
    tools: dict[str, Takes] = {}
    for reader in _readers():
        for name in reader.tools:
            tools.setdefault(name, reader.takes)
    return tools, tool_finder(tools)


def session_lines(text: str) -> list[PastedLine]:
    """The text's lines, the commands among them marked."""
    tools, finder = _tools()
    return [line._replace(typed=command(line.text, tools, finder)) for line in lines(text)]


def listings(text: str, kind: str = "", asked: Command | None = None) -> list[Listing]:
    """Every listing in a text, of one kind if that is named; what stands between is prose.

    ``asked``: as in ``split_session``.
    """
    found = [one for one in split_session(text, kind, asked) if isinstance(one, Listing)]
    return [listing for listing in found if not kind or listing.kind == kind]


def split_session(text: str, kind: str = "", asked: Command | None = None) -> list[Segment]:
    """The text's segments in order.

    ``kind``: a definition's kind is known; only listings of it are read. ``asked`` stands for the
    command where the text has none.
    """
    every = _Watched(session_lines(text))
    reading = _Reading(every, kind)
    segments: list[Segment] = []
    prose: list[PastedLine] = []
    at = 0

    def flush() -> None:
        kept: list[str] = []
        for at, line in enumerate(prose):
            gap = line.number - prose[at - 1].number - 1 if at else 0
            kept += [*[""] * gap, line.given]
        if any(one.strip() for one in kept):
            segments.append(Prose(prose[0].number, tuple(kept)))
        prose.clear()

    while at < len(every):
        line = every[at]
        if typed := line.typed:
            prose.append(line)
            at += 1
            if read := reading.first(at, typed):
                prose.pop()
                flush()
                segments.append(msgspec.structs.replace(read.listing, first=line.number))
                at = read.after
            continue
        if line.text.strip() and (read := reading.first(at, asked)):
            flush()
            segments.append(read.listing)
            at = read.after
            continue
        prose.append(line)
        at += 1
    flush()
    return segments


class _Watched(list[PastedLine]):
    """Lines that know how far they were looked at: what a reader costs."""

    far = 0

    @overload
    def __getitem__(self, at: SupportsIndex) -> PastedLine: ...
    @overload
    def __getitem__(self, at: slice) -> list[PastedLine]: ...
    def __getitem__(self, at: SupportsIndex | slice) -> PastedLine | list[PastedLine]:
        if isinstance(at, int) and at > self.far:
            self.far = at
        return super().__getitem__(at)


class _Reading:
    """The readers over one text; one that looked far ahead in vain too often is not tried again.

    So what reading costs grows with the text's length, whatever stands in it. At a line of which no
    command tells, only those are tried whose listings may begin there.
    """

    def __init__(self, every: _Watched, kind: str) -> None:
        self._every = every
        self._readers = _readers(kind)
        self._begin = _beginnings(every, self._readers)
        self._far = list(accumulate((1 + len(one.text) / _LINE for one in every), initial=0.0))
        """What all lines above one cost that looks at them: a long one as much as several."""
        self._vain = 0.0
        self._most = _TRIES + _TRIES_A_LINE * self._far[-1]
        self._found = 0

    def first(self, at: int, typed: Command | None) -> Parsed | None:
        """The first reader's listing that begins at a line; the tool typed is tried alone."""
        start, every = at, self._every
        while typed is not None and start < len(every) and not every[start].text.strip():
            start += 1
        if start >= len(every) or every[start].typed is not None or self._found >= MOST_LISTINGS:
            return None
        for reader in self._candidates(start, typed):
            if self._vain > self._most:
                return None
            every.far = start
            read = reader.read(every, start, typed)
            if read is not None:
                self._found += 1
                return read
            self._vain += self._far[min(every.far + 1, len(every))] - self._far[start]
        return None

    def _candidates(self, start: int, typed: Command | None) -> Sequence[TranscriptReader]:
        """The readers to be tried at a line, after a command if there is one."""
        begin = self._begin[start]
        if typed is None:
            return begin
        own = [one for one in self._readers if typed.tool in one.tools]
        if own and not any(one.by_form for one in own):
            return own
        return [one for one in self._readers if one in begin or one in own]


def _beginnings(
    every: Sequence[PastedLine], readers: Sequence[TranscriptReader]
) -> list[tuple[TranscriptReader, ...]]:
    """For each line the readers whose listings may begin there, in their order."""
    forms = [(at, one) for at, line in enumerate(every) for one in _forms(line.text)]
    found: list[list[TranscriptReader]] = [[] for _ in every]
    for reader in readers:
        begins = re.compile("").match if reader.begins is None else reader.begins.match
        last = -1
        for at in [at for at, one in forms if begins(one)]:
            for start in range(max(last + 1, at - reader.above), at + 1):
                found[start].append(reader)
            last = at
    return [tuple(one) for one in found]


def _forms(text: str) -> tuple[str, ...]:
    """A line as the readers may see it: as it is, and without what may be a remark behind it."""
    if not text or not MARKED.search(text):
        return (text,)
    bare = {remarked(text, hashes=hashes)[0] for hashes in (True, False)}
    return (text, *sorted(bare - {text}))
