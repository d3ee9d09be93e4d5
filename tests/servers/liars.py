"""Resolvers that are none: each a port of one address, each with a manner of its own.

``python -m tests.servers.liars ADDRESS UPSTREAM`` serves all of ``MANNERS`` in this order from port
5301 on. Those that lie about some things only ask UPSTREAM for the rest.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial

import dns.asyncquery
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from sotokara.servers.nameserver import NameServer, about_dns, reply

MANNERS = (
    "refuses",
    "not-implemented",
    "empty",
    "own-address",
    "advertises",
    "strips-signatures",
    "does-not-validate",
    "local-root",
    "other-root",
    "wrong-id",
    "truncates",
    "slow",
    "hosts-file",
    "drops-edns",
)
FIRST_PORT = 5301
_AD_SERVER = "192.0.2.99"
SLOW = 4.0
"""Seconds until the slow one answers."""
_OF_HOSTS_FILE = "www.shop.example."
_Answer = Callable[[bytes], AsyncIterator[bytes]]


def port_of(manner: str) -> int:
    """The port that a manner has."""
    return FIRST_PORT + MANNERS.index(manner)


async def _says(rcode: int, wire: bytes) -> AsyncIterator[bytes]:
    yield reply(wire, flags=0x8180 | rcode)


async def _same_address(wire: bytes) -> AsyncIterator[bytes]:
    """The portal of a hotel: itself for every name, but it knows the root."""
    known = about_dns(wire)
    if known is not None and known[3] & 0x0F == 0:
        yield known
        return
    message = dns.message.make_response(dns.message.from_wire(wire), recursion_available=True)
    question = message.question[0]
    if question.rdtype == dns.rdatatype.A:
        message.answer = [dns.rrset.from_text(question.name, 60, "IN", "A", _AD_SERVER)]
    yield message.to_wire()


async def _local_root(wire: bytes) -> AsyncIterator[bytes]:
    """Holds the root (RFC 8806), and has lost everybody else."""
    yield about_dns(wire) or reply(wire, flags=0x8182)


async def _other_root(upstream: str, wire: bytes) -> AsyncIterator[bytes]:
    yield about_dns(wire) or (await _asked(upstream, wire)).to_wire()


async def _asked(upstream: str, wire: bytes) -> dns.message.Message:
    question = dns.message.from_wire(wire)
    answer: dns.message.Message = await dns.asyncquery.udp(question, upstream, timeout=5)
    return answer


async def _advertises(upstream: str, wire: bytes) -> AsyncIterator[bytes]:
    """What does not exist has the address of a maker of advertisements."""
    answer = await _asked(upstream, wire)
    question = answer.question[0]
    if answer.rcode() == dns.rcode.NXDOMAIN and question.rdtype == dns.rdatatype.A:
        answer = dns.message.make_response(dns.message.from_wire(wire), recursion_available=True)
        answer.answer = [dns.rrset.from_text(question.name, 60, "IN", "A", _AD_SERVER)]
    yield answer.to_wire()


async def _without(upstream: str, types: frozenset[int], wire: bytes) -> AsyncIterator[bytes]:
    """The true answer without AD, and without records of these types."""
    answer = await _asked(upstream, wire)
    answer.flags &= ~dns.flags.AD
    answer.answer = [one for one in answer.answer if one.rdtype not in types]
    answer.authority = [one for one in answer.authority if one.rdtype not in types]
    yield answer.to_wire()


async def _wrong_id(upstream: str, wire: bytes) -> AsyncIterator[bytes]:
    """Right answers to another question's number."""
    answer = (await _asked(upstream, wire)).to_wire()
    yield bytes((answer[0] ^ 0x55, answer[1])) + answer[2:]


async def _truncates(wire: bytes) -> AsyncIterator[bytes]:
    """Wants to be asked over TCP, and does not speak it."""
    yield reply(wire, flags=0x8380)


async def _slow(upstream: str, wire: bytes) -> AsyncIterator[bytes]:
    answer = await _asked(upstream, wire)
    await asyncio.sleep(SLOW)
    yield answer.to_wire()


async def _drops_edns(upstream: str, wire: bytes) -> AsyncIterator[bytes]:
    """Says nothing where a question has an OPT record, as some boxes at home do."""
    if wire[10:12] == b"\0\0":
        yield (await _asked(upstream, wire)).to_wire()


async def _hosts_file(upstream: str, wire: bytes) -> AsyncIterator[bytes]:
    """A home router's: one name is at home for it, all others it asks for."""
    question = dns.message.from_wire(wire).question[0]
    if question.name.to_text().lower() != _OF_HOSTS_FILE:
        yield (await _asked(upstream, wire)).to_wire()
        return
    message = dns.message.make_response(dns.message.from_wire(wire), recursion_available=True)
    if question.rdtype == dns.rdatatype.A:
        message.answer = [dns.rrset.from_text(question.name, 0, "IN", "A", "192.168.11.7")]
    yield message.to_wire()


_SIGNATURES = frozenset(
    {dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3, dns.rdatatype.DNSKEY}
)


def answers(upstream: str) -> dict[str, _Answer]:
    """Each manner's answer to a question."""
    return {
        "refuses": partial(_says, dns.rcode.REFUSED),
        "not-implemented": partial(_says, dns.rcode.NOTIMP),
        "empty": partial(_says, dns.rcode.NOERROR),
        "own-address": _same_address,
        "advertises": partial(_advertises, upstream),
        "strips-signatures": partial(_without, upstream, _SIGNATURES),
        "does-not-validate": partial(_without, upstream, frozenset()),
        "local-root": _local_root,
        "other-root": partial(_other_root, upstream),
        "wrong-id": partial(_wrong_id, upstream),
        "truncates": _truncates,
        "slow": partial(_slow, upstream),
        "hosts-file": partial(_hosts_file, upstream),
        "drops-edns": partial(_drops_edns, upstream),
    }


async def main(address: str, upstream: str) -> None:
    """Serve until killed."""
    for manner, answer in answers(upstream).items():
        server = NameServer(answer, host=address)
        server.port = port_of(manner)
        await server.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
