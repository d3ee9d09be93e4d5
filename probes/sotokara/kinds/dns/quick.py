"""The quick way of many subjects: plain questions to one server, and plain answers read at once.

What is read here is what ``parse`` reads; whatever is not quite plain is left to it, and what is no
plain answer at all is asked again in the ordinary way.
"""

import struct
from collections.abc import Sequence
from ipaddress import IPv6Address
from typing import NamedTuple

import dns.rdatatype
import msgspec

from sotokara.core.observation import Exchange, Reading
from sotokara.kinds.dns.commands import AUTHORITATIVE
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.kinds.dns.kind import Dns
from sotokara.kinds.dns.owner import is_plain, owner_of, plain_wire
from sotokara.kinds.shared.made_up import STEP, given, prefixes
from sotokara.network.dns_client import Server, query
from sotokara.network.network import Network, parse_server

_A, _NS, _AAAA, _OPT = 1, 2, 28, 41
_LONGEST_TTL = (1 << 31) - 1
_MOST = 32
"""Records behind the answer that are gone through here."""
_OF_NAMES = ("CNAME", "ANY", "AXFR", "IXFR")
"""Types that call for more than one question, or more than one message."""
_RECORD = struct.Struct("!HHHIH")
"""A pointer, type, class, TTL and length: a record whose owner is the name asked."""
_BEHIND = struct.Struct("!HHIH")
"""Type, class, TTL and length, behind an owner."""
_HEADER = 12


class _Numbers(dict[str, int]):
    """The numbers of record types, each looked up once."""

    def __missing__(self, text: str) -> int:
        self[text] = int(dns.rdatatype.from_text(text))
        return self[text]


_NUMBER = _Numbers()


class ResolverTraits(NamedTuple):
    """What is found out once for all subjects of a definition."""

    verifies: Exchange | None
    """Stands beside answers of a resolver that judges DNSSEC."""
    made_up: Exchange | None
    """The resolver's word on a name without IPv6 addresses, where it makes some up."""


def server(asked: Dns) -> Server | None:
    """The one server that is asked; an empty address: the resolver. None: there is no quick way."""
    servers = [asked.server] if isinstance(asked.server, str) else asked.server
    texts = [one for one in servers if one]
    types = asked.asked_types()
    if asked.dnssec != "resolver" or asked.asked_where()[1] != "IN" or len(texts) > 1:
        return None
    if types & set(_OF_NAMES) or AUTHORITATIVE in texts:
        return None
    if not texts:
        return Server("", own=True)
    try:
        return parse_server(texts[0])._replace(label=texts[0])
    except ValueError:
        return None


def again(first: Dns, target: str) -> Dns | None:
    """The same question about another target in normal form; None where that has to be worked out.

    Two plain names have the same types by default.
    """
    if is_plain(target) and is_plain(first.target):
        return msgspec.structs.replace(first, target=target)
    return None


def questions(asked: Dns) -> list[tuple[str, bytes]]:
    """The step and the bytes of each question."""
    name = asked.target
    wire = plain_wire(name) if is_plain(name) else owner_of(name).to_wire() or b"\0"
    types = dict.fromkeys(asked.steps())
    return [(one, query(wire, _NUMBER[one], rd=True)) for one in types]


async def known(net: Network, *, resolver: bool) -> ResolverTraits:
    """What the resolver does with all names."""
    if not resolver:
        return ResolverTraits(None, None)
    told = await net.makes_up(STEP)
    made_up = told if prefixes(told) else None
    verifies = Exchange("resolver verifies", "resolver", "") if await net.validates() else None
    return ResolverTraits(verifies, made_up)


def complete(exchanges: list[Exchange], found: ResolverTraits) -> list[Exchange]:
    """The exchanges as ``measure`` gives them, of answers that are plain."""
    if found.made_up and given(exchanges):
        exchanges = [*exchanges, found.made_up]
    if found.verifies and not any(one.received and one.received[3] & 0x20 for one in exchanges):
        exchanges = [*exchanges, found.verifies]
    return exchanges


