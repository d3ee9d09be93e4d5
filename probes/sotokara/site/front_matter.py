"""What a page's front matter says of all its figures."""

from datetime import date, datetime

from sotokara.core.durations import moment
from sotokara.core.mistakes import AuthorError


def page_pin(page: str, text: str, pin: object) -> tuple[str, list[AuthorError]]:
    """The day that a whole article is pinned to (empty: none), and the author's mistake in it."""
    if pin is None:
        return "", []
    if isinstance(pin, datetime | date):
        return f"{pin:%Y-%m-%d}", []
    try:
        moment(str(pin))
    except ValueError:
        lines = (n for n, one in enumerate(text.split("\n"), 1) if one.startswith("pin"))
        hint = "write a day, such as pin: 2026-01-31"
        return "", [AuthorError(page, next(lines, 1), f"pin: {str(pin)!r} is no day", hint)]
    return str(pin), []
