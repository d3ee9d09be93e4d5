"""The origin AS of an address: who announces it in BGP, as Team Cymru's DNS zones tell.

``4.3.2.1.origin.asn.cymru.com`` (``origin6`` for IPv6, in nibbles) has TXT records such as
``17506 | 221.240.0.0/12 | JP | apnic | 2002-09-26``; ``AS17506.asn.cymru.com`` has the name. It is
DNS, so the author's resolver caches it, and nothing is asked of a registry for it. Used by the
kinds that speak of addresses; not a kind itself.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, NamedTuple

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import msgspec

from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.kinds.shared.registry import second
from sotokara.kinds.shared.registry.target import as_number
from sotokara.network import wire
from sotokara.network.network import Network

ZONES = {4: "origin.asn.cymru.com", 6: "origin6.asn.cymru.com"}
"""Where an address of each version is looked up."""
NAMES = "asn.cymru.com"
"""Where ``AS<number>`` is looked up."""
_STEP, _NAME_STEP = "origin AS of ", "name of AS"
_MOST_ORIGINS = 8
_FAILURES = {
    int(dns.rcode.SERVFAIL): "dns_servfail_error",
    int(dns.rcode.REFUSED): "dns_refused_error",
}


class OriginUnanswered(NamedTuple):
    """A question that failed: the fields that it leaves open, and the failure's name."""

    fields: tuple[str, ...]
    failure: str


class Origin(msgspec.Struct, frozen=True, omit_defaults=True):
    """The most specific announced prefix that holds an address, and who originates it."""

    asn: int
    """The origin AS number; the lowest where several announce the prefix."""
    prefix: str
    """The prefix in BGP, ``221.240.0.0/12``."""
    as_name: str = ""
    """The AS's name in its registry, such as ``UCOM ARTERIA Networks Corporation, JP``."""
    others: tuple[int, ...] = ()
    """Further AS numbers that originate the same prefix, in order."""


class OriginRow(NamedTuple):
    """One row of the origin zones."""

    numbers: tuple[int, ...]
    """The AS numbers that originate the prefix, in order; none where nobody does."""
    prefix: IPv4Network | IPv6Network


def asking(address: str) -> str:
    """The step of the question for the origin of ``address``."""
    return f"{_STEP}{ip_address(address)}"


async def origin(net: Network, address: str, *, named: bool = True) -> list[Exchange]:
    """Ask for the origin AS of an address and, unless ``named`` is off, for that AS's name.

    :raises ValueError: when ``address`` is none.
    """
    parsed = ip_address(address)
    labels = parsed.reverse_pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa")
    name = dns.name.from_text(f"{labels}.{ZONES[parsed.version]}.")
    exchanges = [await net.ask(name, "TXT", step=asking(address))]
    found = read_origin(exchanges, address)
    if found and named:
        exchanges.append(await as_name(net, found.asn))
    return exchanges


async def as_name(net: Network, asn: int) -> Exchange:
    """Ask for the name of an AS."""
    name = dns.name.from_text(f"AS{asn}.{NAMES}.")
    return await net.ask(name, "TXT", step=f"{_NAME_STEP}{asn}")


def read_origin(exchanges: Sequence[Exchange], address: str) -> Origin | None:
    """The origin of ``address`` out of any exchanges, or None where no answer tells one.

    Pure, and never trusting a byte: what does not have the zones' form is passed over. Fits facts:
    no time, order or TTL is in it.
    """
    rows = [row for row in _rows(exchanges, address) if row and row.numbers]
    if not rows:
        return None
    best = max(rows, key=lambda row: row.prefix.prefixlen)
    first, *others = best.numbers
    return Origin(first, str(best.prefix), read_name(exchanges, first), tuple(others))


def _rows(exchanges: Sequence[Exchange], address: str) -> Iterator[OriginRow | None]:
    """Every row about an address; None for one that is not to be read, or of another address."""
    parsed = ip_address(address)
    for exchange in exchanges:
        if exchange.step != asking(address):
            continue
        for text in _texts(exchange.received):
            try:
                row = read_row(text)
            except ValueError:
                yield None
            else:
                yield row if row.prefix.version == parsed.version and parsed in row.prefix else None


