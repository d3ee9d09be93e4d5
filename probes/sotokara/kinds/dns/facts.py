"""The facts of kind ``dns``: what is compared over time; no TTL, order, id or clock among them."""

from typing import Any

import msgspec

from sotokara.core.observation import Facts


class DnsRecord(msgspec.Struct, frozen=True, order=True):
    """One resource record without its TTL; names have no final dot, ``value`` is as in dig.

    A record of another class than the one asked for has the class before its ``type``. One that
    cannot be read has its bytes as ``value`` (RFC 3597, 5).

    In TXT, text that is valid UTF-8 stands as itself and other bytes as ``\\DDD`` (RFC 1035, 5.1).
    """

    name: str
    type: str
    value: str


class ServerFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one of several servers said."""

    server: str
    rcode: str = ""
    addresses: list[str] = []
    names: list[str] = []
    records: list[DnsRecord] = []
    authoritative: bool = False
    failure: str = ""


class DnsFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """Lists are sorted, except ``chain``, which goes from the name asked to the last alias."""

    rcode: str
    """NOERROR, NXDOMAIN, SERVFAIL, REFUSED, … (the IANA registry's mnemonic)."""
    addresses: list[str] = []
    """All addresses of the name, or of where its aliases lead: IPv4 first, in numerical order."""
    names: list[str] = []
    """All names that the answers point to (PTR, CNAME, MX, NS, SRV, …), without the final dot."""
    records: list[DnsRecord] = []
    """All records of the answers."""
    chain: list[str] = []
    """The CNAME chain: the name asked, each alias, the canonical name last."""
    nodata: list[str] = []
    """Types asked for that the name exists without (NOERROR and no record)."""
    authoritative: bool = False
    """Every answer had the AA flag."""
    dnssec: str = "unknown"
    """secure, insecure, bogus or unknown (RFC 4035, 4.3); ``unvalidated``: the resolver judges, and
    did not say that it has verified this; ``no_signatures``: none came from a signed zone."""
    dnssec_by: str = ""
    """Who judged: ``resolver`` or ``sotokara``."""
    servers: list[ServerFacts] = []
    """What each server said, where several were asked."""
    agree: bool = True
    """All servers that answered said the same."""


def only_types(facts: DnsFacts, one: set[str], other: set[str]) -> DnsFacts | None:
    """An answer without the types that only one of two questions asked for; None: no type is left.

    ``chain`` and ``rcode`` are of the name, whatever type is asked for.
    """
    both, gone = one & other, one ^ other
    if not both:
        return None
    if not gone:
        return facts

    def kept(records: list[DnsRecord]) -> list[DnsRecord]:
        return [record for record in records if record.type not in gone]

    def known(seen: DnsFacts | ServerFacts) -> dict[str, list[str] | list[DnsRecord]]:
        records = kept(seen.records)
        words = {word.rstrip(".") for record in records for word in record.value.split()}
        version = {"A": 4, "AAAA": 6}
        lost = {version[one] for one in gone if one in version}
        addresses = [
            text
            for text in seen.addresses
            if (6 if ":" in text else 4) not in lost or text in words
        ]
        return {
            "records": list(records),
            "names": [name for name in seen.names if name in words],
            "addresses": addresses,
        }

    return msgspec.structs.replace(
        facts,
        **known(facts),
        nodata=[one for one in facts.nodata if one in both],
        servers=[msgspec.structs.replace(one, **known(one)) for one in facts.servers],
    )


def agreement(facts: DnsFacts) -> str:
    """Whether several servers say the same: of those that said nothing, nobody knows."""
    answered = sum(not one.failure for one in facts.servers)
    if not facts.agree or answered == len(facts.servers):
        return "agree" if facts.agree else "disagree"
    return "agree_of_some" if answered > 1 else "agree_of_one"


_OF_RECORDS = ("addresses", "names", "records", "chain", "nodata", "authoritative")


def left_open(facts: Facts | None) -> tuple[str, ...]:
    """The facts of which SERVFAIL, REFUSED and their like say nothing: those of records."""
    if not isinstance(facts, DnsFacts) or facts.rcode in ("NOERROR", "NXDOMAIN"):
        return ()
    return () if facts.records or facts.servers else _OF_RECORDS


def as_asked_for(field: str, old: Any, new: Any) -> Any:  # noqa: ANN401
    """Of today's fact what a listing whose fact was ``old`` can have asked for."""
    if field == "addresses" and old:
        return [one for one in new if any((":" in one) == (":" in other) for other in old)]
    if field == "records" and old:
        types = {record.type for record in old}
        return [record for record in new if record.type in types]
    return new
