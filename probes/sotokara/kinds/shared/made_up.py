"""What a resolver makes up: IPv6 addresses of names that have none (DNS64, RFC 6147).

Networks without IPv4 do so, that their users come through a translator. Such a record is the
network's, and not the name's. The name ``ipv4only.arpa`` has IPv4 addresses alone, known to all, so
what a resolver gives for its AAAA shows the prefix under which it makes addresses up (RFC 7050).
Used by every kind that asks for a host's addresses; not a kind itself.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, IPv6Network, ip_address

import dns.rdatatype

from sotokara.core.observation import Exchange, Failure
from sotokara.network import wire
from sotokara.network.network import Network
from sotokara.network.ways import has_ipv4

STEP = "DNS64"
"""The step of the exchange that shows it."""
_KNOWN = (b"\xc0\x00\x00\xaa", b"\xc0\x00\x00\xab")
"""192.0.0.170 and 192.0.0.171 (RFC 7050, 8)."""
_ANSWERS, _NONE = slice(6, 8), (b"", b"\0\0")
"""The number of answers in a message's head (RFC 1035, 4.1.1): most names have no such address."""
_PLACES = {
    96: (12, 13, 14, 15), 64: (9, 10, 11, 12), 56: (7, 9, 10, 11),
    48: (6, 7, 9, 10), 40: (5, 6, 7, 9), 32: (4, 5, 6, 7),
}  # fmt: skip
"""Length of a prefix → the bytes that hold the IPv4 address (RFC 6052, 2.2)."""


def given(exchanges: Iterable[Exchange]) -> bool:
    """Whether any IPv6 address was given: else there is nothing to be made up."""
    return any(
        _addresses(one)
        for one in exchanges
        if one.step.partition(" ")[0] == "AAAA" and (one.received or b"")[_ANSWERS] not in _NONE
    )


async def unmask(net: Network, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The resolver's word on the known name, where it has given an IPv6 address and makes some up.

    Where this machine has IPv4, that is: elsewhere such an address is the only way to the host.
    """
    if not given(exchanges) or not has_ipv4():
        return []
    told = await net.makes_up(STEP)
    return [told] if prefixes(told) else []


def real(addresses: Iterable[str], exchanges: Iterable[Exchange]) -> list[str]:
    """The addresses without those that were made up, as far as exchanges tell. Pure."""
    nets = [net for one in exchanges if one.step == STEP for net in prefixes(one)]
    return [one for one in addresses if not any(ip_address(one) in net for net in nets)]


def prefixes(told: Exchange) -> list[IPv6Network]:
    """The prefixes under which the resolver makes addresses up, by its word on the known name."""
    found = []
    for address in _addresses(told):
        for length, places in _PLACES.items():
            if bytes(address.packed[place] for place in places) in _KNOWN:
                found.append(IPv6Network((address, length), strict=False))
                break
    return found


def _addresses(told: Exchange) -> list[IPv6Address]:
    reply = wire.message_of(told)
    if isinstance(reply, Failure):
        return []
    return [
        IPv6Address(one[0].address)
        for one in reply.answer
        if one.rdtype == dns.rdatatype.AAAA and hasattr(one[0], "address")
    ]
