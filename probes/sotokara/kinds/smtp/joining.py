"""Which connection was held with which address: joined before anything is masked."""

from collections.abc import Iterable, Sequence

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange
from sotokara.kinds.smtp.controls import CONTROL
from sotokara.kinds.smtp.route import Goal

SERVERS = "servers"
"""The step of the exchange that tells it."""
_TEXT = "text/plain"


def sessions(exchanges: Iterable[Exchange]) -> dict[str, list[list[Exchange]]]:
    """By server, its connections in order, each with its exchanges."""
    found: dict[str, list[list[Exchange]]] = {}
    for one in exchanges:
        if one.protocol == "smtp" and one.step != CONTROL:
            connections = found.setdefault(one.server, [])
            if one.step == "connect" or not connections:
                connections.append([])
            connections[-1].append(one)
    return found


def together(goals: Sequence[Goal], exchanges: Sequence[Exchange]) -> Exchange:
    """Which exchanges were held with which address, by number: to be found again when masked."""
    held: dict[str, list[int]] = {}
    for number, one in enumerate(exchanges):
        if one.protocol == "smtp" and one.step != CONTROL:
            held.setdefault(one.server, []).append(number)
    told = [
        [goal.name, [[one, held.get(f"{goal.name} [{one}]", [])] for one in goal.addresses]]
        for goal in goals
    ]
    return Exchange(SERVERS, "", "route", received=msgspec.json.encode(told), media_type=_TEXT)


def joined(
    goals: Sequence[Goal], exchanges: Sequence[Exchange]
) -> list[list[tuple[str, list[list[Exchange]]]]]:
    """For each mail server, its addresses with their connections; masked ones too.

    Two masked addresses look alike, and an address of zeros is what is left in a DNS message.
    """
    told = next((one.received for one in exchanges if one.step == SERVERS), None)
    if told is None:  # of November 2026 and before
        held = sessions(exchanges)
        return [
            [(one, held.get(f"{goal.name} [{one}]", [])) for one in goal.addresses]
            for goal in goals
        ]
    try:
        every = msgspec.json.decode(told, type=list[tuple[str, list[tuple[str, list[int]]]]])
    except NO_JSON:
        every = []
    found: list[list[tuple[str, list[list[Exchange]]]]] = []
    for _, addresses in every:
        of_host = []
        for address, numbers in addresses:
            own = [exchanges[number] for number in numbers if 0 <= number < len(exchanges)]
            of_host.append((address, [one for every in sessions(own).values() for one in every]))
        found.append(of_host)
    return found[: len(goals)] + [[] for _ in goals[len(found) :]]
