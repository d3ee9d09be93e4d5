"""The only way out: every packet that a kind sends goes through the Network it is given.

Policy is checked here on the address about to be contacted, just before each send; questions to
one server wait for their turn here; nothing else in the project opens a socket.
"""

import asyncio
import contextlib
import copy
import errno
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple, TypeVar

import dns.exception
import dns.name
import dns.rcode
import dns.rdatatype

from sotokara.core.observation import (
    Exchange,
    Failure,
    Observation,
    Outcome,
    ProbeFailure,
    milliseconds,
)
from sotokara.core.settings import Settings
from sotokara.network.belief import (
    PATIENCE,
    ROOTS,
    Belief,
    Told,
    ask_directly,
    learn,
    speaks_as_root,
)
from sotokara.network.deadline import Deadline
from sotokara.network.dns_client import (
    DnsClient,
    DnsReply,
    Server,
    parse_server,
    query,
    system_resolvers,
)
from sotokara.network.errors import failure_of
from sotokara.network.line import Learnt, LineState
from sotokara.network.policy import SendPolicy
from sotokara.network.queues import Registries, ServerQueues
from sotokara.network.ways import Ways

__all__ = ["Connection", "Network", "Server", "parse_server"]


Connection = socket.socket
_Protocol = TypeVar("_Protocol", bound=asyncio.Protocol)

_WITHOUT_IPV6 = dns.name.from_text("ipv4only.arpa")
"""It has IPv4 addresses alone (RFC 7050, 2)."""


class SendAttempt(NamedTuple):
    """Something that a probe sent to somebody: by which protocol, over which family."""

    protocol: str
    """``udp``, ``tcp``, or ``trace`` for packets of other kinds."""
    port: int
    address: str

    @property
    def v6(self) -> bool:
        """Whether it was an IPv6 address."""
        return ":" in self.address


Judge = Callable[[Failure, Sequence[Exchange], "Network", float], Awaitable[Failure]]
"""Whose a silence is: of this failure and exchanges, on a probe's network, since when."""


