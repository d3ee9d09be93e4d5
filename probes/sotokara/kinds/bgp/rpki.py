"""Validity of an origin by ROAs (RFC 6811), by a set of ROAs that was there at the time.

A set is an export of rpki-client or one of its like (JSON with ``metadata.buildtime`` and
``roas``), or what a validator said by RTR (see rtr.py).
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import msgspec

from sotokara.core.durations import parse_time
from sotokara.kinds.bgp.numbers import Prefix, as_number, prefix_of

LARGEST = 256 * 1024 * 1024
MOST = 2000
"""ROAs that are kept of one set: those that cover what was asked for."""
_YEAR_10000 = 253_402_300_800
"""In seconds since 1970: no time that can be written."""


class Roa(msgspec.Struct, frozen=True, omit_defaults=True):
    """One authorization."""

    prefix: str
    asn: int
    longest: int
    expires: int = 0
    """Seconds since 1970; 0: the export does not say."""


class RoaSet(msgspec.Struct, frozen=True, omit_defaults=True):
    """What of a set is about one prefix and all inside of it, and when it was made."""

    built: int
    """Seconds since 1970."""
    sha256: str
    """Of the whole file; by RTR of all prefixes as they came (RFC 8210, 5.6 and 5.7)."""
    roas: list[Roa] = []
    session: int = -1
    """By RTR: the cache's session."""
    serial: int = 0
    count: int = 0
    """By RTR: how many ROAs the whole set has."""


def read_set(path: Path, wanted: Prefix) -> RoaSet:
    """The ROAs of a file that cover a prefix, or one inside of it.

    :raises ValueError: for what is no such file; the text says why.
    :raises OSError: when it cannot be read.
    """
    if path.stat().st_size > LARGEST:
        raise ValueError(f"the set of ROAs has more than {LARGEST >> 20} MiB")
    content = path.read_bytes()
    try:
        given = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("the set of ROAs is no JSON") from error
    head = given.get("metadata") if isinstance(given, dict) else None
    every = given.get("roas") if isinstance(given, dict) else None
    if not isinstance(head, dict) or not isinstance(every, list):
        raise ValueError("the set of ROAs has no metadata and no roas")  # noqa: TRY004
    found = [one for one in map(_roa, every) if one and _about(one, wanted)]
    if len(found) > MOST:
        raise ValueError(f"more than {MOST} ROAs cover it")
    found.sort(key=lambda one: (one.prefix, one.asn, one.longest))
    return RoaSet(_built(head), hashlib.sha256(content).hexdigest(), found)


def _built(head: dict[str, Any]) -> int:
    for name in ("buildtime", "generatedTime", "timestamp"):
        value = head.get(name)
        if isinstance(value, str):
            return int(parse_time(value.replace("Z", "+00:00")).timestamp())
    number = head.get("generated", head.get("buildtime"))
    if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < _YEAR_10000:
        return number
    raise ValueError("the set of ROAs does not say when it was made")


def _roa(given: Any) -> Roa | None:  # noqa: ANN401  # JSON
    one = given if isinstance(given, dict) else {}
    prefix, asn = prefix_of(one.get("prefix")), as_number(one.get("asn"))
    longest, expires = one.get("maxLength"), one.get("expires", 0)
    if prefix is None or asn is None:
        return None
    if not isinstance(longest, int) or not prefix.prefixlen <= longest <= prefix.max_prefixlen:
        longest = prefix.prefixlen
    return Roa(str(prefix), asn, longest, expires if isinstance(expires, int) else 0)


def _about(roa: Roa, wanted: Prefix) -> bool:
    prefix = ip_network(roa.prefix)
    return prefix.version == wanted.version and prefix.overlaps(wanted)


def validity(prefix: Prefix, origin: str, roas: Sequence[Roa], when: int) -> str:
    """``Valid``, ``Invalid`` or ``NotFound`` (RFC 6811, 2.1).

    ``origin``: empty for a path that ends in a set, which no ROA can match. ``when``: seconds since
    1970; a ROA that had expired then counts for nothing.
    """
    covering = [
        one
        for one in roas
        if (not one.expires or one.expires > when)
        and ip_network(one.prefix).version == prefix.version
        and prefix.subnet_of(ip_network(one.prefix))  # type: ignore[arg-type]
    ]
    if not covering:
        return "NotFound"
    matches = any(
        one.asn and origin == f"AS{one.asn}" and prefix.prefixlen <= one.longest for one in covering
    )
    return "Valid" if matches else "Invalid"


def of_time(sets: Iterable[RoaSet], when: int) -> RoaSet | None:
    """The newest set that was there at a moment."""
    there = sorted((one for one in sets if one.built <= when), key=lambda one: one.built)
    return there[-1] if there else None


def distinct_sets(sets: Iterable[RoaSet], most: int) -> list[RoaSet]:
    """Sets in their order of time without those that say what the one before them says.

    Of more than ``most`` the oldest are gone: what came before the rest is then judged by none.
    """
    found: list[RoaSet] = []
    for one in sorted(sets, key=lambda one: one.built):
        if not found or found[-1].roas != one.roas:
            found.append(one)
    return found[-most:]


def format_time(seconds: int | None) -> str:
    """Seconds since 1970 as ``2026-11-28T09:00:03Z``; empty for none, or one of no year."""
    if seconds is None or not 0 <= seconds < _YEAR_10000:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
