"""The origin AS of an address: who announces it in BGP, as Team Cymru's DNS zones tell.

``4.3.2.1.origin.asn.cymru.com`` (``origin6`` for IPv6, in nibbles) has TXT records such as
``17506 | 221.240.0.0/12 | JP | apnic | 2002-09-26``; ``AS17506.asn.cymru.com`` has the name. It is
DNS, so the author's resolver caches it, and nothing is asked of a registry for it. Used by the
kinds that speak of addresses; not a kind itself.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any, NamedTuple

import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import msgspec

from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.network.network import Network

if TYPE_CHECKING:
    from ipwhois.asn import IPASN

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


class Unanswered(NamedTuple):
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
    parsed = ip_address(address)
    best: tuple[int, str, list[int]] | None = None
    for exchange in exchanges:
        if exchange.step != asking(address):
            continue
        for row in _texts(exchange.received):
            try:
                fields = _fields(row)
                prefix = ip_network(fields["asn_cidr"])
                numbers = sorted({int(text) for text in fields["asn"].split()})[:_MOST_ORIGINS]
            except ValueError:
                continue
            if not numbers or prefix.version != parsed.version or parsed not in prefix:
                continue
            if best is None or prefix.prefixlen > best[0]:
                best = prefix.prefixlen, str(prefix), numbers
    if best is None:
        return None
    _, text, numbers = best
    return Origin(numbers[0], text, read_name(exchanges, numbers[0]), tuple(numbers[1:]))


def read_name(exchanges: Sequence[Exchange], asn: int) -> str:
    """The name of an AS out of any exchanges; empty where none tells it."""
    for exchange in exchanges:
        if exchange.step == f"{_NAME_STEP}{asn}":
            for row in _texts(exchange.received):
                fields = [field.strip() for field in row.split("|")]
                if fields[0] == str(asn) and len(fields) > 4:  # noqa: PLR2004  # number, country, RIR, date, name
                    return " | ".join(fields[4:])
    return ""


def unanswered(exchanges: Sequence[Exchange], address: str) -> dict[str, Unanswered]:
    """The questions about ``address`` that failed, by step. No announcement is an answer."""
    steps: dict[str, tuple[str, ...]] = {asking(address): ("asn", "as_name", "bgp_prefix")}
    if found := read_origin(exchanges, address):
        steps[f"{_NAME_STEP}{found.asn}"] = ("as_name",)
    return {
        one.step: Unanswered(steps[one.step], failure)
        for one in exchanges
        if one.step in steps and (failure := _failed(one))
    }


def _failed(exchange: Exchange) -> str:
    """The name of the failure of a question; empty where there is an answer."""
    if exchange.failure:
        return exchange.failure.name
    received = exchange.received or b""
    rcode = received[3] & 0xF if len(received) > 3 else -1  # noqa: PLR2004  # RFC 1035, 4.1.1
    if rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        return ""
    return _FAILURES.get(rcode, "dns_server_misbehaving")


@lru_cache
def _asn() -> "IPASN":
    """The reader of these rows in ipwhois; it wants an address, but looks none up here."""
    from ipwhois.asn import IPASN  # slow to import, and few pages have such rows
    from ipwhois.net import Net

    return IPASN(Net("193.0.14.129"))


def _fields(row: str) -> dict[str, str]:
    """The fields of a row.

    :raises ValueError: where it has not the zones' form.
    """
    from ipwhois.exceptions import BaseIpwhoisException

    try:
        found: dict[str, str] = _asn().parse_fields_dns(row)
    except BaseIpwhoisException as error:
        raise ValueError(row) from error
    return found


@lru_cache(maxsize=4096)
def _texts(received: bytes | None) -> tuple[str, ...]:
    """The TXT records of a reply; kept, for a hop on many paths is read on each."""
    try:
        message = dns.message.from_wire(received or b"", ignore_trailing=True)
    except Exception:  # noqa: BLE001  # hostile bytes raise many types in dnspython
        return ()
    rows = []
    for rrset in message.answer:
        if rrset.rdtype == dns.rdatatype.TXT:
            rows += [b"".join(item.strings).decode("utf-8", "replace") for item in rrset]
    return tuple(sorted(rows))


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
