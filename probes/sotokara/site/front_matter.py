"""What a page's front matter says of all its figures."""

import re
from datetime import date, datetime
from typing import Any

import yaml

from sotokara.core.durations import parse_time
from sotokara.core.mistakes import AuthorError
from sotokara.core.said import said
from sotokara.core.times import zone
from sotokara.definitions.slips import Slip, foreign_sign, impossible, unreadable

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it was built in
_META = re.compile(r"\A\ufeff?---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_NO_END = re.compile(r"\A\ufeff?---[ \t]*\r?\n[\w-]+:(?:[ \t\r\n]|\Z)")
_HINT = said("write `key: value` in each line; text with `: ` needs quotation marks")


def page_pin(page: str, text: str, pin: object) -> tuple[str, list[AuthorError]]:
    """The day that a whole article is pinned to (empty: none), and the author's mistake in it.

    ``pin: true`` is Material's: it keeps a post at the top of its blog.
    """
    if pin is None or isinstance(pin, bool):
        return "", []
    if isinstance(pin, datetime | date):
        return f"{pin:%Y-%m-%d}", []
    try:
        parse_time(str(pin))
    except ValueError:
        hint = said("write a day, such as pin: 2026-01-31")
        return "", [
            AuthorError(page, _line(text, "pin"), said("pin: {!r} is no day", str(pin)), hint)
        ]
    return str(pin), []


def page_zone(page: str, text: str, timezone: object) -> tuple[str, list[AuthorError]]:
    """The time zone of an article's author (empty: the site's), and the mistake in it."""
    if timezone is None:
        return "", []
    try:
        return zone(str(timezone)).key, []
    except ValueError as error:
        hint = said("write a name of the IANA database, or leave it out")
        line = _line(text, "timezone")
        return "", [AuthorError(page, line, said("timezone: {}", error), hint)]


def has_no_end(text: str) -> bool:
    """Whether front matter begins and does not end: half written, or half saved.

    What it was to say, such as ``draft: true``, may not stand there yet.
    """
    return bool(_NO_END.match(text)) and not _META.match(text.replace("\r\n", "\n"))


def unreadable_front_matter(page: str, text: str) -> list[AuthorError]:
    """Why the YAML at a page's top cannot be read.

    MkDocs leaves such a page without its title, date and language and says nothing; Material's blog
    ends with YAML's own words, and no line.
    """
    of = "the front matter cannot be read: {}"
    match = _META.match(text.replace("\r\n", "\n"))
    if match is None:
        hint = said("write --- on a line of its own beneath it")
        what = said(of, said("it has no end"))
        return [AuthorError(page, 1, what, hint)] if has_no_end(text) else []
    try:
        given = yaml.load(match[1], _Loader)  # noqa: S506  # a safe one
        slips = [] if isinstance(given, dict) else [*filter(None, [foreign_sign(match[1])])]
    except yaml.MarkedYAMLError as error:
        slips = [unreadable(match[1], error)]
    except (ValueError, OverflowError, yaml.YAMLError) as error:
        slips = [Slip(0, said(str(error).splitlines()[0]), _HINT)]
        if isinstance(error, ValueError):
            slips = [*impossible(yaml.compose(match[1], yaml.SafeLoader))] or slips
    return [AuthorError(page, line + 2, said(of, what), hint) for line, what, hint in slips]


def _line(text: str, key: str) -> int:
    """The 1-based line of a key of the front matter."""
    return next((n for n, one in enumerate(text.split("\n"), 1) if one.startswith(key)), 1)
