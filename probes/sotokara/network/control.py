"""The control: whether this machine has a network at all, and its resolver answers.

Asked before anything is reported as unanswered, so that nothing is called down while the author's
own network is. The resolver is asked for a random name under the root, which it cannot have at
hand; only where that fails are the control's name servers asked directly (the root's, unless
settings name others).
"""

import asyncio
import secrets
from collections.abc import Coroutine
from typing import Any

import dns.name
import dns.rcode
import dns.rdatatype

from sotokara.core.observation import Failure
from sotokara.network.dns_client import DnsClient, Server, parse_server, query
from sotokara.network.network import Network

ROOTS = ("198.41.0.4", "193.0.14.129", "202.12.27.33", "2001:503:ba3e::2:30", "2001:7fd::1")
"""a, k and m.root-servers.net (IANA's root hints); anycast, so one is near everywhere."""
PATIENCE = 2.0
"""Seconds until silence is taken for no network."""
_HEAD_START = 0.7
_FRESH = 1.0


class Control:
    """One build's control. Verdicts are shared by all probes that ask for one at about once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._servers = [parse_server(text) for text in network.settings.control or ROOTS]
        self._client = DnsClient()
        self._task: asyncio.Task[Failure | None] | None = None
        self._began = 0.0

    def close(self) -> None:
        """Close all sockets."""
        self._client.close()

    async def denial(self) -> Failure | None:
        """``resolver_misbehaving`` where it says that the root does not exist.

        Filters do so, and hotels' portals: what such a resolver says of a name is no word of the
        DNS, so it is not taken for the target's answer.
        """
        said = await self._network.root()
        if said is None or said[3] & 0x0F != dns.rcode.NXDOMAIN:
            return None
        detail = "this machine's resolver says that the DNS has no root"
        return Failure("resolver_misbehaving", "control", detail)

    async def verdict(self) -> Failure | None:
        """``no_network``, ``resolver_unreachable``, or None when both are well, as of now."""
        loop = asyncio.get_running_loop()
        if self._task is None or (self._task.done() and loop.time() - self._began > _FRESH):
            self._began = loop.time()
            self._task = asyncio.ensure_future(self._ask())
        return await asyncio.shield(self._task)

    async def _ask(self) -> Failure | None:
        resolvers = [self._answers(server) for server in self._network.resolvers]
        others = [self._answers(server, _HEAD_START) for server in self._servers]
        first = asyncio.ensure_future(_any(resolvers))
        second = asyncio.ensure_future(_any(others))
        await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
        if first.done() and first.result():
            second.cancel()
            return None
        if await second:
            if await first:
                return None
            detail = "name servers answer directly, but this machine's own resolver does not"
            return Failure("resolver_unreachable", "control", detail)
        if await first:
            return None
        return Failure("no_network", "control", "neither the resolver nor any control answers")

    async def _answers(self, server: Server, wait: float = 0) -> bool:
        await asyncio.sleep(wait)
        name = dns.name.Name((secrets.token_hex(8).encode(), b"")).to_wire() or b"\0"
        question = query(name, dns.rdatatype.NS, rd=server.exempt)
        reply = await self._client.ask(server, question, PATIENCE - wait)
        return reply.received is not None and reply.received[3] & 0x0F != dns.rcode.SERVFAIL


async def _any(questions: list[Coroutine[Any, Any, bool]]) -> bool:
    """Whether any answers; the others are dropped as soon as one does."""
    tasks = [asyncio.ensure_future(question) for question in questions]
    try:
        for done in asyncio.as_completed(tasks):
            if await done:
                return True
        return False
    finally:
        for task in tasks:
            task.cancel()
