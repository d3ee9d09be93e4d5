"""What a reader is: one tool's listings → the question they answer, and the facts they state.

A new reader is one file in its kind's folder ``readers``, one line in its ``__init__.py``, and
recorded listings in ``tests/cases/transcripts/``. A reader is pure, and it says which lines it did
not read.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import msgspec

from sotokara.core.observation import Facts, Failure
from sotokara.kinds.shared.terminal.commands import Command, Takes, any_words
from sotokara.kinds.shared.terminal.pasted import PastedLine, Remark, split_remark


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """One tool's output, read. ``first`` and ``last`` are the line numbers it spans.

    ``said`` names the facts that the listing speaks of: a comparison with what is measured today
    is on these alone. ``unread`` holds every line that was not understood, with its number.
    """

    tool: str
    kind: str
    target: str
    first: int
    last: int
    options: dict[str, Any] = {}
    facts: Facts | None = None
    said: tuple[str, ...] = ()
    failure: Failure | None = None
    remarks: tuple[Remark, ...] = ()
    unread: tuple[tuple[int, str], ...] = ()
    masked: tuple[tuple[int, str], ...] = ()

    @property
    def doubted(self) -> tuple[str, ...]:
        """What makes the reading doubtful, beside unread lines."""
        return ()


class DoubtedListing(Listing, frozen=True, kw_only=True):
    """A listing that states less than it shows. ``doubts``: why, each a word for the page."""

    doubts: tuple[str, ...]

    @property
    def doubted(self) -> tuple[str, ...]:
        """The doubts, each once."""
        return tuple(dict.fromkeys(self.doubts))


class Parsed(NamedTuple):
    """What a reader made of the lines from where it began: the listing, the next line's index."""

    listing: Listing
    after: int


class Cursor:
    """The lines of one listing while a reader goes through them; keeps remarks and unread lines."""

    def __init__(
        self,
        lines: Sequence[PastedLine],
        at: int,
        *,
        hashes: bool = True,
        parentheses: bool = True,
        words: bool = False,
    ) -> None:
        self.lines, self.at, self.begin = lines, at, at
        self.remarks: list[Remark] = []
        self.unread: list[tuple[int, str]] = []
        self.masked: list[tuple[int, str]] = []
        self._parts = partial(split_remark, hashes=hashes, parentheses=parentheses, words=words)
        self._end = at

    @property
    def more(self) -> bool:
        """Whether a line is left."""
        return self.at < len(self.lines)

    def peek(self, ahead: int = 0) -> str:
        """A line's text without its remark; empty past the end."""
        at = self.at + ahead
        if at >= len(self.lines):
            return ""
        return self._parts(self.lines[at].text)[0]

    @property
    def typed(self) -> Command | None:
        """The command in the present line, if it is one."""
        return self.lines[self.at].typed if self.more else None

    def next_text(self) -> str:
        """The next line that is not empty; empty past the end."""
        ahead = 0
        while self.at + ahead < len(self.lines):
            if text := self.peek(ahead):
                return text
            ahead += 1
        return ""

    def number(self) -> int:
        """The present line's number."""
        return self.lines[self.at].number if self.more else self.lines[-1].number

    def take(self) -> str:
        """The present line without its remark, which is kept; goes on to the next."""
        line = self.lines[self.at]
        text, remark = self._parts(line.text)
        if remark:
            self.remarks.append(Remark(line.number, text.strip(), remark))
        self.at += 1
        if text.strip():
            self._end = self.at
        return text

    def skip_unread(self) -> None:
        """The present line is not understood: keep it as unread and go on."""
        line = self.lines[self.at]
        if line.text.strip():
            self.unread.append((line.number, line.given.strip()))
        self.take()

    def blank(self) -> None:
        """Skip empty lines."""
        while self.more and not self.lines[self.at].text.strip():
            self.at += 1

    def mask(self, word: str) -> None:
        """A word of the line just taken is a mask."""
        self.masked.append((self.lines[self.at - 1].number, word))

    def listing(
        self,
        tool: str,
        kind: str,
        target: str,
        doubts: Sequence[str] = (),
        **more: Any,  # noqa: ANN401  # the other fields of a listing
    ) -> Parsed:
        """The finished listing, from where the reader began to the last line that it took."""
        last = max(self._end, self.begin + 1)
        form: type[Listing] = Listing
        if doubts:
            form, more = DoubtedListing, {**more, "doubts": tuple(doubts)}
        listing = form(
            tool=tool,
            kind=kind,
            target=target,
            first=self.lines[self.begin].number,
            last=self.lines[last - 1].number,
            remarks=tuple(self.remarks),
            unread=tuple(self.unread),
            masked=tuple(self.masked),
            **more,
        )
        return Parsed(listing, max(last, self.begin + 1))

    def refused(self, tool: str, kind: str, target: str, **more: Any) -> Parsed:  # noqa: ANN401
        """A listing of which nothing is stated: every line that the reader took is unread."""
        taken = self.lines[self.begin : self.at]
        self.unread = [(line.number, line.given.strip()) for line in taken if line.text.strip()]
        self.remarks.clear()
        return self.listing(tool, kind, target, **more)


Reader = Callable[[Sequence[PastedLine], int, Command | None], Parsed | None]
"""Reads one listing beginning at an index, after the command typed (if one stands before it).

Gives None where no listing of its tool begins there.
"""


class TranscriptReader(NamedTuple):
    """A reader as its kind registers it."""

    name: str
    tools: tuple[str, ...]
    """The commands whose output it reads."""
    read: Reader
    by_form: bool = False
    """What its tools print is told apart by its form alone: all readers are tried."""
    takes: Takes = any_words
    """Whether a command of its tools is whole and names its target."""
    begins: re.Pattern[str] | None = None
    """What a line has where a listing begins of which no command tells; None: any line may."""
    above: int = 0
    """How many lines of the listing may stand above the one that has it."""


def any_of(*patterns: re.Pattern[str]) -> re.Pattern[str]:
    """One pattern for what any of several matches; its groups have no names."""
    bare = [re.sub(r"\(\?P<\w+>", "(?:", one.pattern) for one in patterns]
    marks = ["(?i:" if one.flags & re.IGNORECASE else "(?:" for one in patterns]
    return re.compile("|".join(f"{mark}{text})" for mark, text in zip(marks, bare, strict=True)))


__all__ = ["Command", "Cursor", "Listing", "Parsed", "Reader", "TranscriptReader", "any_of"]
