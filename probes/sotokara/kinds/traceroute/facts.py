"""The facts of a path, and how it ends."""

from ipaddress import ip_address

import msgspec

from sotokara.core.observation import Facts, Failure
from sotokara.network.trace import Trace, TraceRow


class TraceHop(msgspec.Struct, frozen=True, omit_defaults=True):
    """One hop: every address that answered there, in numerical order; none where it was silent."""

    number: int
    addresses: list[str] = []
    masked: str = ""
    """What stands in place of a hop that redaction took out."""
    whose: str = ""
    """Of a masked one: ``home``, ``unknown`` where nobody said whose it is, else the author's."""


def alike(one: TraceHop | None, other: TraceHop | None) -> bool:
    """Whether two hops do not contradict each other.

    A router answers when it has time, and a balancer shows some of its ways: one set of addresses
    may be part of the other. Where nothing answered, or a hop is hidden, nothing is known.
    """
    if one is None or other is None or one.masked or other.masked:
        return True
    here, there = set(one.addresses), set(other.addresses)
    return here <= there or there <= here


class PathEnd(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a path ends."""

    how: str
    """``reached``, ``unreachable``, ``silent`` (from ``hop`` on), ``limit`` (of hops), ``loop``."""
    hop: int
    """Of the target, the refusal, the first silence, the last one asked, the loop's beginning."""
    address: str = ""
    """Who answered there; empty where nobody did or it is masked."""
    why: str = ""
    """Of unreachable: network, host, protocol, port, size, prohibited, source_route, other."""
    loop: list[str] = []
    """The addresses that the loop goes round, in its order."""


class PathFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """A path. Silent hops at the end are not listed: ``end`` tells where silence begins."""

    address: str
    """The address traced to."""
    hops: list[TraceHop] = []
    """From the first hop on; several addresses at one hop are alternatives."""
    end: PathEnd


def silence(facts: PathFacts) -> Failure | None:
    """Why a path that ends in silence may say nothing of the target; None where something ended it.

    Where no hop answered but the author's own, packets may not even have left his network.
    """
    end = facts.end
    own = [hop for hop in facts.hops if hop.addresses or hop.masked]
    if all(map(_at_home, own)) and (
        end.how == "silent" or (end.how == "unreachable" and end.hop in [hop.number for hop in own])
    ):
        detail = (
            "only hops of the author's own network answered, "
            "so nothing is known of what lies behind"
        )
        return Failure("port_blocked", "path", detail)
    return Failure("generic_timeout_error", "path") if end.how == "silent" else None


def _at_home(hop: TraceHop) -> bool:
    """The first hop is the author's own router, and so is any with a private address."""
    private = bool(hop.addresses) and all(ip_address(one).is_private for one in hop.addresses)
    return hop.number == 1 or hop.whose == "home" or (private and not hop.masked)


def agree(before: PathFacts, after: PathFacts) -> bool:
    """Whether a path is still the same: the same address, the same end, no hop elsewhere."""
    if (before.address, before.end) != (after.address, after.end):
        return False
    here = {hop.number: hop for hop in before.hops}
    there = {hop.number: hop for hop in after.hops}
    return all(alike(here.get(number), there.get(number)) for number in here | there)


_REASONS_4 = {
    0: "network",
    1: "host",
    2: "protocol",
    3: "port",
    4: "size",
    5: "source_route",
    9: "prohibited",
    10: "prohibited",
    13: "prohibited",
}
"""Codes of ICMP type 3 (RFC 792, RFC 1812 5.2.7.1)."""
_REASONS_6 = {0: "network", 1: "prohibited", 3: "host", 4: "port", 5: "prohibited", 6: "prohibited"}
"""Codes of ICMPv6 type 1 (RFC 4443, 3.1)."""
_LONGEST_LOOP = 8
_ROUNDS = 2


def time_exceeded(row: TraceRow, *, v6: bool) -> bool:
    """Whether a router says that the TTL ran out on its way."""
    return row.type == (3 if v6 else 11)


def reason(row: TraceRow, *, v6: bool) -> str:
    """Why something is unreachable, from an ICMP type and code."""
    if v6:
        return "size" if row.type == 2 else _reason(row, 1, _REASONS_6)  # noqa: PLR2004  # RFC 4443
    return _reason(row, 3, _REASONS_4)


def _reason(row: TraceRow, unreachable: int, reasons: dict[int, str]) -> str:
    if row.type != unreachable or row.code is None:
        return "other"
    return reasons.get(row.code, "other")


def end_of(path: Trace) -> PathEnd:
    """The end of a path; its rows may be partly masked."""
    v6 = path.head.v6
    answered = [row for row in path.rows if row.address or row.masked]
    finals = [row for row in answered if row.final]
    if finals:
        first = min(finals, key=lambda row: row.ttl)
        return PathEnd("reached", first.ttl, _shown(first))
    refused = [row for row in answered if row.type is not None and not time_exceeded(row, v6=v6)]
    if refused:
        first = min(refused, key=lambda row: row.ttl)
        return PathEnd("unreachable", first.ttl, _shown(first), reason(first, v6=v6))
    if loop := _loop(path):
        return loop
    last = max((row.ttl for row in answered), default=0)
    if last >= path.head.max_hops:
        by = next(row for row in answered if row.ttl == last)
        return PathEnd("limit", last, _shown(by))
    return PathEnd("silent", last + 1)


def _shown(row: TraceRow) -> str:
    try:
        return str(ip_address(row.address))
    except ValueError:
        return ""


def _loop(path: Trace) -> PathEnd | None:
    """Two rounds or more of the same routers up to the last hop asked; silent ones may be any."""
    at: dict[int, frozenset[str]] = {}
    for row in path.rows:
        if row.masked:
            at[row.ttl] = frozenset()
        elif row.address:
            at[row.ttl] = at.get(row.ttl, frozenset()) | {row.address}
    last = max(at, default=0)
    for period in range(2, _LONGEST_LOOP + 1):
        first = last
        while first - period >= 1 and _alike(at, first, first - period):
            first -= 1
        first = first - period + 1
        while first <= last and not at.get(first):  # it begins where it was first seen
            first += 1
        ring = [at.get(number) for number in range(first, first + period)]
        several = len({one for one in ring if one}) > 1
        if last - first + 1 >= (_ROUNDS + 1) * period and several:
            names = [", ".join(sorted(one or ())) for one in ring]
            return PathEnd("loop", first, loop=[name for name in names if name])
    return None


def _alike(at: dict[int, frozenset[str]], one: int, other: int) -> bool:
    here, there = at.get(one), at.get(other)
    return not here or not there or bool(here & there)
