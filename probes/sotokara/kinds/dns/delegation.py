"""Who is authoritative for a name: the servers that the zone's delegation lists (RFC 1034, 4.2)."""

import asyncio

import dns.name
import dns.rdatatype

from sotokara.core.observation import Exchange, Failure, ProbeFailure
from sotokara.kinds.dns.answers import name_text
from sotokara.network import wire
from sotokara.network.network import Network, Server

_MOST_SERVERS = 32


async def authoritative_servers(
    net: Network, owner: dns.name.Name
) -> tuple[list[Exchange], list[Server]]:
    """Every address of every name server of the zone that ``owner`` is in, and how they were found.

    The resolver is asked for NS from the name upwards. Where it gives up on a zone (a lame one is
    SERVFAIL to it), the parent's servers are asked for the delegation.

    :raises ProbeFailure: ``dns_no_answer`` when no zone with a server was found.
    """
    exchanges: list[Exchange] = []
    broken: dns.name.Name | None = None
    zone = owner
    while True:
        exchange = await net.ask(zone, "NS", step="zone")
        exchanges.append(exchange)
        hosts = _hosts(exchange, zone)
        if hosts or zone == dns.name.root:
            break
        if exchange.received is None or exchange.received[3] & 0x0F not in (0, 3):
            broken = broken or zone
        zone = zone.parent()
    servers = await _addresses(net, hosts)
    if broken and servers:
        exchange = await net.ask(broken, "NS", servers[0], step="delegation", rd=False)
        exchanges.append(exchange)
        servers = await _addresses(net, _hosts(exchange, broken)) or servers
    if not servers:
        raise ProbeFailure("dns_no_answer", "authoritative", f"no name server of {owner} was found")
    return exchanges, servers[:_MOST_SERVERS]


def _hosts(exchange: Exchange, zone: dns.name.Name) -> list[str]:
    """The NS names of ``zone`` in an answer or a referral, sorted."""
    reply = wire.message_of(exchange)
    sections = () if isinstance(reply, Failure) else (*reply.answer, *reply.authority)
    return sorted(
        name_text(item.target)
        for rrset in sections
        if rrset.rdtype == dns.rdatatype.NS and rrset.name == zone
        for item in rrset
        if hasattr(item, "target")
    )


async def _addresses(net: Network, hosts: list[str]) -> list[Server]:
    async def one(host: str) -> list[Server]:
        try:
            found = await net.addresses(host)
        except ProbeFailure:
            return []
        return [Server(address, label=f"{host} ({address})") for address in found]

    return [server for several in await asyncio.gather(*map(one, hosts)) for server in several]
