"""Reading fields of a platform's JSON: each may be missing, of another type, or without bounds."""

import math
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

_LONGEST = 255
_LATEST = 4_102_444_800
"""2100: what lies beyond is no time of a measurement."""


def mapping(value: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """A mapping; empty for anything else."""
    return value if isinstance(value, dict) else {}


def bounded_list(value: Any, most: int = 1000) -> list[Any]:  # noqa: ANN401  # JSON
    """A list, no longer than it may be; empty for anything else."""
    return value[:most] if isinstance(value, list) else []


def bounded_text(value: Any, most: int = _LONGEST) -> str:  # noqa: ANN401  # JSON
    """A text or a number as text, cut; empty for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:most]


def number(value: Any) -> float | None:  # noqa: ANN401  # JSON
    """A finite number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) and found >= 0 else None


def address(value: Any) -> str:  # noqa: ANN401  # JSON
    """An IP address in its normal form; empty for anything else."""
    try:
        return str(ip_address(value)) if isinstance(value, str) else ""
    except ValueError:
        return ""


def utc_time(value: Any) -> str:  # noqa: ANN401  # JSON
    """A time in seconds since 1970 as ``2026-11-28T09:00:00Z``; empty for what is none."""
    found = number(value)
    if found is None or found > _LATEST:
        return ""
    return datetime.fromtimestamp(int(found), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
