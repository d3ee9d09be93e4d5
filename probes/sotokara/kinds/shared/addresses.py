"""The address of a target that a kind speaks to itself: asked for, and chosen always alike."""

import asyncio
import contextlib
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import dns.name
import dns.rdatatype
import dns.rrset

from sotokara.core.observation import Exchange
from sotokara.kinds.shared import made_up
from sotokara.network import wire
from sotokara.network.aliases import own_records
from sotokara.network.network import Network


async def target_addresses(net: Network, target: str, family: int | None) -> list[Exchange]:
    """The questions for a target's addresses; none for a target that is one."""
    with contextlib.suppress(ValueError):
        ip_address(target)
        return []
    name = dns.name.from_text(target)
    types = {4: ["A"], 6: ["AAAA"], None: ["A", "AAAA"]}[family]
    found = list(await asyncio.gather(*(net.ask(name, one, step=one) for one in types)))
    return found + await made_up.unmask(net, found)


def chosen(exchanges: Sequence[Exchange], target: str, family: int | None) -> str | None:
    """The address to ask: the lowest one, of IPv4 unless told otherwise; None without any."""
    with contextlib.suppress(ValueError):
        return str(ip_address(target))
    for version, step in ((4, "A"), (6, "AAAA")):
        rdtype = dns.rdatatype.from_text(step)
        found = [
            item.address
            for exchange in exchanges
            if exchange.step == step and family in (None, version)
            for item in records(exchange, rdtype)
        ]
        if known := made_up.real(found, exchanges):
            return str(min(map(ip_address, known), key=int))
    return None


def records(exchange: Exchange, rdtype: dns.rdatatype.RdataType) -> list[Any]:
    """The records of one type in an answer; none where it does not parse."""
    answer = _answer(exchange.received) if exchange.received else []
    return [item for rrset in answer if rrset.rdtype == rdtype for item in rrset]


@lru_cache(maxsize=4096)
def _answer(received: bytes) -> list[dns.rrset.RRset]:
    """The answers in a message; none where it does not parse. Kept, as it is read several times."""
    try:
        return own_records(wire.parse_message(received))
    except wire.UnreadableDns:
        return []
