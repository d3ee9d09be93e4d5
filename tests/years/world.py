"""The world that the blog asks: names whose addresses change, fall silent, and come back.

What a name answers is a function of the name and of the time alone, so the script that tells the
story and the name server that is asked know the same. As a program it is that server:
``python -m tests.years.world`` prints the ports of its views, one for each place.
"""

import asyncio
import random
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Address
from typing import NamedTuple

from sotokara.servers.nameserver import NameServer, about_dns, labels_of, rdtype, record, reply

BEGIN = datetime(2026, 12, 1, 12, tzinfo=UTC)
VIEWS = ("author", "tokyo")
_LIFE = 3650
_SERVFAIL = 0x8182
_A = 1


class Span(NamedTuple):
    """From a day on (since BEGIN), an address; None: its servers answer nothing."""

    day: int
    address: str | None


@cache
def life(name: str, view: str) -> list[Span]:
    """All that becomes of a name as one place sees it, in its order."""
    chance = random.Random(f"{name} {view if name.startswith('near') else ''}")  # noqa: S311
    where = [_address(chance)]
    spans = [Span(-1, where[0])]
    day = chance.randrange(200, 900)
    nature = name[:4]
    while day < _LIFE and nature != "calm":
        if nature == "dies":
            return [*spans, Span(day, None)]
        if nature == "gaps":
            spans += [Span(day, None), Span(day + chance.randrange(20, 70), where[-1])]
        else:
            where.append(_address(chance))
            spans.append(Span(day, where[-1]))
        day += chance.randrange(250, 900)
    return spans


def answer(name: str, view: str, moment: datetime) -> str | None:
    """The address of a name at a time; None where nothing comes."""
    day = (moment - BEGIN) / timedelta(days=1)
    return next(span.address for span in reversed(life(name, view)) if span.day <= day)


def _address(chance: random.Random) -> str:
    return str(IPv4Address(int(IPv4Address("198.18.0.0")) + chance.randrange(1, 1 << 16)))


def _reply(wire: bytes, view: str) -> bytes:
    if known := about_dns(wire):
        return known
    name = b".".join(labels_of(wire)).decode().lower()
    address = answer(name, view, datetime.now(UTC))
    if address is None:
        return reply(wire, flags=_SERVFAIL)
    if rdtype(wire) != _A:
        return reply(wire)
    return reply(wire, record(_A, IPv4Address(address).packed))


def _server(view: str) -> NameServer:
    async def udp(wire: bytes) -> AsyncIterator[bytes]:
        yield _reply(wire, view)

    return NameServer(udp)


async def _serve() -> None:
    servers = [_server(view) for view in VIEWS]
    for one in servers:
        await one.start()
    sys.stdout.write(" ".join(one.address for one in servers) + "\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve())
