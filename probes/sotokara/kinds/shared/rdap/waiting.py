"""How long a server asks to be left alone (RFC 9110, 10.2.3)."""

from email.utils import parsedate_to_datetime


def seconds(retry_after: str, now: float) -> float | None:
    """The seconds of a ``Retry-After`` header (RFC 9110, 10.2.3); None where it says none."""
    text = retry_after.strip()
    if text.isdecimal() and text.isascii():
        return float(text[:12])
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
