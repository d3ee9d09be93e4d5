"""What expressions may call: few, each a pure function of plain values."""

from datetime import datetime, timedelta

from sotokara.core.durations import parse_time
from sotokara.core.said import said

_MOST_DAYS = 100_000


def days(count: float) -> timedelta:
    """A span of time, to be added to a time or taken from it.

    :raises ValueError: for more than a few centuries.
    """
    if isinstance(count, bool) or not isinstance(count, int | float) or abs(count) > _MOST_DAYS:
        raise ValueError(said("days() takes a number up to {}", _MOST_DAYS))
    return timedelta(days=count)


def day(text: str) -> datetime:
    """The time that a date stands for (``2026-12-05``: its beginning, UTC).

    :raises ValueError: for text that is no date.
    """
    return parse_time(str(text)[:40])


HELPERS = {"days": days, "day": day}
"""By the names under which expressions call them."""
