"""Durations as authors write them: ``90``, ``15m``, ``12h``, ``30d``."""

import re
from datetime import UTC, datetime

from sotokara.core.said import said

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


_MOST = 1e12
_LONGEST = 40


def seconds(value: object) -> float:
    """Seconds of a number, or of a number with a unit s, m, h, d or w.

    :raises ValueError: for anything else, and for negative durations.
    """
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MOST:
        return float(value)
    if isinstance(value, str) and (
        match := re.fullmatch(r"\s*(\d{1,12}(?:\.\d{1,12})?)\s*([smhdw]?)\s*", value)
    ):
        return float(match[1]) * UNITS.get(match[2], 1)
    short = repr(value) if len(repr(value)) < _LONGEST else f"{repr(value)[:_LONGEST]}…"
    message = said(
        "{} is not a duration; write seconds, or a number with s, m, h, d or w (12h)", short
    )
    raise ValueError(message)


def parse_time(text: str) -> datetime:
    """A date, or a date and time (ISO 8601), as UTC where it names no zone.

    :raises ValueError: for anything else.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        message = said("{!r} is no date", text)
        raise ValueError(message) from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
