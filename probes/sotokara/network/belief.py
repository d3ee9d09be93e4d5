"""What our resolver's word is worth: it is believed only for what it was just seen to do rightly.

It has to give the root's SOA, as every resolver of the DNS can, and has to say of a name that
cannot exist that it does not. Hotels' portals, filters and makers of advertisements fail in one of
the two. A root server is asked directly as well: its SOA and the resolver's are one.
"""

import asyncio
import secrets
from collections.abc import Sequence
from typing import NamedTuple

import dns.name
import dns.rcode
import dns.rdatatype

from sotokara.core.observation import Failure
from sotokara.network.dns_client import DnsClient, Server, query

ROOTS = ("198.41.0.4", "193.0.14.129", "202.12.27.33", "2001:503:ba3e::2:30", "2001:7fd::1")
"""a, k and m.root-servers.net (IANA's root hints); anycast, so one is near everywhere."""
PATIENCE = 2.0
_DIRECTLY = 0.3
"""Seconds more that a root server is waited for: many networks let nobody ask one."""
_STAGGER = 0.15
_AA, _RA, _AD = 0x04, 0x80, 0x20


Told = tuple[Server | None, bytes | None]
"""A root server that has answered us, and what it said of its zone."""


class Belief(NamedTuple):
    """What one build has learnt of its resolver."""

    failure: Failure | None
    """``resolver_misbehaving`` where it is not believed."""
    validates: bool
    """It says AD for the signed root (RFC 6840, 5.8)."""


async def learn(
    client: DnsClient, resolvers: Sequence[Server], directly: "asyncio.Task[Told]"
) -> Belief:
    """Ask the resolvers; ``directly``: a root server that is asked beside them."""
    about_root, about_nobody = await asyncio.gather(
        _first(client, resolvers, b"\0", dns.rdatatype.SOA),
        _first(client, resolvers, nobody(), dns.rdatatype.A),
    )
    await asyncio.wait({directly}, timeout=_DIRECTLY)
    said = directly.result()[1] if directly.done() else None
    wrong = _wrong(about_root, about_nobody, said)
    failure = Failure("resolver_misbehaving", "control", wrong) if wrong else None
    validates = about_root is not None and bool(about_root[3] & _AD)
    return Belief(failure, validates)


def speaks_as_root(wire: bytes) -> bool:
    """Whether this answer to ``. SOA`` can be a root server's: authoritative, and no resolver's.

    Providers let their own resolver answer in every name server's place. It gives the same records,
    but has them from a cache (AA, RFC 1035, 4.1.1) or offers recursion, as no root server does
    (RA; RFC 2870, 2.5).
    """
    return len(wire) > 3 and bool(wire[2] & _AA) and not wire[3] & _RA  # noqa: PLR2004  # two flags


def nobody(under: str = "") -> bytes:
    """A name that does not exist, in wire format; ``under`` a domain, or under the root."""
    labels = [secrets.token_hex(8).encode(), under.encode() or secrets.token_hex(8).encode(), b""]
    return dns.name.Name(labels).to_wire() or b"\0"


def _wrong(about_root: bytes | None, about_nobody: bytes | None, root: bytes | None) -> str:
    """What the resolver did wrong; empty where nothing, or where it only gave no answer."""
    said = dns.rcode.SERVFAIL if about_root is None else _rcode(about_root)
    if about_root is None or said == dns.rcode.SERVFAIL:
        return _wrong_of_nobody(about_nobody)
    if said == dns.rcode.NXDOMAIN:
        return "this machine's resolver says that the DNS has no root"
    if said != dns.rcode.NOERROR:
        return f"this machine's resolver answers {dns.rcode.to_text(said)} for the root"
    mine = _soa(about_root)
    if mine is None:
        return "this machine's resolver gives no SOA record of the root"
    if root is not None and root[2] & _AA and _soa(root) not in (None, mine):
        return "this machine's resolver gives another root than the root servers"
    return _wrong_of_nobody(about_nobody)


def _wrong_of_nobody(said: bytes | None) -> str:
    if said is None or _rcode(said) in (dns.rcode.NXDOMAIN, dns.rcode.SERVFAIL):
        return ""
    if said[6:8] != b"\0\0":
        return "this machine's resolver has an answer for a name that cannot exist"
    return "this machine's resolver does not say of a name that cannot exist that it does not"


def _rcode(wire: bytes) -> dns.rcode.Rcode:
    return dns.rcode.Rcode.make(wire[3] & 0x0F)


def _soa(wire: bytes) -> str | None:
    """The root's first name server and its mailbox, from the root's SOA; None where it has none."""
    import dns.message  # slow to start

    try:
        message = dns.message.from_wire(wire, ignore_trailing=True)
    except Exception:  # noqa: BLE001  # hostile bytes raise many types
        return None
    for rrset in message.answer:
        if rrset.rdtype == dns.rdatatype.SOA and rrset.name == dns.name.root:
            return f"{rrset[0].mname} {rrset[0].rname}".lower()
    return None


async def _first(
    client: DnsClient, servers: Sequence[Server], name: bytes, rdtype: int
) -> bytes | None:
    """What the first of these that answers says."""
    for server in servers:
        reply = await client.ask(server, query(name, rdtype, rd=True), PATIENCE)
        if reply.received is not None:
            return reply.received
    return None


async def ask_directly(
    client: DnsClient, resolvers: Sequence[Server], controls: Sequence[Server]
) -> Told:
    """What the first root server that answers says of its zone; each has a head start."""
    known = {(one.address, one.port) for one in resolvers}
    others = [one for one in controls if (one.address, one.port) not in known]

    async def ask(server: Server, wait: float) -> tuple[Server, bytes | None]:
        await asyncio.sleep(wait)
        reply = await client.ask(server, query(b"\0", dns.rdatatype.SOA, rd=False), PATIENCE)
        return server, reply.received

    asked = [
        asyncio.ensure_future(ask(server, turn * _STAGGER)) for turn, server in enumerate(others)
    ]
    try:
        for done in asyncio.as_completed(asked):
            server, received = await done
            if received is not None:
                return server, received
        return None, None
    finally:
        for one in asked:
            one.cancel()
