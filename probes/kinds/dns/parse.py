"""From DNS messages to facts: pure, and never trusting a byte of them."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from probes.kinds.dns.dnssec import judge
from probes.kinds.dns.facts import DnsFacts, Record, ServerFacts
from probes.kinds.interface import Exchange, Failure, Reading

_SERVFAIL, _REFUSED = 2, 5
_RCODE_FAILURES = {_SERVFAIL: "dns_servfail_error", _REFUSED: "dns_refused_error"}
_POINTERS = ("target", "exchange")  # the rdata fields that hold a name somebody may follow
_ADDRESS_TYPES = (dns.rdatatype.A, dns.rdatatype.AAAA)


def rcode_of(exchange: Exchange) -> int | None:
    """The rcode in the header of a reply, None where there is none."""
    return None if exchange.received is None else exchange.received[3] & 0x0F


def message(exchange: Exchange) -> dns.message.Message | Failure:
    """The reply's message, or why there is none: hostile bytes raise many types in dnspython."""
    if exchange.received is None:
        return exchange.failure or Failure("dns_no_answer", exchange.step)
    try:
        return dns.message.from_wire(exchange.received)
    except Exception as error:  # noqa: BLE001
        detail = f"the reply does not parse: {type(error).__name__}"
        return Failure("dns_server_misbehaving", exchange.step, detail)


def plain(name: dns.name.Name) -> str:
    """A name without its final dot, odd bytes as ``\\DDD``; the root stays ``.``."""
    return name.to_text(omit_final_dot=name != dns.name.root)


def next_alias(exchange: Exchange, owner: dns.name.Name) -> dns.name.Name | None:
    """Where a CNAME of ``owner`` in this reply points to."""
    reply = message(exchange)
    if isinstance(reply, Failure):
        return None
    for rrset in reply.answer:
        if rrset.rdtype == dns.rdatatype.CNAME and rrset.name == owner:
            target: dns.name.Name = rrset[0].target
            return target
    return None


class _Answers:
    """What one server said to all the types asked."""

    def __init__(self) -> None:
        self.records: set[Record] = set()
        self.addresses: set[str] = set()
        self.names: set[str] = set()
        self.aliases: dict[str, str] = {}
        self.rcodes: list[int] = []
        self.nodata: list[str] = []
        self.authoritative = True
        self.ad = False
        self.failures: dict[str, Failure] = {}
        self.errors: list[str] = []
        self.ttl: int | None = None

    def add(self, exchange: Exchange) -> None:
        reply = message(exchange)
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
        found = [self._add(rrset) == wanted for rrset in reply.answer]
        if rcode == dns.rcode.NOERROR and not any(found):
            self.nodata.append(exchange.step)

    def _add(self, rrset: dns.rrset.RRset) -> int:
        if rrset.rdtype in (dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3):
            return 0
        owner, kind = plain(rrset.name), dns.rdatatype.to_text(rrset.rdtype)
        self.ttl = rrset.ttl if self.ttl is None else min(self.ttl, rrset.ttl)
        for item in rrset:
            if rrset.rdtype in _ADDRESS_TYPES:
                value = item.address
                self.addresses.add(value)
            else:
                value = _value(item)
                for field in _POINTERS:
                    pointer = getattr(item, field, None)
                    if isinstance(pointer, dns.name.Name) and pointer != dns.name.root:
                        self.names.add(plain(pointer))
                if rrset.rdtype == dns.rdatatype.CNAME:
                    self.aliases[owner.lower()] = plain(item.target)
            self.records.add(Record(owner, kind, value))
        return rrset.rdtype

    def chain(self, owner: str) -> list[str] | None:
        """The CNAME chain from ``owner``; None when it returns to itself."""
        chain = [owner]
        while (alias := self.aliases.get(chain[-1].lower())) is not None:
            if alias.lower() in {name.lower() for name in chain}:
                return None
            chain.append(alias)
        return chain if len(chain) > 1 else []

    def rcode(self) -> str:
        return dns.rcode.to_text(dns.rcode.Rcode.make(min(self.rcodes))) if self.rcodes else ""

    def failure(self) -> Failure | None:
        """Why this server as a whole gave no answer; None when any type was answered."""
        answered = [rcode for rcode in self.rcodes if rcode in (0, 3)]
        return None if answered or not self.failures else next(iter(self.failures.values()))


