"""Names and origins of hops: PTR, the names' own addresses, origin AS.

A PTR record says what it likes; a name counts as confirmed where it has the hop's address itself
(forward-confirmed reverse DNS, RFC 1912, 2.1).
"""

import asyncio
import contextlib
from collections.abc import Sequence
from ipaddress import ip_address
from weakref import WeakKeyDictionary

import dns.message
import dns.name
import dns.rdatatype
import dns.reversename
import dns.rrset

from sotokara.core.addresses import behind_translator
from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.kinds.shared.addresses import records
from sotokara.kinds.shared.origin import origin, read_name, read_origin
from sotokara.network.network import Network

_MOST_NAMES = 2
_NAME, _FORWARD = "name of ", "address behind "


class _NameQuery:
    """One address's look-ups, and how many traces wait for them."""

    def __init__(self, net: Network, address: str) -> None:
        self.task = asyncio.ensure_future(_ask(net, address))
        self.wanted = 0


_builds: WeakKeyDictionary[object, dict[str, _NameQuery]] = WeakKeyDictionary()
"""What each build has asked: a hop on many paths is looked up once."""


class HopNames:
    """Asks about each address as soon as it is seen; once a build, however many paths it is on."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self._asked = _builds.setdefault(net.policy, {})
        self._own: dict[str, _NameQuery] = {}

    def seen(self, address: str) -> None:
        """Begin to ask about an address."""
        if address in self._own:
            return
        asked = self._asked.get(address)
        if asked is None or asked.task.cancelled():
            asked = self._asked[address] = _NameQuery(self._net, address)
        asked.wanted += 1
        self._own[address] = asked

    async def all(self, addresses: Sequence[str]) -> list[Exchange]:
        """What was asked about these addresses, in their order, as far as it has come."""
        for address in addresses:
            self.seen(address)
        tasks = [self._own[address].task for address in addresses]
        if tasks:  # a look-up may be another trace's, with a later deadline than ours
            await asyncio.wait(tasks, timeout=max(self._net.left(), 0.05))
        found = [task.result() for task in tasks if task.done() and not task.cancelled()]
        unique = {(one.step, one.server): one for several in found for one in several}
        return list(unique.values())

    def stop(self) -> None:
        """Want no more; what nobody else waits for is dropped."""
        for address, asked in self._own.items():
            asked.wanted -= 1
            if not asked.wanted and not asked.task.done():
                asked.task.cancel()
                self._asked.pop(address, None)
        self._own = {}


async def _ask(net: Network, address: str) -> list[Exchange]:
    """A look-up that fails leaves a hop without a name; it does not spoil the path."""
    named, announced = await asyncio.gather(_named(net, address), _origin(net, address))
    return named + announced


async def _origin(net: Network, address: str) -> list[Exchange]:
    with contextlib.suppress(ProbeFailure):
        return await origin(net, announced_as(address))
    return []


def announced_as(address: str) -> str:
    """The address whose origin tells whose a hop is: behind a translator that of the IPv4 host."""
    return behind_translator(address) or address


async def _named(net: Network, address: str) -> list[Exchange]:
    exchanges: list[Exchange] = []
    with contextlib.suppress(ProbeFailure):
        owner = dns.reversename.from_address(address)
        exchanges.append(await net.ask(owner, "PTR", step=f"{_NAME}{address}"))
        rdtype = "AAAA" if ":" in address else "A"
        for name in names_of(exchanges, address)[:_MOST_NAMES]:
            step = f"{_FORWARD}{name} for {address}"
            exchanges.append(await net.ask(dns.name.from_text(name), rdtype, step=step))
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
            for item in records(exchange, dns.rdatatype.PTR)
        }
    )


def confirmed(exchanges: Sequence[Exchange], address: str, name: str) -> bool:
    """Whether a PTR name has the address itself."""
    rdtype = dns.rdatatype.AAAA if ":" in address else dns.rdatatype.A
    return any(
        ip_address(item.address) == ip_address(address)
        for exchange in exchanges
        if exchange.step == f"{_FORWARD}{name} for {address}"
        for item in records(exchange, rdtype)
    )


def origin_of(exchanges: Sequence[Exchange], address: str) -> tuple[frozenset[int], str, bool]:
    """The AS numbers that announce an address, the first one's name, and whether nobody does."""
    address = announced_as(address)
    found = read_origin(exchanges, address)
    if found is not None:
        name = found.as_name or read_name(exchanges, found.asn)
        return frozenset((found.asn, *found.others)), name, False
    nobody = any(
        exchange.step == f"origin AS of {address}"
        and exchange.received is not None
        and len(exchange.received) > 3  # noqa: PLR2004  # the rcode's place
        and exchange.received[3] & 0x0F in (0, 3)
        for exchange in exchanges
    )
    return frozenset(), "", nobody
