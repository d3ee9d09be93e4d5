"""Which connection was held with which address: joined before anything is masked."""

import re
from collections.abc import Iterable, Sequence

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure
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


def connections_by_host(
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


# What the controls said: mail servers that are known to greet, and greet by their own name.

CONTROL = "control"
"""The step of an exchange with a control."""


def greets_as(host: str, banner: bytes) -> bool:
    """Whether a banner names the host's own domain (RFC 5321, 4.2: the server's name is in it)."""
    labels = host.lower().rstrip(".").split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3  # noqa: PLR2004  # co.jp
    own = ".".join(labels[-3:] if short else labels[-2:] if len(labels) > 2 else labels[-1:])  # noqa: PLR2004
    text = banner.decode("ascii", "replace").lower()
    return re.search(rf"(?<![\w-]){re.escape(own)}(?![\w-]|\.\w)", text) is not None


def blocked(exchanges: Iterable[Exchange]) -> dict[bool, Failure]:
    """By address family (True: IPv6): why no control greeted us over it, where none did."""
    controls: dict[bool, list[Exchange]] = {}
    for one in exchanges:
        if one.step == CONTROL:
            controls.setdefault(":" in one.server.partition(" [")[2], []).append(one)
    found = {}
    for v6, asked in controls.items():
        if all(one.failure for one in asked):
            hosts = ", ".join(one.server.partition(" [")[0] for one in asked)
            detail = f"no control answers either: {hosts}"
            found[v6] = Failure("smtp_port_blocked", CONTROL, detail)
    return found
