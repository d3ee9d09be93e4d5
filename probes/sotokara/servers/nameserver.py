"""A name server on loopback whose behaviour is a function: for UDP and TCP, well behaved or not.

It runs on a thread of its own, or as ``python -m tests.servers.nameserver SECONDS`` in a process of
its own: then it answers every A question after so many seconds and prints its port.
"""

import asyncio
import contextlib
import hashlib
import re
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import cast

Udp = Callable[[bytes], AsyncIterator[bytes]]
"""A question → the datagrams that go back, one by one."""
Tcp = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""One connection."""

_A, _SOA = 1, 6


def question(wire: bytes) -> bytes:
    """The question section of a query: name, type, class (RFC 1035, 4.1.2)."""
    return wire[12 : wire.index(b"\0", 12) + 5]


def rdtype(wire: bytes) -> int:
    """The type that is asked for."""
    return int.from_bytes(question(wire)[-4:-2], "big")


def record(kind: int, rdata: bytes, owner: bytes = b"\xc0\x0c", ttl: int = 60) -> bytes:
    """One resource record; its owner is the name asked unless another is given."""
    return owner + struct.pack("!HHIH", kind, 1, ttl, len(rdata)) + rdata


def reply(wire: bytes, *answers: bytes, flags: int = 0x8180, asked: bytes | None = None) -> bytes:
    """A reply to a query: its id and question, and these records as the answer."""
    head = wire[:2] + struct.pack("!5H", flags, 1, len(answers), 0, 0)
    return head + (question(wire) if asked is None else asked) + b"".join(answers)


def address_of(wire: bytes) -> bytes:
    """The IPv4 address that ``honest`` gives a name: always the same, in 198.18.0.0/15."""
    return b"\xc6\x12" + hashlib.sha256(question(wire)[:-4].lower()).digest()[:2]


def labels_of(wire: bytes) -> list[bytes]:
    """The labels of the name asked, without the root's."""
    labels, at = [], 12
    while wire[at]:
        labels.append(wire[at + 1 : at + 1 + wire[at]])
        at += 1 + wire[at]
    return labels


def root_soa(wire: bytes) -> bytes:
    """The SOA record of the root, as an answer."""
    rdata = b"\1a\4root\0\5hosts\4root\0" + struct.pack("!5I", 2026112800, 1800, 900, 604800, 60)
    return reply(wire, record(_SOA, rdata, owner=b"\0"))


def about_dns(wire: bytes) -> bytes | None:
    """What every resolver knows: the root, and that a random top-level domain is not in it."""
    labels = labels_of(wire)
    if not labels and rdtype(wire) == _SOA:
        return root_soa(wire)
    if len(labels) > 1 and re.fullmatch(rb"[0-9a-f]{16}", labels[-1]):
        return reply(wire, flags=0x8183)
    return None


def honest(wire: bytes) -> bytes:
    """An address for every name, and nothing else of it, but the root's SOA."""
    return about_dns(wire) or reply(
        wire, *([record(_A, address_of(wire))] if rdtype(wire) == _A else [])
    )


async def prompt(wire: bytes) -> AsyncIterator[bytes]:
    """Answers honestly and at once."""
    yield honest(wire)


def after(seconds: float) -> Udp:
    """Answers honestly, but late."""

    async def late(wire: bytes) -> AsyncIterator[bytes]:
        await asyncio.sleep(seconds)
        yield honest(wire)

    return late


async def no_tcp(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Closes each connection at once."""
    writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, udp: Udp, asked: list[bytes]) -> None:
        self._udp, self._asked = udp, asked
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._asked.append(data)
        task = asyncio.ensure_future(self._answer(data, addr))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, wire: bytes, addr: tuple[str, int]) -> None:
        async for datagram in self._udp(wire):
            self._transport.sendto(datagram, addr)


class NameServer:
    """One server on a port of 127.0.0.1; ``asked`` holds every datagram that came."""

    def __init__(
        self, udp: Udp = prompt, tcp: Tcp | None = no_tcp, host: str = "127.0.0.1"
    ) -> None:
        """``tcp`` None: the port is closed to TCP."""
        self._udp, self._tcp, self._host = udp, tcp, host
        self.asked: list[bytes] = []
        self.port = 0
        self._open: list[asyncio.Server | asyncio.BaseTransport] = []

    @property
    def address(self) -> str:
        """``127.0.0.1:PORT``, as settings and definitions write it."""
        return f"{self._host}:{self.port}"

    async def start(self) -> None:
        """Open both ports, of one number."""
        loop = asyncio.get_running_loop()
        while True:
            server = await asyncio.start_server(self._connected, self._host, self.port)
            port = server.sockets[0].getsockname()[1]
            datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            datagrams.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            try:
                datagrams.bind((self._host, port))
            except OSError:  # somebody else has the UDP port of that number
                server.close()
                continue
            break
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _Datagrams(self._udp, self.asked), sock=datagrams
        )
        if self._tcp is None:
            server.close()
        self.port, self._open = port, [server, transport]

    def close(self) -> None:
        """Close both ports."""
        for one in self._open:
            one.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await (self._tcp or no_tcp)(reader, writer)
        writer.close()


async def _alone(seconds: float) -> None:
    server = NameServer(after(seconds))
    await server.start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(float(sys.argv[1])))
