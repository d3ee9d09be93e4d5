"""Reading kind ``ping``: the answers, line by line. Pure."""

import json
import math
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading, milliseconds
from sotokara.kinds.ping.facts import KM_PER_MS, PingFacts
from sotokara.network.ping import Echo, PingRequest

PING, CONTROL = "ping", "control"
_ROUNDED = 10
"""Kilometres: a bound is rounded up to tens."""


class _Head(msgspec.Struct, frozen=True, omit_defaults=True):
    """What was asked."""

    address: str
    protocol: str
    port: int = 0
    at: list[float] | None = None
    """Where it was asked from, as the settings say: latitude and longitude."""


def encode(request: PingRequest, echoes: Iterable[Echo], at: list[float] | None = None) -> bytes:
    """A line of JSON for what was asked, then one for each answer or its absence.

    ``at``: the position that it was asked from, where the settings name it.
    """
    head = _Head(request.address, request.protocol, request.port, at)
    return b"".join(msgspec.json.encode(one) + b"\n" for one in (head, *echoes))


def decode(received: bytes) -> tuple[_Head, list[Echo]]:
    """The same, read again.

    :raises msgspec.MsgspecError: for what is none.
    :raises ValueError: for no line at all.
    """
    first, *rest = received.splitlines() or [b""]
    return (
        msgspec.json.decode(first, type=_Head),
        [msgspec.json.decode(line, type=Echo) for line in rest],
    )


def host_replies(echoes: Iterable[Echo]) -> list[Echo]:
    """Those that the host itself answered."""
    return [one for one in echoes if one.ms is not None and one.type is None]


def any_host_replied(exchange: Exchange) -> bool:
    """Whether a host answered at all."""
    return bool(host_replies(decode(exchange.received or b"")[1]))


def read_echoes(exchanges: Sequence[Exchange], family: int | None) -> Reading:
    """How often and how fast the host answered, or why nothing is known of it."""
    asked = next((one for one in exchanges if one.step == PING), None)
    if asked is None or asked.received is None:
        return Reading(failure=_no_address(exchanges, family))
    try:
        head, echoes = decode(asked.received)
        controls = [any_host_replied(one) for one in exchanges if one.step == CONTROL]
    except NO_JSON as error:
        return Reading(failure=Failure("evidence_unreadable", PING, type(error).__name__))
    own = host_replies(echoes)
    if not own:
        return Reading(failure=_silence(echoes, controls, exchanges))
    best = min(one.ms or 0.0 for one in own)
    within = math.ceil(best * KM_PER_MS / _ROUNDED) * _ROUNDED
    facts = PingFacts(
        address=head.address,
        state=own[-1].state,
        sent=len(echoes),
        received=len(own),
        best=milliseconds(best / 1000, 1),
        within_km=within,
        excluded=excluded(head.at, within) if head.at else [],
    )
    return Reading(facts, volatile={"times": [one.ms for one in echoes]})


def _silence(
    echoes: Sequence[Echo], controls: Sequence[bool], exchanges: Sequence[Exchange]
) -> Failure:
    """Whose a silence is: ours, where nobody answers by ICMP at all."""
    if controls and not any(controls):
        asked = ", ".join(one.server for one in exchanges if one.step == CONTROL)
        return Failure("port_blocked", CONTROL, f"no control answers by ICMP either: {asked}")
    told = any(one.type is not None for one in echoes)
    return Failure("host_unreachable" if told else "generic_timeout_error", PING)


def _no_address(exchanges: Sequence[Exchange], family: int | None) -> Failure:
    for exchange in exchanges:
        if exchange.failure:
            return exchange.failure
    wanted = f"no IPv{family} address" if family else "no address"
    return Failure("dns_no_answer", "address of the target", wanted)


# Which countries a distance excludes, seen from a place. Never where a host is.
#
# The countries are boxes of whole degrees around the outlines of Natural Earth (public domain),
# with all that belongs to them overseas; `tests/extents.py` makes them. They are too large rather
# than too small, so what is said to be excluded is.

_DATA = Path(__file__).with_name("extents.json")
_RADIUS = 6371.0 * 0.995
"""Kilometres; a little less than the Earth's, which is no ball."""
_SLACK = 50.0
"""Kilometres by which a place's own position may be wrong."""


def excluded(at: Sequence[float], within_km: float) -> list[str]:
    """The codes of the countries that are farther from ``[latitude, longitude]``, nearest first."""
    far = [(_distance(at, boxes), code) for code, boxes in _extents().items()]
    return [code for distance, code in sorted(far) if distance - _SLACK > within_km]


@lru_cache
def _extents() -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = json.loads(_DATA.read_text("ascii"))
    return found


def _distance(at: Sequence[float], boxes: Sequence[Sequence[float]]) -> float:
    return min(_to_box(at[0], at[1], box) for box in boxes)


def _to_box(lat: float, lon: float, box: Sequence[float]) -> float:
    """Kilometres from a point to the nearest point of a box."""
    south, west, north, east = box
    if any(west <= lon + turn <= east for turn in (-360, 0, 360)):
        return max(south - lat, lat - north, 0.0) * math.pi / 180 * _RADIUS
    return min(_to_meridian(lat, side - lon, south, north) for side in (west, east))


def _to_meridian(lat: float, away: float, south: float, north: float) -> float:
    """To the nearest point of a piece of a meridian that is so many degrees away."""
    near, turn = math.radians(lat), math.radians(away)
    foot = math.degrees(math.atan2(math.tan(near), math.cos(turn)))
    every = {south, north, min(max(foot, south), north)}
    return min(_great_circle(near, math.radians(one), turn) for one in every)


def _great_circle(one: float, other: float, turn: float) -> float:
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(turn / 2) ** 2
    return 2 * _RADIUS * math.asin(math.sqrt(min(half, 1.0)))