def read_name(exchanges: Sequence[Exchange], asn: int) -> str:
    """The name of an AS out of any exchanges; empty where none tells it."""
    for exchange in exchanges:
        if exchange.step == f"{_NAME_STEP}{asn}":
            for row in _texts(exchange.received):
                fields = [field.strip() for field in row.split("|")]
                if fields[0] == str(asn) and len(fields) > 4:  # noqa: PLR2004  # number, country, RIR, date, name
                    return " | ".join(fields[4:])
    return ""


def unanswered(exchanges: Sequence[Exchange], address: str) -> dict[str, OriginUnanswered]:
    """The questions about ``address`` that failed, by step. No announcement is an answer."""
    steps: dict[str, tuple[str, ...]] = {asking(address): ("asn", "as_name", "bgp_prefix")}
    if found := read_origin(exchanges, address):
        steps[f"{_NAME_STEP}{found.asn}"] = ("as_name",)
    unread = found is None and None in _rows(exchanges, address)  # then nobody said "nobody"
    return {
        one.step: OriginUnanswered(steps[one.step], failure)
        for one in exchanges
        if one.step in steps
        and (failure := _failed(one) or ("dns_server_misbehaving" if unread else ""))
    }


def _failed(exchange: Exchange) -> str:
    """The name of the failure of a question; empty where there is an answer."""
    if exchange.failure:
        return exchange.failure.name
    received = exchange.received or b""
    rcode = received[3] & 0xF if len(received) > 3 else -1  # noqa: PLR2004  # RFC 1035, 4.1.1
    if rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN) and _message(received) is not None:
        return ""
    return _FAILURES.get(rcode, "dns_server_misbehaving")


def read_row(text: str) -> OriginRow:
    """A row: number and prefix are what counts; country, registry and day may be missing.

    >>> read_row("64496 | 192.0.2.0/24 | | NA")
    OriginRow(numbers=(64496,), prefix=IPv4Network('192.0.2.0/24'))

    :raises ValueError: where it has not the zones' form.
    """
    numbers, _, rest = text.partition("|")
    prefix = ip_network(rest.partition("|")[0].strip(), strict=False)
    words = re.findall(r"[^\s{},]+", numbers)
    if words in ([], ["NA"]):
        return OriginRow((), prefix)
    found = sorted({as_number(word) for word in words})
    return OriginRow(tuple(found[:_MOST_ORIGINS]), prefix)


@lru_cache(maxsize=4096)
def _texts(received: bytes | None) -> tuple[str, ...]:
    """The TXT records of a reply; kept, for a hop on many paths is read on each."""
    message = _message(received or b"")
    rows = []
    for rrset in message.answer if message else ():
        if rrset.rdtype == dns.rdatatype.TXT:
            strings = getattr(rrset[0], "strings", ())
            rows.append(b"".join(strings).decode("utf-8", "replace"))
    return tuple(sorted(rows))


def _message(received: bytes) -> dns.message.Message | None:
    try:
        return wire.parse_message(received)
    except wire.UnreadableDns:
        return None


async def ask_origin(net: Network, address: str) -> list[Exchange]:
    """The origin AS of an address; an answer of registries stands without it."""
    try:
        return await origin(net, address) if address else []
    except ProbeFailure as failed:
        return [Exchange(asking(address), "resolver", "udp", failure=failed.failure)]


def facts(exchanges: Sequence[Exchange], address: str) -> dict[str, Any]:
    """The facts that the answers give; ``unknown`` names those whose question failed."""
    if not address:
        return {}
    told: dict[str, Any] = {}
    if found := read_origin(exchanges, address):
        told = {"asn": found.asn, "as_name": found.as_name, "bgp_prefix": found.prefix}
    missing = {field for one in unanswered(exchanges, address).values() for field in one.fields}
    return told | ({"unknown": sorted(missing)} if missing else {})


def failures(exchanges: Sequence[Exchange], address: str) -> dict[str, str]:
    """The questions that failed, each with the failure's name."""
    if not address:
        return {}
    return {step: one.failure for step, one in unanswered(exchanges, address).items()}


def readings(exchanges: Sequence[Exchange], address: str) -> second.Readings:
    """Where ipwhois reads the row that tells the origin otherwise."""
    found = read_origin(exchanges, address) if address else None
    if found is None:
        return {}
    asked = [one for one in exchanges if one.step == asking(address)]
    rows = [row for one in asked for row in _texts(one.received)]
    return second.of_rows(rows, found.asn, found.prefix)
