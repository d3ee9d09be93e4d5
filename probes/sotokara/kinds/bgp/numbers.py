"""Prefixes and AS numbers, as sources of BGP write them."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Prefix = IPv4Network | IPv6Network
Hops = tuple[int | tuple[int, ...], ...]
"""An AS path: numbers, and sets of them (RFC 4271, 4.3)."""
_AS = re.compile(r"(?:AS)?(\d{1,10})", re.IGNORECASE)
_LARGEST = 2**32 - 1
MOST_HOPS = 255
"""Of a path that is read."""


def prefix_of(text: object) -> Prefix | None:
    """A prefix in its normal form; None for what is none, or has bits behind its length."""
    try:
        return ip_network(text, strict=True) if isinstance(text, str) and len(text) < 60 else None  # noqa: PLR2004
    except ValueError:
        return None


def as_number(text: object) -> int | None:
    """``AS64500``, ``64500`` or 64500 as a number; None for anything else (RFC 6793)."""
    if isinstance(text, bool) or not isinstance(text, str | int):
        return None
    found = _AS.fullmatch(str(text)[:20])
    return int(found[1]) if found and int(found[1]) <= _LARGEST else None


def hops_of(given: object) -> Hops | None:
    """A path out of JSON; None for what is none."""
    if not isinstance(given, list) or len(given) > MOST_HOPS:
        return None
    path: list[int | tuple[int, ...]] = []
    for one in given:
        if isinstance(one, list):
            members = [as_number(member) for member in one[:MOST_HOPS]]
            if None in members:
                return None
            path.append(tuple(sorted(member for member in members if member is not None)))
        elif (number := as_number(one)) is not None:
            path.append(number)
        else:
            return None
    return tuple(path)


def origin_of(path: Hops) -> str:
    """The AS at a path's end; a set is no one's origin (RFC 6811, 2)."""
    last = path[-1] if path else None
    return f"AS{last}" if isinstance(last, int) else ""


def format_path(path: Hops) -> str:
    """A path as text, as routers print it."""
    return " ".join(
        str(one) if isinstance(one, int) else "{" + ",".join(map(str, one)) + "}" for one in path
    )


def resource(target: str) -> tuple[str, str]:
    """What is asked about (``prefix``, ``address`` or ``as``), and its one spelling.

    :raises ValueError: for anything else.
    """
    text = target.strip()
    if number := re.fullmatch(r"AS ?(\d{1,10})", text, re.IGNORECASE):
        if int(number[1]) > _LARGEST:
            raise ValueError(text)
        return "as", f"AS{int(number[1])}"
    if "/" in text:
        return "prefix", str(ip_network(text, strict=True))
    return "address", str(ip_address(text))
