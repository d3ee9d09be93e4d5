"""One DNS question to one server: UDP with EDNS, TCP on truncation (RFC 1035, 6891, 7766).

Only bytes travel here; messages are parsed once, by the kind. A reply counts when it comes from the
server asked (connected sockets), with our id and our question; others are ignored and counted.
"""

import asyncio
import contextlib
import os
import socket
import struct
from typing import NamedTuple

import dns.rdatatype

from sotokara.core.addresses import server_address
from sotokara.core.observation import Failure
from sotokara.network.errors import failure_of
from sotokara.network.resolvers import resolver_addresses
from sotokara.network.ways import Ways

EDNS_SIZE = 1232
"""The UDP payload size that we offer: no fragmentation (DNS Flag Day 2020)."""
CHANNELS = 16
"""Sockets, and so source ports, per server; more only cost, as ids are random too (RFC 5452)."""
WAITS = (0.8, 1.6, 3.2)
"""Seconds until a question is sent again over UDP, and at last given up."""

_RD, _AD, _CD, _TC, _QR = 0x0100, 0x0020, 0x0010, 0x0200, 0x8000
_HEADER = 12
_POOL: list[int] = []


class Server(NamedTuple):
    """A name server's address and port, the name it has on the page, and whose it is."""

    address: str
    port: int = 53
    label: str = ""
    own: bool = False
    """Its address tells where the author is, so it is never stored."""
    exempt: bool = False
    """The author's configured resolver, which policy does not judge."""

    @property
    def name(self) -> str:
        """As it is stored and shown."""
        return "resolver" if self.own else self.label or self.address


class DnsReply(NamedTuple):
    """What came of a question: bytes or a failure, over which protocol, after how long."""

    sent: bytes
    received: bytes | None
    failure: Failure | None
    protocol: str
    seconds: float


def query(  # noqa: PLR0913  # the flags of one query
    name: bytes, rdtype: int, *, rd: bool, cd: bool = False, do: bool = False, rdclass: int = 1
) -> bytes:
    """A query in wire format with a random id; ``name`` is the wire form of the owner name.

    AD in a query asks for the AD flag in the reply without DNSSEC records (RFC 6840, 5.7).
    """
    flags = _AD | (_RD if rd else 0) | (_CD if cd else 0)
    header = struct.pack("!6H", _number(), flags, 1, 0, 0, 1)
    opt = struct.pack("!BHHIH", 0, dns.rdatatype.OPT, EDNS_SIZE, 0x8000 if do else 0, 0)
    return header + name + struct.pack("!HH", rdtype, rdclass) + opt


def _number() -> int:
    """16 bits that nobody can foretell (RFC 5452, 9.2); from the system by the thousand."""
    if not _POOL:
        _POOL.extend(struct.unpack("!2048H", os.urandom(4096)))
    return _POOL.pop()


def without_edns(wire: bytes) -> bytes:
    """The same query with no OPT record, for servers that know none (RFC 6891, 7)."""
    return wire[:10] + b"\0\0" + wire[12:-11]


def answers(sent: bytes, received: bytes) -> bool:
    """Whether a message is a reply to this very question."""
    if len(received) < _HEADER or received[:2] != sent[:2] or not received[2] & 0x80:
        return False
    if received[4:6] == b"\0\0":  # FORMERR and some REFUSED come without the question
        return received[3] & 0x0F != 0
    end = sent.index(b"\0", 12) + 5
    return received[12:end].lower() == sent[12:end].lower()