class Network(Deadline):
    """What a kind may do with the network: one per build, ``for_probe`` gives a probe its own.

    Lives in one event loop.
    """

    def __init__(self, settings: Settings, ways: Ways | None = None) -> None:
        """:raises ValueError: when ``resolvers``, ``control`` or ``policy`` name no address."""
        super().__init__(settings.deadline)
        self.settings = settings
        self.ways = ways or Ways()
        self.policy = SendPolicy(settings.policy.allow, settings.policy.deny)
        own = [parse_server(text) for text in settings.resolvers] or system_resolvers()
        self.resolvers: list[Server] = [
            server._replace(own=self._private(server, given=bool(settings.resolvers)), exempt=True)
            for server in own
        ]
        self.dns = DnsClient(self.ways)
        self.controls = [parse_server(text) for text in settings.controls.dns or ROOTS]
        self.line = LineState()
        self.attempts: set[SendAttempt] = set()
        self.attempts_for_all: set[SendAttempt] = set()
        """What this probe sent to others than the resolver."""
        self.used_resolver = False
        """Whether this probe has asked the resolver anything."""
        self.trail: list[Exchange] = []
        """What this probe has exchanged so far, for one that is cut off."""
        self._turns: dict[str, asyncio.Semaphore] = {}
        self.sources: set[str] = set()
        """The addresses of ours that connections came from: a machine gets new ones at any time."""
        self.once = Learnt(self.line)
        """What is found out once and shared by all probes of the build."""
        self.earlier: Sequence[Observation] = ()
        """The last observations of a probe's own question, for kinds that remember."""
        self.judge: Judge | None = None
        """Says whose a silence is, once somebody does; see control.py."""
        self.find: Callable[[str], Path | None] = lambda _: None
        """The file of a path below the folder of the pages; None where it may not be read."""
        self.queues = ServerQueues()
        self.registries = Registries(self.queues, settings.registry_pause)

    def _private(self, server: Server, *, given: bool) -> bool:
        """A resolver's address tells where the author is, unless settings publish it."""
        return not given or self.policy.refusal(server.address) is not None

    def for_probe(self, timeout_factor: float = 1.0) -> "Network":
        """The same network with a deadline of its own, counted from now.

        ``timeout_factor``: how many times ``settings.timeout`` the probe may take.
        """
        network = copy.copy(self)
        network.attempts, network.trail, network.used_resolver = set(), [], False
        network._begin(self.settings.timeout * timeout_factor)  # noqa: SLF001  # its own copy
        return network

    def for_all(self, timeout_factor: float = 1.0) -> "Network":
        """The same for a question that is asked once and serves every probe (a bootstrap file)."""
        network = self.for_probe(timeout_factor)
        network.attempts = self.attempts_for_all
        return network

    def close(self) -> None:
        """Close all sockets."""
        self.registries.close()
        self.once.close()
        self.dns.close()

    def theirs(self, exchange: Exchange, since: float) -> Awaitable[bool] | None:
        """Whether an exchange's silence is the server's; None where nobody could say.

        ``since``: when it was put, by the loop's clock.
        """
        if self.judge is None or exchange.failure is None:
            return None
        return _theirs(self.judge(exchange.failure, [exchange], self, since))

    def turn(self, server: str, most: int = 1000) -> asyncio.Semaphore:
        """To be held while one question to a server is under way; ``most`` at once."""
        many = min(most, self.settings.per_server)
        return self._turns.setdefault(server, asyncio.Semaphore(many))

    @contextlib.asynccontextmanager
    async def taking(self, turn: asyncio.Semaphore) -> AsyncIterator[None]:
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
        self.attempts.add(SendAttempt("tcp", port, address))
        try:
            connection = await self._connected(address, port)
        except OSError as error:
            failure = failure_of(error, step)
            # By IPv6 that is a router's word (RFC 4443, 3.1), not this machine's: that says EPERM.
            forbidden = ":" in address and error.errno == errno.EACCES
            name = "host_unreachable" if forbidden else failure.name
            raise ProbeFailure(name, failure.step, failure.detail) from error
        self.line.heard()
        self.sources.add(connection.getsockname()[0].partition("%")[0])
        return connection

    async def _connected(self, address: str, port: int) -> Connection:
        there = self.ways.to(address, port)
        connection = socket.socket(self.ways.family(address, port), socket.SOCK_STREAM)
        connection.setblocking(False)  # noqa: FBT003  # the library's own signature
        try:
            async with asyncio.timeout(max(self.left(), 0.01)):
                await asyncio.get_running_loop().sock_connect(connection, there)
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
        most: float = 3600.0,
    ) -> Exchange:
        """One DNS question, to ``server`` or to the first resolver that answers.

        ``most``: seconds that it may take, where the probe's own time is longer.
        """
        number = rdtype if isinstance(rdtype, int) else dns.rdatatype.from_text(rdtype)
        wire = query(name.to_wire() or b"\0", number, rd=rd, cd=cd, do=do, rdclass=rdclass)
        step = step or dns.rdatatype.to_text(dns.rdatatype.RdataType.make(number))
        servers = [server] if server else self.resolvers
        if not servers:
            raise ProbeFailure("resolver_unreachable", step, "this machine has no resolver set")
        exchange: Exchange | None = None
        for one in servers:
            exchange = await self._ask(one, wire, step, most)
            if exchange.received is not None:
                break
        assert exchange is not None  # noqa: S101  # servers is not empty
        return exchange

    async def _ask(self, server: Server, wire: bytes, step: str, most: float) -> Exchange:
        at, given = self.elapsed(), min(most, self.left())
        try:
            if server.exempt:
                self.used_resolver = True
                self.learning()
                reply = await self.dns.ask(server, wire, min(most, self.left()))
            else:
                async with self.taking(self.turn(f"{server.address} {server.port}")):
                    self.policy.check(server.address)
                    self.attempts.add(SendAttempt("udp", server.port, server.address))
                    reply = await self.dns.ask(server, wire, min(most, self.left()))
        except ProbeFailure as refused:
            reply = DnsReply(wire, None, refused.failure, "", 0.0)
        failure = reply.failure
        if failure is not None and failure.name == "generic_timeout_error":
            failure = self.silence(failure.step, given)
        if reply.received is not None:
            self.line.heard(outside=not server.exempt)
        exchange = Exchange(
            step=step,
            server=server.name,
            protocol=reply.protocol,
            sent=reply.sent,
            received=reply.received,
            failure=failure,
            at=milliseconds(at),
            ms=milliseconds(reply.seconds),
            media_type="application/dns-message",
        )
        self.trail.append(exchange)
        return exchange

    async def belief(self) -> Belief:
        """What our resolver's word is worth; see belief.py."""
        return await asyncio.shield(self.learning())

    def learning(self) -> "asyncio.Task[Belief]":
        """Asked beside the first question: each answer waits for this one."""
        return self.once.learn("belief", self._learn)

    async def _learn(self) -> Belief:
        return await learn(self.dns, self.resolvers, self._directly())

    def _directly(self) -> "asyncio.Task[Told]":
        asked = self.resolvers, self.controls
        return self.once.learn("directly", lambda: ask_directly(self.dns, *asked))

    def root_heard(self) -> Server | None:
        """The root server that has answered us directly; many networks let nobody ask one."""
        told: Told | None = self.once.known("directly")
        return told[0] if told else None

    async def reaches(self, *, v6: bool) -> bool:
        """Whether any name server of the control answers over an address family."""
        told = await self._told(v6=v6)
        return not told or any(wire is not None for _, wire in told)

    async def intercepted(self, *, v6: bool) -> bool:
        """Whether somebody else answers in name servers' place: no root server speaks as itself.

        Not known, and so not said, where no root server is asked or none answers.
        """
        with contextlib.suppress(TimeoutError):
            asked = asyncio.shield(self._directly())
            server, wire = await asyncio.wait_for(asked, PATIENCE)
            if server and (":" in server.address) == v6 and _is_root(server, wire):
                return False
        told = await self._told(v6=v6)
        roots = [wire for server, wire in told if server and server.address in ROOTS]
        heard = [wire for wire in roots if wire is not None]
        return bool(heard) and not any(speaks_as_root(wire) for wire in heard)

    async def _told(self, *, v6: bool) -> list[Told]:
        """What each control of a family says of the root."""
        asked = self.once.learn(f"told {v6}", lambda: self._ask_controls(v6=v6))
        told: list[Told] = await asyncio.shield(asked)
        return told

    async def _ask_controls(self, *, v6: bool) -> list[Told]:
        servers = [one for one in self.controls if (":" in one.address) == v6]
        wire = query(b"\0", dns.rdatatype.SOA, rd=False)
        asked = [self.dns.ask(server, wire, PATIENCE) for server in servers]
        replies = await asyncio.gather(*asked)
        return [(one, reply.received) for one, reply in zip(servers, replies, strict=True)]

    async def makes_up(self, step: str) -> Exchange:
        """What the resolver says of the IPv6 address of a name that has none."""
        asked = self.once.learn("makes up", lambda: self.ask(_WITHOUT_IPV6, "AAAA", step=step))
        told: Exchange = await asyncio.shield(asked)
        return told

    async def validates(self) -> bool:
        """Whether the resolver judges DNSSEC: says AD for the signed root (RFC 6840, 5.8)."""
        return (await self.belief()).validates

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
        # Less than whoever waits for the server itself has: then it is known who was silent.
        most = 0.9 * min(self.left(), self.settings.timeout)
        asked = (self.ask(name, one, most=most) for one in ("A", "AAAA"))
        for exchange in await asyncio.gather(*asked):
            found += _addresses(exchange)
        return found


async def _theirs(judged: Awaitable[Failure]) -> bool:
    return (await judged).outcome is Outcome.NO_ANSWER


def _is_root(server: Server, wire: bytes | None) -> bool:
    return server.address in ROOTS and wire is not None and speaks_as_root(wire)


def _addresses(exchange: Exchange) -> list[str]:
    """The addresses of the name asked, or of where its aliases lead; no other's (RFC 2181, 5.4).

    :raises ProbeFailure: where the resolver gave no answer; then nobody else was asked.
    """
    from sotokara.network import aliases, wire  # keep the start fast for builds that replay

    step = "server address"
    if exchange.failure or exchange.received is None:
        raise ProbeFailure("resolver_unreachable", step)
    try:
        message = wire.parse_message(exchange.received)
    except wire.UnreadableDns as error:
        raise ProbeFailure("resolver_misbehaving", step) from error
    rcode = message.rcode()
    if rcode == dns.rcode.SERVFAIL:
        raise ProbeFailure("dns_servfail_error", step)
    if rcode not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise ProbeFailure("resolver_misbehaving", step, dns.rcode.to_text(rcode))
    return [
        rrset[0].address
        for rrset in aliases.own_records(message)
        if rrset.rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA)
    ]
