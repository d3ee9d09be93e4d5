"""DNS records found in listings → the facts of kind ``dns``, by way of a DNS message.

The records are put into a message as the server would have sent it, and the kind's own reading of
messages makes the facts: what is typed in and what is measured cannot come apart.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset
import msgspec

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.dns.answers import LISTING
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.kinds.dns.kind import Dns
from sotokara.kinds.dns.parse import read_messages
from sotokara.kinds.dns.types import is_type
from sotokara.kinds.shared.terminal.pasted import masked_words, redacted

_LONGEST_VALUE, _LONGEST_NAME, _MOST_HEADS = 8_000, 1_100, 16
_MOST_RECORDS = 4_500
"""More than a message of 65,535 bytes holds: each takes 15 of them at least (RFC 1035, 4.1.3)."""
_UNREADABLE = (dns.exception.DNSException, ValueError, UnicodeError)
BASE = ("rcode", "addresses", "names", "records")
"""The facts that any full listing of an answer states."""


def name(text: str) -> dns.name.Name | None:
    """A DNS name, or None where the text is none."""
    if not text or (any(mark in text for mark in "*[]()<>\"'/ ") and not text.startswith("*.")):
        return None
    try:
        return dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
    except _UNREADABLE:
        return None


def target_of(text: str) -> str:
    """A reverse name as the address it stands for; any other name without its final dot."""
    try:
        return str(dns.reversename.to_address(dns.name.from_text(text)))
    except _UNREADABLE:
        return text.strip().removesuffix(".").lower()


def reverse_name(text: str) -> str:
    """The reverse name of an address; any other text as it is."""
    try:
        return dns.reversename.from_address(text).to_text()
    except (*_UNREADABLE, dns.exception.SyntaxError):
        return text


class AnswerLines:
    """The answer section of a listing."""

    def __init__(self) -> None:
        self._records: list[tuple[dns.name.Name, dns.rdata.Rdata]] = []
        self._masked: list[DnsRecord] = []

    def __bool__(self) -> bool:
        return bool(self._records or self._masked)

    @property
    def types(self) -> list[str]:
        """The types of the records, in order, each once."""
        types = [dns.rdatatype.to_text(rdata.rdtype) for _, rdata in self._records]
        return list(dict.fromkeys(types + [record.type for record in self._masked]))

    @property
    def owner(self) -> str:
        """The first record's name; empty where there is none."""
        if self._records:
            return self._records[0][0].to_text(omit_final_dot=True)
        return self._masked[0].name if self._masked else ""

    @property
    def head(self) -> str:
        """The name from which aliases lead to all the records; else the first record's name."""
        owners = list(dict.fromkeys(at for at, _ in self._records))[:_MOST_HEADS]
        for at in owners:
            linked = self._linked(at)
            if all(_belongs(one, rdata, linked) for one, rdata in self._records):
                return at.to_text(omit_final_dot=True)
        return self.owner

    def add(self, owner: str, rdtype: str, value: str) -> bool:
        """Take in one record; False where it is none that the DNS could hold."""
        if len(value) > _LONGEST_VALUE or len(owner) > _LONGEST_NAME:
            return False
        if len(self._records) + len(self._masked) >= _MOST_RECORDS:
            return False
        hidden = masked_words(value)
        if hidden and rdtype in ("A", "AAAA", "PTR", "CNAME", "MX", "NS"):
            for mask in hidden:
                value = value.replace(mask, redacted(mask))
            self._masked.append(DnsRecord(owner.removesuffix("."), rdtype, value.removesuffix(".")))
            return True
        at = name(owner)
        try:
            rdata = dns.rdata.from_text("IN", rdtype, value, dns.name.root, relativize=False)
        except _UNREADABLE:
            return False
        if at is None:
            return False
        self._records.append((at, rdata))
        return True

    def message(self, owner: dns.name.Name, rdtype: str, rcode: str, flags: int) -> bytes:
        """The reply to a question for one type, with the records that answer it."""
        reply = dns.message.make_response(dns.message.make_query(owner, rdtype))
        reply.flags |= flags
        reply.set_rcode(dns.rcode.from_text(rcode))
        wanted = dns.rdatatype.from_text(rdtype)
        sets: dict[tuple[Any, ...], dns.rrset.RRset] = {}
        for at, rdata in self._records:
            if wanted in (rdata.rdtype, dns.rdatatype.ANY) or rdata.rdtype in _ALWAYS:
                key = (at, rdata.rdtype, rdata.covers())
                if key not in sets:
                    sets[key] = dns.rrset.RRset(at, dns.rdataclass.IN, *key[1:])
                    reply.answer.append(sets[key])
                sets[key].add(rdata, 0)
        return reply.to_wire(max_size=65535)

    def foreign(self, target: str) -> list[str]:
        """Names of records that no chain of aliases leads to from the target."""
        owner = self._asked(target)
        linked = self._linked(owner) if owner is not None else set()
        names = [at.to_text() for at, rdata in self._records if not _belongs(at, rdata, linked)]
        return list(dict.fromkeys(names))

    def pointed(self) -> set[str]:
        """Names that the records point to, whose addresses servers add by themselves."""
        targets = [getattr(rdata, "target", None) for _, rdata in self._records]
        targets += [getattr(rdata, "exchange", None) for _, rdata in self._records]
        return {one.to_text() for one in targets if isinstance(one, dns.name.Name)}

    @staticmethod
    def _asked(target: str) -> dns.name.Name | None:
        asked = _question(target, ())
        return name(target) if asked is None else asked._owner()  # noqa: SLF001  # one package's kind

    def _linked(self, owner: dns.name.Name) -> set[dns.name.Name]:
        """The name asked and the aliases found for it."""
        aliases: dict[dns.name.Name, dns.name.Name] = {
            at: getattr(rdata, "target")  # noqa: B009  # a CNAME's, of a class made at run time
            for at, rdata in self._records
            if rdata.rdtype == dns.rdatatype.CNAME
        }
        linked = {owner}
        while (owner := aliases.get(owner, owner)) not in linked:
            linked.add(owner)
        return linked

    def keep(self, target: str) -> None:
        """Leave out the records of names that the target does not lead to."""
        owner = self._asked(target)
        if owner is not None:
            linked = self._linked(owner)
            self._records = [one for one in self._records if _belongs(*one, linked)]

    def facts(  # what a listing says of one answer
        self,
        target: str,
        types: Sequence[str] = (),
        rcode: str = "NOERROR",
        flags: int = 0,
        absent: Sequence[str] | None = None,
    ) -> tuple[DnsFacts | None, Failure | None]:
        """What the listing states of the question for ``target``, as the kind reads it.

        ``absent``: the types of which the listing itself says that there is none; by default all
        that it was asked for and does not show.
        """
        asked = _question(target, types)
        owner = name(target) if asked is None else asked._owner()  # noqa: SLF001  # one package's kind
        if owner is None:
            return None, None
        steps = [one for one in types or self.types or ["A"] if is_type(one)] or ["A"]
        try:
            exchanges = [
                Exchange(
                    step, "transcript", LISTING, received=self.message(owner, step, rcode, flags)
                )
                for step in steps
            ]
        except (dns.exception.DNSException, ValueError):
            return None, None
        reading = read_messages(exchanges, owner, steps, [])
        facts = reading.facts
        if isinstance(facts, DnsFacts) and absent is not None:
            stated = [one for one in facts.nodata if one in absent]
            facts = msgspec.structs.replace(facts, nodata=stated)
        if isinstance(facts, DnsFacts) and self._masked:
            facts = _with_masked(facts, self._masked)
        return (facts if isinstance(facts, DnsFacts) else None), reading.failure