def read(asked: Dns, exchanges: Sequence[Exchange]) -> Reading | None:
    """What ``parse`` reads; None where it has to read it itself."""
    if not is_plain(asked.target):
        return None
    rcodes: list[int] = []
    records: set[DnsRecord] = set()
    four, six, nodata = set[bytes](), set[bytes](), []
    state, ttl, authoritative, slowest = "", None, True, 0.0
    for exchange in exchanges:
        slowest = max(slowest, exchange.ms or 0.0)
        if exchange.step == "resolver verifies":
            state = state or "unvalidated"
            continue
        received = exchange.received
        wanted = {"A": _A, "AAAA": _AAAA}.get(exchange.step)
        if received is None or wanted is None or exchange.hidden:
            return None
        found = _answers(exchange.sent, received, wanted)
        if found is None:
            return None
        addresses, least = found
        rcode = received[3] & 0x0F
        rcodes.append(rcode)
        authoritative = authoritative and bool(received[2] & 0x04)
        state = "secure" if received[3] & 0x20 else state
        if least is not None:
            ttl = least if ttl is None else min(ttl, least)
        if rcode == 0 and not addresses:
            nodata.append(exchange.step)
        (four if wanted == _A else six).update(addresses)
    if not rcodes:
        return None
    texts = [f"{one[0]}.{one[1]}.{one[2]}.{one[3]}" for one in sorted(four)]
    long = [str(IPv6Address(one)) for one in sorted(six)]
    records = {DnsRecord(asked.target, "A", one) for one in texts}
    records |= {DnsRecord(asked.target, "AAAA", one) for one in long}
    facts = DnsFacts(
        rcode="NXDOMAIN" if min(rcodes) else "NOERROR",
        addresses=[*texts, *long],
        records=sorted(records),
        nodata=sorted(nodata),
        authoritative=authoritative,
        dnssec=state or "unknown",
        dnssec_by="resolver" if state else "",
    )
    volatile = {"ms": slowest} if ttl is None else {"ms": slowest, "ttl": ttl}
    return Reading(facts, volatile)


def _answers(sent: bytes, received: bytes, wanted: int) -> tuple[list[bytes], int | None] | None:
    """The addresses in a plain message, and the least TTL; None where it is not plain.

    Plain: the question as it was sent, answers of that name and type alone; behind them records
    that can be read, and at most an OPT record without options (RFC 6891).
    """
    end = sent.index(b"\0", _HEADER) + 5
    if received[_HEADER:end] != sent[_HEADER:end] or received[4:6] != b"\0\1":
        return None
    question = end - 4
    rcode = received[3] & 0x0F
    count, beside, more = struct.unpack_from("!3H", received, 6)
    if rcode not in (0, 3) or received[2] & 0x02 or beside + more > _MOST:
        return None
    addresses: list[bytes] = []
    least: int | None = None
    length = 4 if wanted == _A else 16
    for _ in range(count):
        if len(received) < end + 12 + length:
            return None
        owner, kind, group, ttl, size = _RECORD.unpack_from(received, end)
        if (owner, kind, group, size) != (0xC00C, wanted, 1, length) or ttl > _LONGEST_TTL:
            return None
        addresses.append(received[end + 12 : end + 12 + length])
        least = ttl if least is None else min(least, ttl)
        end += 12 + length
    if beside + more and not _readable(received, end, question, beside + more):
        return None
    return None if not beside + more and end != len(received) else (addresses, least)


def _readable(received: bytes, at: int, question: int, count: int) -> bool:
    """Whether the records up to the message's end can be read, and say nothing of the answer."""
    known: dict[int, int] = {}
    if _name(received, _HEADER, known) != question:
        return False
    edns = 0
    for _ in range(count):
        at = _name(received, at, known)
        if at < 0 or len(received) < at + _BEHIND.size:
            return False
        kind, _, ttl, size = _BEHIND.unpack_from(received, at)
        at += _BEHIND.size
        if len(received) < at + size:
            return False
        if kind == _OPT:
            edns += 1
            if size or ttl >> 24 or edns > 1:  # an option, or more of the rcode
                return False
        elif kind == _NS and _name(received, at, known) != at + size:
            return False
        at += size
    return at == len(received)


def _name(received: bytes, at: int, known: dict[int, int]) -> int:
    """Where a name ends; -1 where it is none. ``known``: the places of labels, and their lengths.

    A pointer leads to a label of a name before (RFC 1035, 4.1.4), so nothing goes in circles.
    """
    labels: list[int] = []
    while True:
        if at >= len(received):
            return -1
        size = received[at]
        if size == 0:
            at, rest = at + 1, 1
            break
        if size >= 0xC0:  # noqa: PLR2004  # the two bits of a pointer
            if at + 1 >= len(received):
                return -1
            rest = known.get((size & 0x3F) << 8 | received[at + 1], 256)
            at += 2
            break
        if size > 63:  # noqa: PLR2004  # a label's length (RFC 1035, 2.3.4)
            return -1
        labels.append(at)
        at += 1 + size
    for place in reversed(labels):
        rest += 1 + received[place]
        known[place] = rest
    return at if rest <= 255 else -1  # noqa: PLR2004  # a name's length
