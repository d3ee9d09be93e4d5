"""Names and origins of hops: PTR, the names' own addresses, origin AS; the target's address.

A PTR record says what it likes; a name counts as confirmed where it has the hop's address itself
(forward-confirmed reverse DNS, RFC 1912, 2.1).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import dns.message
import dns.name
import dns.rdatatype
import dns.reversename

from probes.kinds.interface import Exchange, Network, ProbeFailure
from probes.kinds.origin import origin, read_name, read_origin

_MOST_NAMES = 2
_NAME, _FORWARD = "name of ", "address behind "


class Names:
    """Asks about each address once, as soon as it is seen."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self._tasks: dict[str, asyncio.Task[list[Exchange]]] = {}

    def seen(self, address: str) -> None:
        """Begin to ask about an address."""
        if address not in self._tasks:
            self._tasks[address] = asyncio.ensure_future(self._ask(address))

    async def all(self, text: bytes) -> list[Exchange]:
        """Everything asked, in the order of the addresses in the trace's text."""
        from probes.kinds.traceroute.parse import addresses_in

        for address in addresses_in(text):
            self.seen(address)
        found = await asyncio.gather(*self._tasks.values())
        unique = {(one.step, one.server): one for several in found for one in several}
        return list(unique.values())

    def stop(self) -> None:
        """Ask no more."""
        for task in self._tasks.values():
            task.cancel()

    async def _ask(self, address: str) -> list[Exchange]:
        """A look-up that fails leaves a hop without a name; it does not spoil the path."""
        named, announced = await asyncio.gather(self._named(address), self._origin(address))
        return named + announced

    async def _origin(self, address: str) -> list[Exchange]:
        with contextlib.suppress(ProbeFailure):
            return await origin(self._net, address)
        return []

    async def _named(self, address: str) -> list[Exchange]:
        exchanges: list[Exchange] = []
        with contextlib.suppress(ProbeFailure):
            owner = dns.reversename.from_address(address)
            exchanges.append(await self._net.ask(owner, "PTR", step=f"{_NAME}{address}"))
            rdtype = "AAAA" if ":" in address else "A"
            for name in names_of(exchanges, address)[:_MOST_NAMES]:
                step = f"{_FORWARD}{name} for {address}"
                exchanges.append(await self._net.ask(dns.name.from_text(name), rdtype, step=step))
        return exchanges


def concerns(exchange: Exchange) -> str:
    """The address of the hop that an exchange is about; ``AS<number>`` for an AS's name."""
    last = exchange.step.rpartition(" ")[2]
    about = exchange.step.startswith((_NAME, _FORWARD, "origin AS of "))
    return last if about else ""


def names_of(exchanges: Sequence[Exchange], address: str) -> list[str]:
    """The PTR names of an address, in order, without the final dot."""
    return sorted(
        {
            item.target.to_text(omit_final_dot=True)
            for exchange in exchanges
            if exchange.step == f"{_NAME}{address}"
            for item in _records(exchange, dns.rdatatype.PTR)
        }
    )


def confirmed(exchanges: Sequence[Exchange], address: str, name: str) -> bool:
    """Whether a PTR name has the address itself."""
    rdtype = dns.rdatatype.AAAA if ":" in address else dns.rdatatype.A
    return any(
        ip_address(item.address) == ip_address(address)
        for exchange in exchanges
        if exchange.step == f"{_FORWARD}{name} for {address}"
        for item in _records(exchange, rdtype)
    )


def origin_of(exchanges: Sequence[Exchange], address: str) -> tuple[frozenset[int], str, bool]:
    """The AS numbers that announce an address, the first one's name, and whether nobody does."""
    found = read_origin(exchanges, address)
    if found is not None:
        name = found.as_name or read_name(exchanges, found.asn)
        return frozenset((found.asn, *found.others)), name, False
    nobody = any(
        exchange.step == f"origin AS of {address}"
        and exchange.received is not None
        and exchange.received[3] & 0x0F in (0, 3)
        for exchange in exchanges
    )
    return frozenset(), "", nobody


async def target_addresses(net: Network, target: str, family: int | None) -> list[Exchange]:
    """The questions for a target's addresses; none for a target that is one."""
    with contextlib.suppress(ValueError):
        ip_address(target)
        return []
    name = dns.name.from_text(target)
    types = {4: ["A"], 6: ["AAAA"], None: ["A", "AAAA"]}[family]
    return list(await asyncio.gather(*(net.ask(name, one, step=one) for one in types)))


def chosen(exchanges: Sequence[Exchange], target: str, family: int | None) -> str | None:
    """The address to trace to: the lowest one, of IPv4 unless told otherwise; None without any."""
    with contextlib.suppress(ValueError):
        return str(ip_address(target))
    for version, step in ((4, "A"), (6, "AAAA")):
        rdtype = dns.rdatatype.from_text(step)
        found = [
            item.address
            for exchange in exchanges
            if exchange.step == step and family in (None, version)
            for item in _records(exchange, rdtype)
        ]
        if found:
            return str(min(map(ip_address, found), key=int))
    return None


def _records(exchange: Exchange, rdtype: dns.rdatatype.RdataType) -> list[Any]:
    if exchange.received is None:
        return []
    try:
        reply = dns.message.from_wire(exchange.received, ignore_trailing=True)
    except Exception:  # noqa: BLE001  # hostile bytes raise many types in dnspython
        return []
    return [item for rrset in reply.answer if rrset.rdtype == rdtype for item in rrset]
