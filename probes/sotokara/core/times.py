"""Times as pages show them: UTC, and beside it the author's own zone (setting ``timezone``)."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sotokara.core.said import said

_SECONDS = "%Y-%m-%d %H:%M:%S"
_WRITTEN = re.compile(
    r"(?<![\w:+-])(\d{4}-\d\d-\d\d)T(\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?:Z|\+00:00)(?![\w:+-])"
)
_own: dict[str, ZoneInfo] = {}
"""The author's zone, if it is set: it is the same for every page of a build."""


def zone(name: str) -> ZoneInfo:
    """A zone of the IANA database by its name (``Asia/Tokyo``).

    :raises ValueError: when there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = said(
            "{!r} is no time zone that this machine knows (Asia/Tokyo, Europe/Berlin)", name
        )
        raise ValueError(message) from error


def show_zone(name: str) -> None:
    """From now on, show this zone beside UTC; empty: UTC alone."""
    _own.clear()
    if name:
        _own["zone"] = zone(name)


def spaced(text: str) -> str:
    """Times in a text as programs write them, to be read by people: ``2026-11-28 06:57 UTC``.

    >>> spaced("2026-11-28T06:57Z"), spaced("2026-10-02"), spaced("2006")
    ('2026-11-28 06:57 UTC', '2026-10-02', '2006')
    >>> spaced("a log, valid 2026-11-28T07:40:05+00:00, another")
    'a log, valid 2026-11-28 07:40:05 UTC, another'
    """
    return _WRITTEN.sub(r"\1 \2 UTC", text)


def date_time(when: datetime, *, seconds: bool = False) -> str:
    """``2026-11-24 07:27 UTC``, with ``(16:27 JST)`` behind it where the author has a zone."""
    form = _SECONDS if seconds else "%Y-%m-%d %H:%M"
    text = f"{when.strftime(form)} UTC"
    if not _own:
        return text
    own = when.astimezone(_own["zone"])
    same = own.date() == when.date()
    name = own.tzname() or ""
    if not name[:1].isalpha():  # zones without letters of their own are named by their offset
        name = f"UTC{own.isoformat()[-6:]}"
    clock = own.strftime(form[9:] if same else form)
    return f"{text} ({clock} {name})"
