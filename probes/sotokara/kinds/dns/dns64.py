"""What a resolver makes up: IPv6 addresses of names that have none (DNS64, RFC 6147).

Networks without IPv4 do so, that their users come through a translator. Such a record is the
network's, and not the name's. The name ``ipv4only.arpa`` has IPv4 addresses alone, known to all, so
what a resolver gives for its AAAA shows the prefix under which it makes addresses up (RFC 7050).
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv6Address, IPv6Network

import dns.rdatatype

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.dns.answers import Answers
from sotokara.network import wire
from sotokara.network.network import Network

STEP = "DNS64"
_KNOWN = (b"\xc0\x00\x00\xaa", b"\xc0\x00\x00\xab")
"""192.0.0.170 and 192.0.0.171 (RFC 7050, 8)."""
_PLACES = {
    96: (12, 13, 14, 15), 64: (9, 10, 11, 12), 56: (7, 9, 10, 11),
    48: (6, 7, 9, 10), 40: (5, 6, 7, 9), 32: (4, 5, 6, 7),
}  # fmt: skip
"""Length of a prefix → the bytes that hold the IPv4 address (RFC 6052, 2.2)."""


async def ask(net: Network, exchanges: Sequence[Exchange]) -> list[Exchange]:
    """The resolver's word on ``ipv4only.arpa``, where it has given an IPv6 address at all."""
    given = any(_addresses(one) for one in exchanges if one.step == "AAAA")
    if not given:
        return []
    told = await net.makes_up(STEP)
    return [told] if _prefixes(told) else []


def leave_out(together: Answers, exchanges: Iterable[Exchange]) -> int:
    """Take the addresses that were made up out of what was answered; how many they were."""
    nets = [net for one in exchanges if one.step == STEP for net in _prefixes(one)]
    made_up = {
        record
        for record in together.records
        if record.type == "AAAA" and any(IPv6Address(record.value) in net for net in nets)
    }
    together.records -= made_up
    together.addresses -= {record.value for record in made_up}
    return len(made_up)


def _prefixes(told: Exchange) -> list[IPv6Network]:
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
