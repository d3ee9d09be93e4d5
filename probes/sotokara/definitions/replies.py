"""What an article's front matter says of those whom it is about, and of its own mistakes.

``reply``: who was asked, when, until when, and what they said. ``corrections``: what was put right.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from sotokara.core.misfit import misfit, said_where
from sotokara.core.mistakes import AuthorError


class RightOfReply(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One party's right of reply."""

    of: str
    """Who was asked."""
    asked: dt.date
    """The day on which they were asked."""
    deadline: dt.date | None = None
    """Until when they were given time."""
    answered: dt.date | None = None
    """The day of their answer."""
    answer: str = ""
    """What they say, in their words; empty: no answer yet."""
    source: str = ""
    """The address of the whole answer."""


class Correction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that was put right."""

    date: dt.date
    what: str


class PageReplies(NamedTuple):
    """What one article's front matter says."""

    replies: list[RightOfReply]
    corrections: list[Correction]
    """The newest first."""


def read_replies(
    meta: Mapping[str, Any], page: str, text: str
) -> tuple[PageReplies, list[AuthorError]]:
    """The two lists of a page's front matter, and the mistakes in them; ``text`` is its file."""
    mistakes: list[AuthorError] = []

    def read_list(key: str, form: Any) -> Any:  # noqa: ANN401  # a list of it
        given = meta.get(key)
        if given is None:
            return []
        try:
            return msgspec.convert(given if isinstance(given, list) else [given], form)
        except msgspec.ValidationError:
            opens = re.compile(rf"{key}\s*:")
            line = next((n for n, one in enumerate(text.split("\n"), 1) if opens.match(one)), 1)
            found = misfit(given if isinstance(given, list) else [given], form, key)
            mistakes.append(AuthorError(page, line, said_where(found, key), found.hint))
            return []

    replies: list[RightOfReply] = read_list("reply", list[RightOfReply])
    corrections: list[Correction] = read_list("corrections", list[Correction])
    corrections.sort(key=lambda one: one.date, reverse=True)
    return PageReplies(replies, corrections), mistakes
