"""Reading kind ``ping``: the answers, line by line. Pure."""

import math
from collections.abc import Iterable, Sequence

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading, milliseconds
from sotokara.kinds.ping.bounds import excluded
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


def answered(echoes: Iterable[Echo]) -> list[Echo]:
    """Those that the host itself answered."""
    return [one for one in echoes if one.ms is not None and one.type is None]


def heard(exchange: Exchange) -> bool:
    """Whether a host answered at all."""
    return bool(answered(decode(exchange.received or b"")[1]))


def read_echoes(exchanges: Sequence[Exchange], family: int | None) -> Reading:
    """How often and how fast the host answered, or why nothing is known of it."""
    asked = next((one for one in exchanges if one.step == PING), None)
    if asked is None or asked.received is None:
        return Reading(failure=_no_address(exchanges, family))
    try:
        head, echoes = decode(asked.received)
        controls = [heard(one) for one in exchanges if one.step == CONTROL]
    except NO_JSON as error:
        return Reading(failure=Failure("evidence_unreadable", PING, type(error).__name__))
    own = answered(echoes)
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
