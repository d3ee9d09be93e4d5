"""Paths as platforms report them, in the rows of a trace of our own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from sotokara.core.addresses import is_address
from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange
from sotokara.kinds.shared.platforms.fields import (
    address,
    bounded_list,
    bounded_text,
    mapping,
    number,
)
from sotokara.kinds.shared.platforms.reports import (
    GLOBALPING,
    RIPE_ATLAS,
    ProbeResult,
    UnreadableReport,
    alone,
    is_reported,
)
from sotokara.kinds.traceroute.parse import PATH, trace_of
from sotokara.network.trace import Trace, TraceHead, TraceRow, encode_trace

_MOST_HOPS, _MOST_REPLIES = 64, 16
_LAST = 255
"""The hop number of an attempt behind the farthest one (RIPE Atlas)."""
_REFUSED = {"N": 0, "H": 1, "P": 2, "p": 3, "A": 13}
"""Codes of ICMP type 3 (RFC 792, RFC 1812) as RIPE Atlas writes them."""
_REFUSED_6 = {"N": 0, "A": 1, "H": 3, "p": 4}
_ANSWERS = ("P", "p")
"""What a target says that takes no such packets: it is the target that says so."""


class TraceOptions(msgspec.Struct, frozen=True):
    """What is asked for; ``plain``: its options are as nobody has set them."""

    target: str
    protocol: Literal["udp", "icmp", "tcp"]
    port: int
    count: int
    max_hops: int
    wait: float
    family: int | None
    plain: bool


def platform_asks(platform: str, wanted: TraceOptions) -> dict[str, dict[str, Any]]:
    """A measurement without its places; empty where the platform cannot ask so."""
    protocol = wanted.protocol.upper()
    if platform == GLOBALPING and wanted.plain:  # its probes have counts and limits of their own
        fixed = is_address(wanted.target) or wanted.family is None
        version = {} if fixed else {"ipVersion": wanted.family}
        port = {"port": wanted.port} if wanted.port else {}
        options = {"protocol": protocol, **port, **version}
        return {
            PATH: {"type": "traceroute", "target": wanted.target, "measurementOptions": options}
        }
    if platform != RIPE_ATLAS:
        return {}
    asked: dict[str, Any] = {
        "type": "traceroute",
        "target": wanted.target,
        "af": 6 if ":" in wanted.target else wanted.family or 4,
        "protocol": protocol,
        "packets": wanted.count,
        "max_hops": wanted.max_hops,
        "response_timeout": round(wanted.wait * 1000),
        "resolve_on_probe": True,
    }
    return {PATH: {**asked, **({"port": wanted.port} if wanted.protocol == "tcp" else {})}}


def in_own_form(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The exchanges with each report in the form that this kind keeps.

    :raises Unread: where a report is none.
    """
    return [_path(one) if is_reported(one) else one for one in exchanges]


def farthest(exchanges: Sequence[Exchange]) -> int:
    """The last hop that a platform's probe has asked: nothing is known of what lies behind."""
    path = trace_of(exchanges)
    return max((row.ttl for row in path.rows), default=1) if path else 1


def _path(exchange: Exchange) -> Exchange:
    one = alone(exchange)
    globalping = exchange.protocol == GLOBALPING
    where = address(one.result.get("resolvedAddress" if globalping else "dst_addr"))
    if not where:
        said = bounded_text(one.result.get("dnserr"), 120) or bounded_text(
            one.result.get("error"), 120
        )
        raise UnreadableReport(f"its probe says: {said or 'nothing'}")
    found = list((_globalping if globalping else _atlas)(one, where))
    if not found:
        raise UnreadableReport("it reports no path")
    protocol = _protocol(exchange)
    count = max(row.nth for row in found) + 1
    last = max(row.ttl for row in found)
    head = TraceHead(where, protocol, count, last, ":" in where, exchange.protocol)
    return msgspec.structs.replace(
        exchange,
        step=PATH,
        server=where,
        protocol=protocol,
        received=encode_trace(Trace(head, found)),
        media_type="text/plain",
    )


def _protocol(exchange: Exchange) -> Literal["udp", "icmp", "tcp"]:
    """By which the platform was asked to trace."""
    try:
        sent = mapping(msgspec.json.decode(exchange.sent))
    except NO_JSON as error:
        raise UnreadableReport("it reports no path") from error
    asked = [sent.get("measurementOptions"), *bounded_list(sent.get("definitions"), 1)]
    named = {bounded_text(mapping(one).get("protocol")).lower() for one in asked}
    if "tcp" in named:
        return "tcp"
    return "udp" if "udp" in named else "icmp"


def _globalping(one: ProbeResult, where: str) -> Iterator[TraceRow]:
    """A hop has one address, and a time for each packet that came back."""
    for ttl, hop in enumerate(map(mapping, bounded_list(one.result.get("hops"), _MOST_HOPS)), 1):
        by = address(hop.get("resolvedAddress"))
        times = [
            number(mapping(one).get("rtt"))
            for one in bounded_list(hop.get("timings"), _MOST_REPLIES)
        ]
        if not by or not times:
            yield TraceRow(ttl, 0, 0)
            continue
        for nth, took in enumerate(times):
            yield _row(ttl, nth, by, took, final=by == where)


def _atlas(one: ProbeResult, where: str) -> Iterator[TraceRow]:
    for hop in map(mapping, bounded_list(one.result.get("result"), _MOST_HOPS)):
        ttl = number(hop.get("hop"))
        if ttl is None or not ttl.is_integer() or not 0 < ttl <= _LAST:
            raise UnreadableReport(
                f"its probe says: {bounded_text(hop.get('error'), 120) or 'nothing'}"
            )
        if ttl > _MOST_HOPS:
            continue
        replies = [mapping(reply) for reply in bounded_list(hop.get("result"), _MOST_REPLIES)]
        kept = [reply for reply in replies if "late" not in reply]
        for nth, reply in enumerate(kept):
            yield _reply(int(ttl), nth, reply, where)
        if not kept:
            yield TraceRow(int(ttl), 0, 0)


def _reply(ttl: int, nth: int, reply: Mapping[str, Any], where: str) -> TraceRow:
    by, took, refused = address(reply.get("from")), number(reply.get("rtt")), reply.get("err")
    if not by:
        return TraceRow(ttl, nth, 0)
    if refused is None:
        return _row(ttl, nth, by, took, final=by == where)
    codes = _REFUSED_6 if ":" in by else _REFUSED
    code = codes.get(bounded_text(refused, 3))
    if code is None:
        code = int(number(refused) or 0) if isinstance(refused, int) else None
    final = by == where and refused in _ANSWERS
    return TraceRow(ttl, nth, 0, by, took, 1 if ":" in by else 3, code, final=final)


def _row(ttl: int, nth: int, by: str, took: float | None, *, final: bool) -> TraceRow:
    """A reply without an ICMP error: of the target, or of a router whose packet's TTL ran out."""
    if final:
        return TraceRow(ttl, nth, 0, by, took, final=True)
    return TraceRow(ttl, nth, 0, by, took, 3 if ":" in by else 11, 0)
