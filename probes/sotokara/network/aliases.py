"""The names that an answer speaks of: where CNAME and DNAME lead from the one asked."""

from collections.abc import Iterator

import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.rrset

_LONGEST_CHAIN = 32
"""Links that are followed; resolvers give up before (RFC 1034, 3.6.2)."""


def reached(message: dns.message.Message) -> frozenset[dns.name.Name]:
    """The names that an answer speaks of: the one asked, and where CNAME and DNAME lead.

    What else stands in an answer is no answer to the question.
    """
    names = {one.name for one in message.question}
    classes = {one.rdclass for one in message.question}
    for _ in range(_LONGEST_CHAIN):
        found = set(names)
        for rrset in message.answer:
            if rrset.rdclass not in classes:
                continue
            target = getattr(rrset[0], "target", None)
            if rrset.rdtype == dns.rdatatype.CNAME and rrset.name in names and target:
                found.add(target)
            if rrset.rdtype == dns.rdatatype.DNAME and target:
                found.update(_renamed(names, rrset.name, target))
        if found == names:
            break
        names = found
    return frozenset(names)


def _renamed(
    names: set[dns.name.Name], owner: dns.name.Name, target: dns.name.Name
) -> Iterator[dns.name.Name]:
    """The names below a DNAME's owner, moved below its target (RFC 6672, 2.2)."""
    for name in names:
        if name != owner and name.is_subdomain(owner):
            try:
                yield name.relativize(owner).concatenate(target)
            except dns.name.NameTooLong:
                continue


def own_records(message: dns.message.Message) -> list[dns.rrset.RRset]:
    """The records that answer the question: its class, its name or an alias, and to be read."""
    names, classes = reached(message), {one.rdclass for one in message.question}
    return [
        rrset
        for rrset in message.answer
        if rrset.name in names
        and rrset.rdclass in classes
        and not isinstance(rrset[0], dns.rdata.GenericRdata)
    ]
