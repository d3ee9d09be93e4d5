"""Pings as platforms report them: the echoes of all probes of a place, one after another."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange
from sotokara.kinds.ping.parse import PING, encode
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
    is_reported,
    probe_results,
)
from sotokara.network.ping import Echo, PingRequest

_MOST = {GLOBALPING: 16, RIPE_ATLAS: 16}
"""Echoes that a platform sends at most."""


def platform_asks(
    platform: str, target: str, count: int, family: int | None
) -> dict[str, dict[str, Any]]:
    """A measurement without its places; empty where the platform cannot ask so."""
    if count > _MOST.get(platform, 0):
        return {}
    if platform == GLOBALPING:
        version = {} if is_address(target) or family is None else {"ipVersion": family}
        options = {"packets": count, **version}
        return {PING: {"type": "ping", "target": target, "measurementOptions": options}}
    af = 6 if ":" in target else family or 4
    asked = {"type": "ping", "target": target, "af": af, "packets": count, "size": 48}
    return {PING: {**asked, "resolve_on_probe": True}}


def in_own_form(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The exchanges with each report in the form that this kind keeps.

    :raises Unread: where a report is none, or probes have asked several addresses.
    """
    return [_echoes(one) if is_reported(one) else one for one in exchanges]


def _echoes(exchange: Exchange) -> Exchange:
    read = _globalping if exchange.protocol == GLOBALPING else _atlas
    asked: set[str] = set()
    times: list[float | None] = []
    for one in probe_results(exchange):
        where, found = read(one)
        asked.add(where)
        times += found
    if len(asked) != 1 or not times:
        raise UnreadableReport(
            "its probes have asked several addresses" if times else "nothing was sent"
        )
    request = PingRequest(asked.pop(), "icmp", 0, len(times), 0, 0)
    echoes = [Echo(seq, 0, took) for seq, took in enumerate(times, 1)]
    return msgspec.structs.replace(
        exchange,
        server=request.address,
        protocol="icmp",
        received=encode(request, echoes),
        media_type="text/plain",
    )


def _globalping(one: ProbeResult) -> tuple[str, list[float | None]]:
    where, stats = address(one.result.get("resolvedAddress")), mapping(one.result.get("stats"))
    sent, came = number(stats.get("total")), number(stats.get("rcv"))
    times = list(_times(one.result.get("timings")))
    if not where or sent is None or came != len(times) or not came <= sent <= _MOST[GLOBALPING]:
        raise UnreadableReport("its numbers do not fit each other")
    return where, [*times, *[None] * (int(sent) - len(times))]


def _atlas(one: ProbeResult) -> tuple[str, list[float | None]]:
    """Its times; what could not be sent was not sent, and duplicates are no answers."""
    where = address(one.result.get("dst_addr"))
    if not where:
        raise UnreadableReport(f"its probe says: {_said(one.result) or 'nothing'}")
    every = [
        mapping(reply) for reply in bounded_list(one.result.get("result"), 2 * _MOST[RIPE_ATLAS])
    ]
    sent = [reply for reply in every if "dup" not in reply and "error" not in reply]
    if not sent:
        said = next((_said(reply) for reply in every if _said(reply)), "nothing")
        raise UnreadableReport(f"its probe says: {said}")
    times = [number(reply.get("rtt")) for reply in sent]
    silent = [reply.get("x") == "*" for reply in sent]
    if any((took is None) != lost for took, lost in zip(times, silent, strict=True)):
        raise UnreadableReport("its numbers do not fit each other")
    return where, times


def _times(timings: Any) -> Iterator[float | None]:  # noqa: ANN401  # JSON
    for timing in map(mapping, bounded_list(timings, _MOST[GLOBALPING])):
        took = number(timing.get("rtt"))
        if took is None:
            raise UnreadableReport("its numbers do not fit each other")
        yield took


def _said(result: Mapping[str, Any]) -> str:
    return bounded_text(result.get("dnserr"), 120) or bounded_text(result.get("error"), 120)