def _belongs(at: dns.name.Name, rdata: dns.rdata.Rdata, linked: set[dns.name.Name]) -> bool:
    """Whether a record is of one of the names; a DNAME is of those below it."""
    if at in linked:
        return True
    covers = rdata.rdtype == dns.rdatatype.DNAME or rdata.covers() == dns.rdatatype.DNAME
    return covers and any(name.is_subdomain(at) for name in linked)


_ALWAYS = (dns.rdatatype.CNAME, dns.rdatatype.DNAME, dns.rdatatype.RRSIG)


def _question(target: str, types: Iterable[str]) -> Dns | None:
    question = Dns(target=target, type=[one for one in types if is_type(one)])
    return None if any(True for _ in question.option_errors()) else question


def _with_masked(facts: DnsFacts, masked: list[DnsRecord]) -> DnsFacts:
    """The facts with the records whose values somebody masked; these stand last."""
    addresses = [record.value for record in masked if record.type in ("A", "AAAA")]
    names = [record.value.split()[-1] for record in masked if record.type not in ("A", "AAAA")]
    changed: dict[str, Any] = {
        "addresses": [*facts.addresses, *sorted(addresses)],
        "names": sorted({*facts.names, *names}),
        "records": sorted({*facts.records, *masked}),
        "nodata": [],
    }
    return msgspec.structs.replace(facts, **changed)


def flags_of(words: Iterable[str]) -> int:
    """The DNS header's flags by the names that dig prints (``qr aa rd ra ad``)."""
    value = 0
    for word in words:
        try:
            value |= dns.flags.from_text(word)
        except ValueError:
            continue
    return value
