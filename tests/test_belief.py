"""A resolver is believed for what it was just seen to do rightly, and for nothing else."""

import asyncio
from collections.abc import AsyncIterator

import dns.rcode
import pytest
from sotokara.core.observation import Failure
from sotokara.core.settings import Controls, Settings
from sotokara.engine.settings import load
from sotokara.network.belief import Belief, ask_directly, learn
from sotokara.network.dns_client import DnsClient, Server, parse_server
from sotokara.servers.nameserver import (
    NameServer,
    Udp,
    about_dns,
    honest,
    labels_of,
    prompt,
    rdtype,
    record,
    reply,
    root_soa,
)

from tests.servers.thread import serving

heard: list[Server] = []
"""The root server that has answered."""


def learnt(resolver: Udp, root: Udp | None = None) -> Belief:
    """What is learnt of a resolver, and a root server beside it."""
    servers = [NameServer(resolver), *([NameServer(root)] if root else [])]
    heard.clear()

    async def ask() -> Belief:
        client = DnsClient()
        try:
            every = [parse_server(one.address) for one in servers]
            directly = asyncio.ensure_future(ask_directly(client, every[:1], every[1:]))
            belief = await learn(client, every[:1], directly)
            heard.extend(one for one in await directly if isinstance(one, Server))
            return belief
        finally:
            client.close()

    with serving(*servers):
        return asyncio.run(ask())


def says(rcode: int, *answers: bytes) -> Udp:
    """One rcode to everything."""

    async def answer(wire: bytes) -> AsyncIterator[bytes]:
        yield reply(wire, *answers, flags=0x8180 | rcode)

    return answer


async def own_address(wire: bytes) -> AsyncIterator[bytes]:
    """Knows the root, and has its own address for every name."""
    yield root_soa(wire) if not labels_of(wire) else reply(wire, record(1, b"\x0a\0\0\1"))


async def empty_for_nobody(wire: bytes) -> AsyncIterator[bytes]:
    """Knows the root; a name that cannot exist exists without an address."""
    yield root_soa(wire) if not labels_of(wire) else reply(wire)


async def no_address_lies(wire: bytes) -> AsyncIterator[bytes]:
    """NXDOMAIN for every type but A, as an advertiser's resolver gives it."""
    if labels_of(wire) and rdtype(wire) == 1:
        yield reply(wire, record(1, b"\xc0\0\2\x63"))
    else:
        yield honest(wire)


async def other_root(wire: bytes) -> AsyncIterator[bytes]:
    """A root of its own making."""
    if labels_of(wire):
        yield honest(wire)
        return
    rdata = b"\1z\4root\0\5hosts\4root\0" + bytes(20)
    yield reply(wire, record(6, rdata, owner=b"\0"))


async def root_server(wire: bytes) -> AsyncIterator[bytes]:
    """Answers with authority."""
    known = about_dns(wire) or reply(wire)
    yield known[:2] + b"\x84" + known[3:]


async def broken(wire: bytes) -> AsyncIterator[bytes]:
    """Says that it has a SOA, and has bytes that are none."""
    yield reply(wire, record(6, b"\xff\xff\xff", owner=b"\0"))


@pytest.mark.parametrize(
    ("resolver", "why"),
    [
        (says(dns.rcode.REFUSED), "REFUSED for the root"),
        (says(dns.rcode.NOTIMP), "NOTIMP for the root"),
        (says(dns.rcode.FORMERR), "FORMERR for the root"),
        (says(dns.rcode.NXDOMAIN), "no root"),
        (says(dns.rcode.NOERROR), "no SOA record of the root"),
        (says(dns.rcode.NOERROR, record(1, b"\x0a\0\0\1")), "no SOA record of the root"),
        (broken, "no SOA record of the root"),
        (own_address, "an answer for a name that cannot exist"),
        (no_address_lies, "an answer for a name that cannot exist"),
        (empty_for_nobody, "does not say of a name that cannot exist"),
    ],
)
def test_a_resolver_that_errs_in_one_thing_is_not_believed(resolver: Udp, why: str) -> None:
    failure = learnt(resolver).failure
    assert isinstance(failure, Failure)
    assert failure.name == "resolver_misbehaving"
    assert why in failure.detail


def test_a_resolver_that_does_both_rightly_is_believed() -> None:
    assert learnt(prompt) == Belief(None, validates=False)
    assert heard == []
    assert learnt(prompt, root_server) == Belief(None, validates=False)
    assert len(heard) == 1


def test_a_root_of_its_own_is_known_by_the_root_servers() -> None:
    assert learnt(other_root).failure is None  # nobody else was asked
    failure = learnt(other_root, root_server).failure
    assert failure is not None
    assert "another root" in failure.detail


def test_a_failure_to_answer_is_no_lie() -> None:
    assert learnt(says(dns.rcode.SERVFAIL)).failure is None


def test_the_control_is_a_list_of_name_servers_or_hosts_by_service() -> None:
    assert Settings().controls == Controls()
    assert load({"control": ["192.0.2.1"]}, {}).controls == Controls(dns=["192.0.2.1"])
    given = {"dns": ["192.0.2.1:53"], "whois": ["whois.example"], "smtp": ["mx.example"]}
    controls = load({"control": given}, {}).controls
    assert (controls.dns, controls.whois, controls.smtp) == tuple(given.values())
    assert controls.https == Controls().https
    text = "{https: [www.example]}"
    assert load({}, {"SOTOKARA_CONTROL": text}).controls.https == ["www.example"]