def _value(item: Any) -> str:  # noqa: ANN401  # dnspython makes the rdata classes at run time
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


def _by_number(address: str) -> tuple[int, int]:
    parsed = ip_address(address)
    return parsed.version, int(parsed)


def read(
    exchanges: Sequence[Exchange],
    owner: dns.name.Name,
    types: Sequence[str],
    servers: Sequence[str],
) -> Reading:
    """The facts of all exchanges of one definition."""
    said: dict[str, _Answers] = {}
    for exchange in exchanges:
        if exchange.step in types:
            said.setdefault(exchange.server, _Answers()).add(exchange)
    if not said:
        return Reading(failure=Failure("dns_no_answer", "measure", "no server was asked"))
    together = _merge(list(said.values()))
    start = plain(owner)
    chain = together.chain(start)
    facts = DnsFacts(
        rcode=together.rcode(),
        addresses=sorted(together.addresses, key=_by_number),
        names=sorted(together.names),
        records=sorted(together.records),
        chain=chain or [],
        nodata=sorted(set(together.nodata)),
        authoritative=together.authoritative and bool(together.rcodes),
        **_dnssec(exchanges, owner, together),
        **(_compared(said, servers) if servers and len(said) > 1 else {}),
    )
    failure = together.failure()
    if chain is None:
        detail = "the CNAME chain returns to itself"
        failure = Failure("dns_server_misbehaving", "CNAME", detail)
    elif "authoritative" in servers and all(_lame(one) for one in said.values()):
        detail = "no server of the delegation is authoritative for the zone"
        failure = Failure("dns_lame_delegation", "authoritative", detail)
    elif facts.dnssec == "bogus" and failure:
        detail = f"{failure.detail}; with validation switched off the resolver does answer"
        failure = Failure(failure.name, failure.step, detail.removeprefix("; "))
    volatile: dict[str, Any] = {"ms": max((one.ms or 0.0 for one in exchanges), default=0.0)}
    if together.ttl is not None:
        volatile["ttl"] = together.ttl
    if together.errors:
        volatile["errors"] = sorted(set(together.errors))
    if together.failures and not failure:
        volatile["unanswered"] = {step: one.name for step, one in together.failures.items()}
    return Reading(facts if together.rcodes else None, volatile, failure)


def _merge(several: list[_Answers]) -> _Answers:
    if len(several) == 1:
        return several[0]
    together = _Answers()
    for one in several:
        together.records |= one.records
        together.addresses |= one.addresses
        together.names |= one.names
        together.aliases |= one.aliases
        together.rcodes += one.rcodes
        together.nodata += one.nodata
        together.failures |= one.failures
        together.errors += one.errors
        together.authoritative = together.authoritative and one.authoritative
        together.ad = together.ad or one.ad
    return together


def _lame(one: _Answers) -> bool:
    """Listed for the zone, and answers without authority or refuses (RFC 1912, 2.8)."""
    return bool(one.rcodes) and not one.authoritative


def _compared(said: dict[str, _Answers], servers: Sequence[str]) -> dict[str, Any]:
    facts = []
    for server, one in said.items():
        failure = one.failure()
        name = failure.name if failure else ""
        if "authoritative" in servers and _lame(one):
            name = "dns_lame_delegation"
        facts.append(
            ServerFacts(
                server=server,
                rcode=one.rcode(),
                addresses=sorted(one.addresses, key=_by_number),
                names=sorted(one.names),
                records=sorted(one.records),
                authoritative=one.authoritative and bool(one.rcodes),
                failure=name,
            )
        )
    answered = {(fact.rcode, tuple(fact.records)) for fact in facts if not fact.failure}
    return {"servers": facts, "agree": len(answered) <= 1}


def _dnssec(
    exchanges: Sequence[Exchange], owner: dns.name.Name, together: _Answers
) -> dict[str, Any]:
    if any(one.step.startswith("dnssec ") for one in exchanges):
        return {"dnssec": judge(exchanges, owner), "dnssec_by": "sotokara"}
    state = ""
    if together.ad:
        state = "secure"
    for one in exchanges:
        if one.step == "resolver validates" and not state:
            state = "insecure"
        if one.step.endswith(" with CD") and rcode_of(one) in (0, 3):
            state = "bogus"
    return {"dnssec": state, "dnssec_by": "resolver"} if state else {}
