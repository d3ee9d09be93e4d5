"""A web proxy on loopback for a browser: each of its connections is judged like one of our own.

The browser resolves no name and connects with nobody but this. A name is resolved by the blog's
resolver, its address judged by the policy just before the connection, and what became of it is
written down. TLS goes through untouched (CONNECT, RFC 9110, 9.3.6). A plain request is sent on
alone on its connection, so that nothing meant for one host reaches another.

A plain request that is refused gets no answer at all: whatever was said would pass for the site's.
"""

import asyncio
import contextlib
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from sotokara.core.observation import Failure, ProbeFailure, milliseconds
from sotokara.network.network import Connection, Network

_HEAD = 64 * 1024
_PIECE = 65536
_CONNECT = 5.0
_ADDRESSES = 4
_MOST_ATTEMPTS = 1000
_OF_A_HOP = (b"connection:", b"proxy-connection:", b"keep-alive:", b"proxy-authorization:")
_OK = b"HTTP/1.1 200 Connection established\r\n\r\n"
_NO = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


class ProxyAttempt(NamedTuple):
    """One connection that the browser wanted; ``at`` and ``ms`` are milliseconds."""

    host: str
    port: int
    at: float
    ms: float
    address: str = ""
    """The one contacted, or refused; empty where the name has none."""
    failure: Failure | None = None


class Proxy:
    """The proxy of one visit; use it as an asynchronous context. ``most``: bytes in all."""

    def __init__(self, net: Network, most: int) -> None:
        self._net, self._most = net, most
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.attempts: list[ProxyAttempt] = []
        self.received = 0
        """Bytes that came from servers."""

    async def __aenter__(self) -> Self:
        """Listen on a port of loopback that the system chooses."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEAD)
        return self

    async def __aexit__(self, *_: object) -> None:
        """End all connections."""
        assert self._server is not None  # noqa: S101  # entered
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*list(self._tasks), return_exceptions=True)

    @property
    def url(self) -> str:
        """Where the browser finds it."""
        assert self._server is not None  # noqa: S101  # entered
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def full(self) -> bool:
        """Whether more came than is let through, so that the rest was cut off."""
        return self.received > self._most

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # the server has made one
        self._tasks.add(task)
        try:
            with contextlib.suppress(
                OSError, EOFError, ValueError, asyncio.LimitOverrunError, asyncio.CancelledError
            ):
                await self._handle(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n", 1)[0].decode("ascii").split(" ")
        tunnel = method == "CONNECT"
        parts = urlsplit(f"//{target}" if tunnel else target)
        host, port = parts.hostname or "", parts.port or 80
        there = await self._connected(host, port) if tunnel or parts.scheme == "http" else None
        if there is None:
            writer.write(_NO if tunnel else b"")
            return
        from_there, to_there = await asyncio.open_connection(sock=there, limit=_HEAD)
        try:
            if tunnel:
                writer.write(_OK)
            else:
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                to_there.write(_alone(method, path, head))
            onward = asyncio.ensure_future(self._pump(reader, to_there))
            try:
                if not tunnel:
                    await _heads(from_there, writer)
                await self._pump(from_there, writer, count=True)
            finally:
                onward.cancel()
        finally:
            to_there.close()

    async def _connected(self, host: str, port: int) -> Connection | None:
        """A socket to the first address that may be contacted and takes the connection."""
        if len(self.attempts) >= _MOST_ATTEMPTS or self.full:
            return None
        began = self._net.elapsed()
        try:
            addresses = await self._net.addresses(host)
        except ProbeFailure as failed:
            self._note(host, port, began, "", failed.failure)
            return None
        if not addresses:
            self._note(host, port, began, "", Failure("dns_no_answer", host))
        for address in addresses[:_ADDRESSES]:
            began = self._net.elapsed()
            try:
                async with asyncio.timeout(_CONNECT):
                    connection = await self._net.open(address, port, host)
            except ProbeFailure as failed:
                self._note(host, port, began, address, failed.failure)
            except TimeoutError:
                self._note(host, port, began, address, Failure("generic_timeout_error", host))
            else:
                self._note(host, port, began, address, None)
                return connection
        return None

    def _note(
        self, host: str, port: int, began: float, address: str, failure: Failure | None
    ) -> None:
        took = milliseconds(self._net.elapsed() - began)
        self.attempts.append(ProxyAttempt(host, port, milliseconds(began), took, address, failure))

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, count: bool = False
    ) -> None:
        """All that comes, until its end, or until more came than is let through."""
        while piece := await source.read(_PIECE):
            self.received += len(piece) if count else 0
            if self.full:
                sink.transport.abort()
                return
            sink.write(piece)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()


def _alone(method: str, path: str, head: bytes) -> bytes:
    """A request as its server gets it, with an end to the connection behind it."""
    _, *lines = head.split(b"\r\n")
    kept = [line for line in lines if not line.lower().startswith(_OF_A_HOP)]
    return b"\r\n".join([f"{method} {path} HTTP/1.1".encode(), b"Connection: close", *kept])


async def _heads(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """The heads of a response, the last of which says that the connection ends behind it.

    A server that wants to keep it would be sent the browser's next request, whoever it is for.
    """
    final = False
    while not final:
        head = await source.readuntil(b"\r\n\r\n")
        status, *lines = head.split(b"\r\n")
        final = status[9:10] != b"1"
        kept = [line for line in lines if not line.lower().startswith(_OF_A_HOP)]
        sink.write(b"\r\n".join([status, *([b"Connection: close"] if final else []), *kept]))
        await sink.drain()
