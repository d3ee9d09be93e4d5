"""A DNS message off the wire, record by record: one that cannot be read costs no other.

dig warns of bytes behind a message and of records that it cannot read, and prints the rest; so do
we. A message whose own structure is broken (a length beyond its end, a name that points to itself)
is none.
"""

from collections.abc import Iterator
from functools import lru_cache

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.OPT
import dns.rrset
import dns.ttl
import dns.wire

from sotokara.core.observation import Exchange, Failure

_SECTIONS = ("answer", "authority", "additional")


class ParsedDns(dns.message.QueryMessage):
    """A message that was read, and how many bytes came behind it."""

    trailing = 0


class UnreadableDns(Exception):  # noqa: N818  # what was read, not an error of ours
    """Bytes that are no DNS message; the text names what dnspython says of them."""


@lru_cache(maxsize=256)
def parse_message(wire: bytes, *, grouped: bool = False) -> ParsedDns:
    """The message; each record is an RRset of its own unless ``grouped`` (RFC 2181, 5).

    Two records of a type that can have but one (SOA, CNAME) stay two. A record that cannot be read
    is kept as its bytes. Treat what comes back as read-only: it is kept.

    :raises Unreadable: for what is no message.
    """
    try:
        return _read(wire, grouped=grouped)
    except Exception as error:  # hostile bytes raise many types in dnspython
        raise UnreadableDns(type(error).__name__) from error


def message_of(exchange: Exchange) -> ParsedDns | Failure:
    """The reply's message, or why there is none."""
    if exchange.received is None:
        return exchange.failure or Failure("dns_no_answer", exchange.step)
    try:
        return parse_message(exchange.received)
    except UnreadableDns as error:
        detail = f"the reply does not parse: {error}"
        return Failure("dns_server_misbehaving", exchange.step, detail)


def _read(wire: bytes, *, grouped: bool) -> ParsedDns:
    parser = dns.wire.Parser(wire)
    number, flags, questions, *counts = parser.get_struct("!HHHHHH")
    message = ParsedDns(id=number)
    message.flags = dns.flags.Flag(flags)
    for _ in range(questions):
        name = parser.get_name(decompress=True)
        rdtype, rdclass = parser.get_struct("!HH")
        message.question.append(dns.rrset.RRset(name, rdclass, rdtype))
    for section, count in zip(_SECTIONS, counts, strict=True):
        kept: list[dns.rrset.RRset] = getattr(message, section)
        sets: dict[object, dns.rrset.RRset] = {}
        for rrset in _records(parser, count):
            like = (rrset.name, rrset.rdclass, rrset.rdtype, rrset.covers)
            if rrset.rdtype == dns.rdatatype.OPT:
                message.opt = rrset
            elif grouped and like in sets:
                sets[like].add(rrset[0])
            else:
                sets[like] = rrset
                kept.append(rrset)
    message.trailing = parser.remaining()
    return message


def _records(parser: dns.wire.Parser, count: int) -> Iterator[dns.rrset.RRset]:
    for _ in range(count):
        name = parser.get_name(decompress=True)
        rdtype, rdclass, ttl, length = parser.get_struct("!HHIH")
        start = parser.current
        content = parser.get_bytes(length)  # beyond the end of the message: there is no such record
        try:
            item = dns.rdata.from_wire(rdclass, rdtype, parser.wire, start, length)
        except Exception:  # noqa: BLE001  # each type of record has its own
            if rdtype == dns.rdatatype.OPT:  # its header has the flags all the same
                item = dns.rdtypes.ANY.OPT.OPT(rdclass, rdtype, ())  # type: ignore[no-untyped-call]
            else:
                item = dns.rdata.GenericRdata(rdclass, rdtype, content)
        yield dns.rrset.from_rdata(name, min(ttl, dns.ttl.MAX_TTL), item)


def in_generic_form(item: dns.rdata.GenericRdata) -> str:
    r"""A record's bytes as RFC 3597, 5 writes them: ``\# 4 C0000201``."""
    return rf"\# {len(item.data)} {item.data.hex()}".rstrip()


def secure(exchange: Exchange) -> bool:
    """The resolver says that it has validated the answer (AD; RFC 4035, 3.2.3)."""
    return exchange.received is not None and bool(exchange.received[3] & 0x20)
