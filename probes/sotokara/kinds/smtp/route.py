"""Where a domain's mail goes: its MX records, and what internet.nl's test tells apart about them.

RFC 5321, 5.1 (MX, else the domain's own address); RFC 7505 (null MX); RFC 2181, 10.3 (no alias).
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype

from sotokara.core.addresses import is_address
from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared import made_up
from sotokara.network import wire
from sotokara.network.aliases import own_records
from sotokara.network.network import Network

MOST_HOSTS = 12
MOST_ADDRESSES = 4
"""Of one host; the rest is not contacted."""
_TYPES = ("A", "AAAA")


class Goal(NamedTuple):
    """One mail server to be contacted; ``problem`` as in MailHost."""

    name: str
    preference: int
    addresses: list[str]
    problem: str = ""
    secure: bool = False
    """The MX and address records had the AD flag: TLSA records may be relied on (RFC 7672)."""


class Route(NamedTuple):
    """How a domain's mail is routed; ``kind`` as in SmtpFacts.route."""

    kind: str
    mx: list[str]
    goals: list[Goal]
    failure: Failure | None = None


def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)


async def ask_route(net: Network, domain: str) -> list[Exchange]:
    """MX of the domain; A and AAAA of each mail server, TLSA where they are secure."""
    mx = await net.ask(_name(domain), "MX", step="MX")
    exchanges = [mx]
    hosts = [name for _, name in _exchangers(wire.message_of(mx)) if name]
    if not hosts and _rcode(mx) == dns.rcode.NOERROR and not _null(mx):
        hosts = [domain]
    every = [_ask_host(net, host, secure=wire.secure(mx)) for host in hosts[:MOST_HOSTS]]
    for several in await asyncio.gather(*every):
        exchanges += several
    return exchanges + await made_up.unmask(net, exchanges)


async def _ask_host(net: Network, host: str, *, secure: bool) -> list[Exchange]:
    if is_address(host.strip("[]")):
        return []
    try:
        name = _name(host)
    except dns.exception.DNSException:  # labels that no host name has
        return []
    found = await asyncio.gather(*(net.ask(name, kind, step=f"{kind} {host}") for kind in _TYPES))
    if secure and all(map(wire.secure, found)):
        tlsa = dns.name.from_text("_25._tcp", origin=None).concatenate(name)
        found.append(await net.ask(tlsa, "TLSA", step=f"TLSA {host}"))
    return list(found)


def read_route(exchanges: Sequence[Exchange], domain: str) -> Route:
    """The route that these messages describe; pure."""
    steps = {one.step: one for one in exchanges}
    mx = steps.get("MX") or Exchange("MX", "", "")
    message = wire.message_of(mx)
    if isinstance(message, Failure):
        return Route("nothing", [], [], message)
    if message.rcode() == dns.rcode.NXDOMAIN:
        return Route("no_domain", [], [])
    if message.rcode() != dns.rcode.NOERROR:
        refused = message.rcode() == dns.rcode.REFUSED
        name = "dns_refused_error" if refused else "dns_servfail_error"
        return Route("nothing", [], [], Failure(name, "MX", dns.rcode.to_text(message.rcode())))
    records = _exchangers(message)
    names = [name or "." for _, name in records]
    if records and not any(name for _, name in records):
        return Route("null_mx", names, [])
    kind = "null_mx_beside_others" if "." in names else "mx"
    if not records:
        kind, records = "address", [(0, domain)]
    goals = [
        _goal(steps, name, preference, secure=wire.secure(mx))
        for preference, name in records[:MOST_HOSTS]
        if name
    ]
    if kind == "address" and not goals[0].addresses:
        failed = [
            wire.message_of(steps[step])
            for step in (f"{one} {domain}" for one in _TYPES)
            if step in steps
        ]
        failure = next((one for one in failed if isinstance(one, Failure)), None)
        return Route("nothing", [], [], failure)
    return Route(kind, names, goals)


def _goal(steps: dict[str, Exchange], host: str, preference: int, *, secure: bool) -> Goal:
    if is_address(host.strip("[]")):
        return Goal(host, preference, [], "address")
    addresses: list[str] = []
    problem, rcodes = "", set()
    for kind in _TYPES:
        exchange = steps.get(f"{kind} {host}")
        message = wire.message_of(exchange) if exchange else None
        secure = secure and exchange is not None and wire.secure(exchange)
        if not isinstance(message, dns.message.Message):
            continue
        rcodes.add(message.rcode())
        own = own_records(message)
        if any(rrset.rdtype == dns.rdatatype.CNAME for rrset in own):
            problem = "alias"
        wanted = dns.rdatatype.from_text(kind)
        addresses += sorted(rrset[0].address for rrset in own if rrset.rdtype == wanted)
    if not addresses:
        problem = "no_name" if dns.rcode.NXDOMAIN in rcodes else "no_address"
        if not rcodes & {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
            problem = "dns_failed"
    known = made_up.real(addresses, [steps[made_up.STEP]] if made_up.STEP in steps else [])
    return Goal(host, preference, known[:MOST_ADDRESSES], problem, secure)


def _exchangers(message: "dns.message.Message | Failure") -> list[tuple[int, str]]:
    """Preference and name of each MX, best first, each name once; the null MX has no name."""
    if isinstance(message, Failure):
        return []
    found = sorted(
        (item.preference, item.exchange.to_text(omit_final_dot=True).lower().removesuffix("."))
        for rrset in own_records(message)
        if rrset.rdtype == dns.rdatatype.MX
        for item in rrset
    )
    best = {name: preference for preference, name in reversed(found)}
    return sorted((preference, name) for name, preference in best.items())


def _null(exchange: Exchange) -> bool:
    return any(not name for _, name in _exchangers(wire.message_of(exchange)))


def names_in(exchange: Exchange) -> list[str]:
    """The names that PTR records in an answer point to, without the final dot."""
    message = wire.message_of(exchange)
    if isinstance(message, Failure):
        return []
    return [
        item.target.to_text(omit_final_dot=True)
        for rrset in message.answer
        if rrset.rdtype == dns.rdatatype.PTR
        for item in rrset
    ]


def _rcode(exchange: Exchange) -> int:
    return -1 if exchange.received is None else exchange.received[3] & 0x0F
