"""The ``timeline`` block: several definitions' histories and the author's dated events."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from sotokara.core.durations import parse_time, seconds
from sotokara.core.expressions import Reference
from sotokara.core.misfit import misfit, said_where
from sotokara.core.mistakes import AuthorError
from sotokara.core.said import said
from sotokara.definitions.source import read_mapping

_REFERENCE = re.compile(r"(?:([^\s#]+)#)?([A-Za-z][A-Za-z0-9_]*)")
_HINT = said("see “A time line” in the guide's page on articles")


class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that happened, as the author knows it."""

    date: str
    """The day, or the day and time (ISO 8601; UTC where it names no zone)."""
    what: str
    """What happened, in a sentence."""
    source: str = ""
    """Whence the author knows it: an address, or a title."""


class TimelineBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an author wrote in one ``timeline`` fence."""

    of: str | list[str]
    """The ids of definitions, of this page or another (``page-stem#id``)."""
    title: str = ""
    """What the time line shows."""
    since: str | None = None
    """Where it begins; by default a month ago, or at the first event."""
    until: str | None = None
    """Where it ends; by default now."""
    history: float | str | None = None
    """Instead of ``since``: how far back (``30d``)."""
    events: list[Event] = []
    """Dated events, drawn across all rows."""

    @property
    def references(self) -> list[Reference]:
        """The definitions that it shows."""
        listed = [self.of] if isinstance(self.of, str) else self.of
        found = (_REFERENCE.fullmatch(one) for one in listed)
        return [Reference(one[1], one[2]) for one in found if one]


def read_timeline(
    source: str, page: str, line: int
) -> tuple[TimelineBlock | None, list[AuthorError]]:
    """The block in a fence, or every mistake in it; ``line``: that of the fence's opening."""
    mapping, lines, slips = read_mapping(source)
    mistakes = [AuthorError(page, line + 1 + at, what, hint) for at, what, hint in slips]
    if mapping is None:
        return None, mistakes

    def wrong(what: str, key: str) -> None:
        mistakes.append(AuthorError(page, line + 1 + lines.get(key, -1), what, _HINT))

    try:
        block = msgspec.convert(_texts(mapping), TimelineBlock)
    except msgspec.ValidationError:
        found = misfit(_texts(mapping), TimelineBlock, "timeline")
        key = str(found.path[0]) if found.path else ""
        slip = said("in the time line: {}", said_where(found, ""))
        mistakes.append(AuthorError(page, line + 1 + lines.get(key, -1), slip, found.hint))
        return None, mistakes
    for what, key in _wrong(block):
        wrong(what, key)
    return (None if mistakes else block), mistakes


def _texts(value: Any) -> Any:  # noqa: ANN401  # what YAML read
    """Days and times as the author wrote them: YAML makes objects of them."""
    if isinstance(value, dict):
        return {str(key): _texts(one) for key, one in value.items()}
    if isinstance(value, list):
        return list(map(_texts, value))
    return value.isoformat() if isinstance(value, dt.date) else value


def _wrong(block: TimelineBlock) -> Iterator[tuple[str, str]]:
    listed = [block.of] if isinstance(block.of, str) else block.of
    for one in listed:
        if not _REFERENCE.fullmatch(one):
            yield said("{!r} is no id of a definition", one), "of"
    if not listed:
        yield said("the time line names no definition"), "of"
    if block.since is not None and block.history is not None:
        yield said("history and since stand together"), "history"
    times = [("since", block.since), ("until", block.until)]
    for key, text in [*times, *(("events", event.date) for event in block.events)]:
        try:
            if text is not None:
                parse_time(text)
        except ValueError as error:
            yield str(error), key
    try:
        if block.history is not None:
            seconds(block.history)
    except ValueError as error:
        yield str(error), "history"
