"""The only way out: every packet that a kind sends goes through the Network it is given.

Policy is checked here on the address about to be contacted, just before each send; questions to
one server wait for their turn here; nothing else in the project opens a socket.
"""

import asyncio
import contextlib
import copy
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from ipaddress import ip_address
from typing import Any, TypeVar

import dns.exception
import dns.name
import dns.rdatatype

from sotokara.core.observation import Exchange, Failure, Observation, ProbeFailure, milliseconds
from sotokara.core.settings import Settings
from sotokara.network.deadline import Deadline
from sotokara.network.dns_client import (
    DnsClient,
    DnsReply,
    Server,
    of_root,
    parse_server,
    query,
    system_resolvers,
)
from sotokara.network.errors import named
from sotokara.network.policy import Policy
from sotokara.network.queues import Queues, Registries

__all__ = ["Connection", "Network", "Server", "parse_server"]


Connection = socket.socket
_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)


class Network(Deadline):
    """What a kind may do with the network: one per build, ``for_probe`` gives a probe its own.

    Lives in one event loop.
    """

    def __init__(self, settings: Settings) -> None:
        """:raises ValueError: when ``resolvers``, ``control`` or ``policy`` name no address."""
        super().__init__(settings.deadline)
        self.settings = settings
        self.policy = Policy(settings.policy.allow, settings.policy.deny)
        own = [parse_server(text) for text in settings.resolvers] or system_resolvers()
        self.resolvers: list[Server] = [
            server._replace(own=self._private(server, given=bool(settings.resolvers)), exempt=True)
            for server in own
        ]
        self._dns = DnsClient()
        self._turns: dict[str, asyncio.Semaphore] = {}
        self.once: dict[str, asyncio.Task[Any]] = {}
        """What is found out once a build and shared by all its probes."""
        self.earlier: Sequence[Observation] = ()
        """The last observations of a probe's own question, for kinds that remember."""
        self.queues = Queues()
        self.registries = Registries(self.queues, settings.registry_pause)

    def _private(self, server: Server, *, given: bool) -> bool:
        """A resolver's address tells where the author is, unless settings publish it."""
        return not given or self.policy.refusal(server.address) is not None

    def for_probe(self, timeout_factor: float = 1.0) -> "Network":
        """The same network with a deadline of its own, counted from now.

        ``timeout_factor``: how many times ``settings.timeout`` the probe may take.
        """
        network = copy.copy(self)
        network._begin(self.settings.timeout * timeout_factor)  # noqa: SLF001  # its own copy
        return network

    def close(self) -> None:
        """Close all sockets."""
        for task in self.once.values():
            task.cancel()
        self._dns.close()

    def turn(self, server: str) -> asyncio.Semaphore:
        """To be held while one question to a server is under way."""
        return self._turns.setdefault(server, asyncio.Semaphore(self.settings.per_server))

    @contextlib.asynccontextmanager
    async def _taking(self, turn: asyncio.Semaphore) -> AsyncIterator[None]:
        """Hold a turn. A question that still waits for it was not asked: the clock stands still."""
        with self.uncounted():
            await turn.acquire()
        try:
            yield
        finally:
            turn.release()

    def queue(self, server: str, pause: float) -> contextlib.AbstractAsyncContextManager[None]:
        """One at a time per server, ``pause`` seconds between; waiting is not counted."""
        return self.queues.turn(self, server, pause)

    async def open(self, address: str, port: int, step: str = "connect") -> Connection:
        """A connected TCP socket, non-blocking, for asyncio's streams or a library.

        :raises ProbeFailure: where policy refuses the address or the connection fails.
        """
        self.policy.check(address)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)  # noqa: FBT003  # the library's own signature
        try:
            async with asyncio.timeout(max(self.left(), 0.01)):
                await asyncio.get_running_loop().sock_connect(connection, (address, port))
        except OSError as error:
            connection.close()
            failure = named(error, step)
            raise ProbeFailure(failure.name, failure.step, failure.detail) from error
        except BaseException:
            connection.close()
            raise
        return connection

    @staticmethod
    async def attach(factory: Callable[[], _Protocol], connection: Connection) -> _Protocol:
        """An asyncio protocol over a connected socket; the socket is the protocol's from now on.

        :raises OSError: when the connection is gone by now.
        """
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_connection(factory, sock=connection)
        return protocol

    async def ask(  # noqa: PLR0913  # the flags of one DNS query
        self,
        name: dns.name.Name,
        rdtype: str | int,
        server: Server | None = None,
        *,
        step: str = "",
        rd: bool = True,
        cd: bool = False,
        do: bool = False,
        rdclass: int = 1,
    ) -> Exchange:
        """One DNS question, to ``server`` or to the first resolver that answers."""
        number = rdtype if isinstance(rdtype, int) else dns.rdatatype.from_text(rdtype)
        wire = query(name.to_wire() or b"\0", number, rd=rd, cd=cd, do=do, rdclass=rdclass)
        step = step or dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))
        servers = [server] if server else self.resolvers
        if not servers:
            raise ProbeFailure("resolver_unreachable", step, "this machine has no resolver set")
        exchange: Exchange | None = None
        for one in servers:
            exchange = await self._ask(one, wire, step)
            if exchange.received is not None:
                break
        assert exchange is not None  # noqa: S101  # servers is not empty
        return exchange

    async def _ask(self, server: Server, wire: bytes, step: str) -> Exchange:
        at = self.elapsed()
        try:
            if server.exempt:
                self._of_root()
                reply = await self._dns.ask(server, wire, self.left())
            else:
                async with self._taking(self.turn(f"{server.address} {server.port}")):
                    self.policy.check(server.address)
                    reply = await self._dns.ask(server, wire, self.left())
        except ProbeFailure as refused:
            reply = DnsReply(wire, None, refused.failure, "", 0.0)
        return Exchange(
            step=step,
            server=server.name,
            protocol=reply.protocol,
            sent=reply.sent,
            received=reply.received,
            failure=reply.failure,
            at=milliseconds(at),
            ms=milliseconds(reply.seconds),
            media_type="application/dns-message",
        )

    async def root(self) -> bytes | None:
        """What our resolver says of the root, which each one knows; None where none answers.

        Its rcode and its AD flag tell what the resolver's other answers are worth.
        """
        return await asyncio.shield(self._of_root())

    def _of_root(self) -> "asyncio.Task[bytes | None]":
        """Asked once a build, beside the first question: each answer waits for this one."""
        if "root" not in self.once:
            self.once["root"] = asyncio.ensure_future(of_root(self._dns, self.resolvers))
        return self.once["root"]

    async def validates(self) -> bool:
        """Whether the resolver judges DNSSEC: says AD for the signed root (RFC 6840, 5.8)."""
        said = await self.root()
        return said is not None and bool(said[3] & 0x20)

    async def addresses(self, host: str) -> list[str]:
        """The addresses of a host, IPv4 first; an address is its own. Empty when there are none.

        :raises ProbeFailure: when the resolver gave no answer.
        """
        try:
            return [str(ip_address(host))]
        except ValueError:
            pass
        try:
            name = dns.name.from_text(host)
        except dns.exception.DNSException as error:
            raise ProbeFailure("invalid_target", "server", f"{host!r} is no host name") from error
        found: list[str] = []
        for exchange in await asyncio.gather(self.ask(name, "A"), self.ask(name, "AAAA")):
            found += _addresses(exchange)
        return found


def _addresses(exchange: Exchange) -> list[str]:
    """The addresses of the name asked, or of where its aliases lead; no other's (RFC 2181, 5.4)."""
    from sotokara.network import aliases, wire  # keep the start fast for builds that replay

    if exchange.failure or exchange.received is None:
        failure = exchange.failure or Failure("dns_no_answer", "server address")
        raise ProbeFailure(failure.name, f"address of the server: {failure.step}", failure.detail)
    try:
        message = wire.read(exchange.received)
    except wire.Unreadable as error:
        raise ProbeFailure("dns_server_misbehaving", "server address") from error
    return [
        rrset[0].address
        for rrset in aliases.own_records(message)
        if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA)
    ]
