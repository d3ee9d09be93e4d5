"""What one server's DNS messages say, taken apart; never trusting a byte of them."""

import re
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import msgspec

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.dns.facts import DnsRecord
from sotokara.network import wire
from sotokara.network.aliases import reached

LISTING = "text"
"""The protocol of an exchange put together from old output, whose tool told what the answer is."""
_SERVFAIL, _REFUSED = 2, 5
_RCODE_FAILURES = {_SERVFAIL: "dns_servfail_error", _REFUSED: "dns_refused_error"}
_POINTERS = ("target", "exchange")  # the rdata fields that hold a name somebody may follow
_SIGNATURES = (dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3)
"""What comes along with signed answers, unless it is asked for."""
_ADDRESS_TYPES = (dns.rdatatype.A, dns.rdatatype.AAAA)


def rcode_of(exchange: Exchange) -> int | None:
    """The rcode in the header of a reply, None where there is none."""
    return None if exchange.received is None else exchange.received[3] & 0x0F


def without_texts(exchange: Exchange) -> Exchange:
    """The exchange with its TXT strings masked, as long as they were."""
    received = exchange.received or b""
    reply = wire.message_of(exchange)
    for rrset in () if isinstance(reply, Failure) else reply.answer:
        for string in getattr(rrset[0], "strings", ()):
            masked = re.sub(rb"[0-9A-Za-z\x80-\xff]", b"x", string)
            received = received.replace(string, masked) if string else received
    return msgspec.structs.replace(exchange, received=received or exchange.received)


def name_text(name: dns.name.Name) -> str:
    """A name without its final dot, odd bytes as ``\\DDD``; the root stays ``.``."""
    return name.to_text(omit_final_dot=name != dns.name.root)


class ServerAnswers:
    """What one server said to all the types asked."""

    def __init__(self) -> None:
        self.records: set[DnsRecord] = set()
        self.addresses: set[str] = set()
        self.names: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.rcodes: list[int] = []
        self.nodata: list[str] = []
        self.authoritative = True
        self.ad = False
        self.failures: dict[str, Failure] = {}
        self.errors: list[str] = []
        self.trailing = self.unread = 0
        self.ttl: int | None = None

    def add(self, exchange: Exchange) -> None:
        """Take in one reply, or its failure."""
        reply = wire.message_of(exchange)
        if isinstance(reply, Failure):
            self.failures[exchange.step] = reply
            return
        rcode = reply.rcode()
        self.rcodes.append(rcode)
        self.authoritative = self.authoritative and bool(reply.flags & dns.flags.AA)
        self.ad = self.ad or bool(reply.flags & dns.flags.AD)
        self.errors += [_error(option) for option in reply.options if option.otype == 15]  # noqa: PLR2004  # RFC 8914
        if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
            name = _RCODE_FAILURES.get(rcode, "dns_server_misbehaving")
            detail = "; ".join([dns.rcode.to_text(rcode), *self.errors])
            self.failures[exchange.step] = Failure(name, exchange.step, detail)
            return
        wanted = dns.rdatatype.from_text(exchange.step)
        names = reached(reply)
        if exchange.protocol == LISTING:
            names = frozenset(rrset.name for rrset in reply.answer)
        asked = {one.rdclass for one in reply.question}
        found = [
            self._add(rrset, wanted, own=rrset.rdclass in asked and rrset.name in names)
            for rrset in reply.answer
        ]
        if rcode == dns.rcode.NOERROR and not any(found):
            self.nodata.append(exchange.step)
        self.trailing += reply.trailing

    def _add(self, rrset: dns.rrset.RRset, wanted: int, *, own: bool) -> bool:
        """Take in a record; whether it is one of those that were asked for.

        ``own``: it is of the class asked, and of the name or of where its aliases lead.
        """
        (item,) = rrset
        fits = wanted in (rrset.rdtype, dns.rdatatype.ANY)
        if rrset.rdtype in _SIGNATURES and not fits:
            return False
        owner, kind = name_text(rrset.name), dns.rdatatype.to_text(rrset.rdtype)
        if not own and rrset.rdclass != dns.rdataclass.IN:
            kind = f"{dns.rdataclass.to_text(rrset.rdclass)} {kind}"
        self.ttl = rrset.ttl if self.ttl is None else min(self.ttl, rrset.ttl)
        value = _value(item)
        if isinstance(item, dns.rdata.GenericRdata) and _known(rrset.rdtype) and own:
            self.unread += 1
        elif own and rrset.rdtype in _ADDRESS_TYPES:
            self.addresses.add(value)
        elif own:
            for field in _POINTERS:
                pointer = getattr(item, field, None)
                if isinstance(pointer, dns.name.Name) and pointer != dns.name.root:
                    self.names.add(name_text(pointer))
            if rrset.rdtype == dns.rdatatype.CNAME:
                self.aliases.setdefault(owner.lower(), name_text(item.target))
        self.records.add(DnsRecord(owner, kind, value))
        return own and fits

    def chain(self, owner: str) -> list[str] | None:
        """The CNAME chain from ``owner``; None when it returns to itself."""
        chain = [owner]
        while (alias := self.aliases.get(chain[-1].lower())) is not None:
            if alias.lower() in {name.lower() for name in chain}:
                return None
            chain.append(alias)
        return chain if len(chain) > 1 else []

    def rcode(self) -> str:
        """The best rcode of all replies: NOERROR before all others."""
        return dns.rcode.to_text(dns.rcode.Rcode.make(min(self.rcodes))) if self.rcodes else ""

    def failure(self) -> Failure | None:
        """Why this server as a whole gave no answer; None when any type was answered."""
        answered = [rcode for rcode in self.rcodes if rcode in (0, 3)]
        return None if answered or not self.failures else next(iter(self.failures.values()))


def _known(rdtype: int) -> bool:
    """Whether dnspython has a reader for a type, which then has failed."""
    found: type = dns.rdata.get_rdata_class(dns.rdataclass.IN, rdtype)  # type: ignore[no-untyped-call]
    return found is not dns.rdata.GenericRdata


def _value(item: Any) -> str:  # noqa: ANN401  # dnspython makes the rdata classes at run time
    if isinstance(item, dns.rdata.GenericRdata):
        return wire.in_generic_form(item)
    strings = getattr(item, "strings", None)
    if strings is not None:
        return " ".join(_quoted(string) for string in strings)
    text: str = item.to_text()
    return text.removesuffix(".") if len(text) > 1 and " " not in text else text


def _quoted(string: bytes) -> str:
    """One TXT string, quoted; valid UTF-8 as itself, every other byte as ``\\DDD``."""
    text = string.decode("utf-8", "surrogateescape").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(_ddd(char) for char in text) + '"'


def _ddd(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004  # surrogateescape's own range (PEP 383)
        return f"\\{code - 0xDC00:03d}"
    return f"\\{code:03d}" if code < 0x20 or code == 0x7F else char  # noqa: PLR2004


def _error(option: Any) -> str:  # noqa: ANN401
    text = f" ({option.text})" if getattr(option, "text", None) else ""
    return f"extended error {int(option.code)}{text}"