class DnsClient:
    """All the sockets of one build towards name servers. Lives in one event loop."""

    def __init__(self, ways: Ways | None = None) -> None:
        self._ways = ways or Ways()
        self._channels: dict[tuple[str, int], list[_Channel]] = {}

    def close(self) -> None:
        """Close every socket."""
        for channels in self._channels.values():
            for channel in channels:
                channel.close()
        self._channels.clear()

    async def ask(self, server: Server, wire: bytes, seconds: float) -> DnsReply:
        """Ask over UDP; over TCP when the reply is truncated; without EDNS on FORMERR."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        reply = await self._udp(server, wire, seconds)
        received = reply.received
        if received is not None and received[3] & 0x0F == 1 and received[10:12] == b"\0\0":
            reply = await self._udp(server, without_edns(wire), seconds - (loop.time() - start))
            received = reply.received
        if received is not None and received[2] & 0x02:
            reply = await self.ask_tcp(server, reply.sent, seconds - (loop.time() - start))
        return reply

    async def hears(self, server: Server, wire: bytes, seconds: float) -> bool:
        """Whether one packet brings an answer; it is not sent again."""
        with contextlib.suppress(OSError):
            return await self._channel(server).ask(wire, seconds, again=False).future is not None
        return False

    async def _udp(self, server: Server, wire: bytes, seconds: float) -> DnsReply:
        loop = asyncio.get_running_loop()
        start = loop.time()
        failure: Failure | None = None
        received: bytes | None = None
        ignored = 0
        try:
            channel = self._channel(server)
            waiting = channel.ask(wire, min(seconds, sum(WAITS)))
            received = await waiting.future
            ignored = waiting.ignored
        except OSError as error:
            failure = failure_of(error, "udp query")
        if received is None and failure is None:
            failure = Failure("generic_timeout_error", "udp query")
            if ignored:
                detail = f"{ignored} replies came that were no answer to the question"
                failure = Failure("dns_server_misbehaving", "udp query", detail)
        return DnsReply(wire, received, failure, "udp", loop.time() - start)

    async def ask_tcp(self, server: Server, wire: bytes, seconds: float) -> DnsReply:
        """Ask over TCP (RFC 7766): a two-byte length before each message."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        failure, received = None, None
        try:
            async with asyncio.timeout(max(seconds, 0.01)):
                there = self._ways.to(server.address, server.port)
                reader, writer = await asyncio.open_connection(*there)
                try:
                    writer.write(struct.pack("!H", len(wire)) + wire)
                    (length,) = struct.unpack("!H", await reader.readexactly(2))
                    received = await reader.readexactly(length)
                finally:
                    writer.close()
        except (OSError, EOFError) as error:
            failure = failure_of(error, "tcp query")
        if received is not None and not answers(wire, received):
            detail = "the reply over TCP was no answer to the question"
            failure, received = Failure("dns_server_misbehaving", "tcp query", detail), None
        return DnsReply(wire, received, failure, "tcp", loop.time() - start)

    def _channel(self, server: Server) -> "_Channel":
        channels = self._channels.setdefault((server.address, server.port), [])
        if len(channels) < CHANNELS:
            channels.append(_Channel(*self._ways.to(server.address, server.port)))
            return channels[-1]
        return channels[_number() % CHANNELS]


class _Waiting:
    """One question under way on a channel."""

    __slots__ = ("future", "handle", "ignored", "wire")

    def __init__(self, wire: bytes, future: "asyncio.Future[bytes | None]") -> None:
        self.wire, self.future, self.ignored = wire, future, 0
        self.handle: asyncio.TimerHandle | None = None


class _Channel:
    """One connected UDP socket with its questions under way, by id."""

    def __init__(self, address: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003  # the library's own signature
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[bytes, _Waiting] = {}
        try:
            self._socket.connect((address, port))
        except OSError:
            self._socket.close()
            raise
        self._loop.add_reader(self._socket, self._readable)

    def close(self) -> None:
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def ask(self, wire: bytes, seconds: float, *, again: bool = True) -> _Waiting:
        """Send; ``again``: once more, and once more, while no answer comes."""
        while wire[:2] in self._waiting:
            wire = os.urandom(2) + wire[2:]
        waiting = _Waiting(wire, self._loop.create_future())
        self._waiting[wire[:2]] = waiting
        waiting.future.add_done_callback(lambda _: self._forget(waiting))
        self._send(waiting, seconds, 0 if again else None)
        return waiting

    def _forget(self, waiting: _Waiting) -> None:
        self._waiting.pop(waiting.wire[:2], None)
        if waiting.handle:
            waiting.handle.cancel()

    def _send(self, waiting: _Waiting, seconds: float, turn: int | None) -> None:
        """``turn``: how often it was sent before; None: it is sent this once."""
        if waiting.future.done():
            return
        if seconds <= 0 or turn == len(WAITS):
            waiting.future.set_result(None)
            return
        try:
            self._socket.send(waiting.wire)
        except BlockingIOError:
            pass  # the queue is full: as if it were lost on the way, it is sent again
        except OSError as error:
            waiting.future.set_exception(error)
            return
        wait = seconds if turn is None else min(seconds, WAITS[turn])
        following = len(WAITS) if turn is None else turn + 1
        waiting.handle = self._loop.call_later(wait, self._send, waiting, seconds - wait, following)

    def _readable(self) -> None:
        with contextlib.suppress(BlockingIOError):
            for _ in range(64):  # then let others have a turn
                try:
                    received = self._socket.recv(65535)
                except BlockingIOError:
                    raise
                except OSError as error:  # an ICMP error on the connected socket
                    for waiting in list(self._waiting.values()):
                        if not waiting.future.done():
                            waiting.future.set_exception(error)
                    return
                self._receive(received)

    def _receive(self, received: bytes) -> None:
        waiting = self._waiting.get(received[:2])
        if waiting is None:
            for other in self._waiting.values():
                other.ignored += 1
        elif not answers(waiting.wire, received):
            waiting.ignored += 1
        elif not waiting.future.done():
            waiting.future.set_result(received)


def parse_server(text: str) -> Server:
    """A server as settings and definitions write it (``addresses.server_address``).

    :raises ValueError: for anything else.
    """
    return Server(*server_address(text))


def system_resolvers() -> list[Server]:
    """The resolvers that the system is set to."""
    return [Server(address) for address in resolver_addresses()]
