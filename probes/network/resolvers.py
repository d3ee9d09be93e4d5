"""Which resolvers this machine uses, and the spelling of servers in settings and definitions."""

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import dns.rdatatype

from probes.addresses import server_address
from probes.network.nameserver import DnsClient, Server, query

_RESOLV_CONF = Path("/etc/resolv.conf")
_ROOT_SECONDS = 2.0
"""For what a resolver has at hand."""


def parse_server(text: str) -> Server:
    """A server as settings and definitions write it (``addresses.server_address``).

    :raises ValueError: for anything else.
    """
    return Server(*server_address(text))


def system_resolvers() -> list[Server]:
    """The resolvers that the system is set to (resolv.conf, or the registry on Windows)."""
    if _RESOLV_CONF.exists():
        words = [line.split() for line in _RESOLV_CONF.read_text("utf-8", "replace").splitlines()]
        found = [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"]
    else:  # dnspython knows how to ask Windows, at the price of a slow import
        import dns.resolver

        try:
            found = [str(server) for server in dns.resolver.Resolver().nameservers]
        except dns.resolver.NoResolverConfiguration:
            found = []
    servers = []
    for address in found:
        try:
            ip_address(address.partition("%")[0])
        except ValueError:
            continue
        servers.append(Server(address))
    return servers


async def of_root(client: DnsClient, resolvers: Sequence[Server]) -> bytes | None:
    """What the first resolver that answers says of the root's SOA."""
    wire = query(b"\0", dns.rdatatype.SOA, rd=True)
    for server in resolvers:
        reply = await client.ask(server, wire, _ROOT_SECONDS)
        if reply.received is not None:
            return reply.received
    return None
