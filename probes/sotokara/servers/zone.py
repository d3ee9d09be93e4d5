"""What the name servers of a town answer: records as in a master file, and what changes in them.

Everything stands in one tree from the root on; whoever is asked knows all of it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

_ALIASES = 8
_TTL = 60
_Key = tuple[dns.name.Name, dns.rdatatype.RdataType]
Records = dict[_Key, dns.rrset.RRset]
Change = tuple[Callable[[datetime], bool], str]
"""When it is so, and the records that stand then in place of those of their name and type."""


def parse_zone(text: str) -> Records:
    """Records by name and type, one a line: owner, type, content.

    :raises dns.exception.DNSException: when the text is none.
    """
    found: Records = {}
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith(";"):
            continue
        owner, rdtype, content = line.split(None, 2)
        name, kind = dns.name.from_text(owner), dns.rdatatype.from_text(rdtype)
        rdata = dns.rdata.from_text(dns.rdataclass.IN, kind, content)
        rrset = found.setdefault((name, kind), dns.rrset.RRset(name, dns.rdataclass.IN, kind))
        rrset.add(rdata, _TTL)
    return found


class Zone:
    """All names of a town, at any time."""

    def __init__(self, text: str, changes: Sequence[Change] = ()) -> None:
        self._records = parse_zone(text)
        self._changes = [(when, parse_zone(one)) for when, one in changes]

    def at(self, moment: datetime) -> Records:
        """The records of a moment."""
        records = dict(self._records)
        for when, changed in self._changes:
            if when(moment):
                records |= changed
        return records

    def address(self, host: str) -> str:
        """A host's IPv4 address.

        :raises KeyError: when it has none.
        """
        rrset = self._records[dns.name.from_text(host), dns.rdatatype.A]
        return str(rrset[0])

    def reply(self, wire: bytes, moment: datetime, *, authority: bool) -> bytes:
        """The reply to a query; ``authority``: from a server of the zone, else from a resolver."""
        query = dns.message.from_wire(wire)
        message = dns.message.make_response(query, recursion_available=not authority)
        if authority:
            message.flags |= dns.flags.AA
        records, asked = self.at(moment), query.question[0]
        name = asked.name
        for _ in range(_ALIASES):
            rrset = self._find(records, name, asked.rdtype)
            alias = self._find(records, name, dns.rdatatype.CNAME)
            if rrset is not None or alias is None:
                break
            message.answer.append(alias)
            name = alias[0].target
        if rrset is not None:
            message.answer.append(rrset)
        else:
            known = any(one.is_subdomain(name) for one, _ in records)
            if not known and not message.answer:
                message.set_rcode(dns.rcode.NXDOMAIN)
            soa = self._authority(records, name)
            message.authority += [soa] if soa else []
        return message.to_wire()

    @staticmethod
    def _find(
        records: Records, name: dns.name.Name, rdtype: dns.rdatatype.RdataType
    ) -> dns.rrset.RRset | None:
        if (found := records.get((name, rdtype))) is not None:
            return found
        if len(name) < 2 or any(one == name for one, _ in records):  # noqa: PLR2004  # the root
            return None
        star = records.get((dns.name.Name((b"*", *name.labels[1:])), rdtype))
        return None if star is None else dns.rrset.from_rdata_list(name, star.ttl, list(star))

    @staticmethod
    def _authority(records: Records, name: dns.name.Name) -> dns.rrset.RRset | None:
        """The SOA record of the zone that a name would be in."""
        while True:
            if found := records.get((name, dns.rdatatype.SOA)):
                return found
            if name == dns.name.root:
                return None
            name = name.parent()
