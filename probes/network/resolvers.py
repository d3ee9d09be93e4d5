"""Which resolvers this machine uses, and the spelling of servers in settings and definitions."""

from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import dns.rdatatype

from probes.network.nameserver import DnsClient, Server, query

_RESOLV_CONF = Path("/etc/resolv.conf")
_ROOT_SECONDS = 2.0
"""For what a resolver has at hand."""


def parse_server(text: str) -> Server:
    """``192.0.2.1``, ``192.0.2.1:5353``, ``2001:db8::1`` or ``[2001:db8::1]:5353``.

    :raises ValueError: for anything else.
    """
    address, port = text.strip(), 53
    if address.startswith("["):
        address, _, rest = address[1:].partition("]")
        port = int(rest.removeprefix(":") or 53)
    elif address.count(":") == 1:
        address, _, rest = address.partition(":")
        port = int(rest)
    return Server(str(ip_address(address)), port)


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
