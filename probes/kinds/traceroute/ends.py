"""How a path ends: reached, refused, silent from a hop on, the limit of hops, or a loop."""

from ipaddress import ip_address

from probes.kinds.interface import Trace, TraceRow
from probes.kinds.traceroute.facts import End

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


def end_of(path: Trace) -> End:
    """The end of a path; its rows may be partly masked."""
    v6 = path.head.v6
    answered = [row for row in path.rows if row.address or row.masked]
    finals = [row for row in answered if row.final]
    if finals:
        first = min(finals, key=lambda row: row.ttl)
        return End("reached", first.ttl, _shown(first))
    refused = [row for row in answered if row.type is not None and not time_exceeded(row, v6=v6)]
    if refused:
        first = min(refused, key=lambda row: row.ttl)
        return End("unreachable", first.ttl, _shown(first), reason(first, v6=v6))
    if loop := _loop(path):
        return loop
    last = max((row.ttl for row in answered), default=0)
    if last >= path.head.max_hops:
        by = next(row for row in answered if row.ttl == last)
        return End("limit", last, _shown(by))
    return End("silent", last + 1)


def _shown(row: TraceRow) -> str:
    try:
        return str(ip_address(row.address))
    except ValueError:
        return ""


def _loop(path: Trace) -> End | None:
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
        ring = [at.get(number) for number in range(first, first + period)]
        several = len({one for one in ring if one}) > 1
        if last - first + 1 >= (_ROUNDS + 1) * period and several:
            names = [", ".join(sorted(one or ())) for one in ring]
            return End("loop", first, loop=[name for name in names if name])
    return None


def _alike(at: dict[int, frozenset[str]], one: int, other: int) -> bool:
    here, there = at.get(one), at.get(other)
    return not here or not there or bool(here & there)
