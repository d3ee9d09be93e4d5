"""TLS servers on loopback: real ones with any chain, and ones that do not know what TLS is."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tests.servers.authority import Issued

Before = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What is said in the clear before TLS begins."""


class TlsServer:
    """Shows one chain on 127.0.0.1 after ``before``; ``port`` is known once it has started."""

    def __init__(self, folder: Path, issued: Issued, before: Before | None = None) -> None:
        self.port = 0
        self.names: list[str | None] = []
        """The names that were asked for (SNI)."""
        chain, key = issued.write(folder, f"server-{id(self)}")
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain, key)
        self._context.set_alpn_protocols(["http/1.1"])
        self._context.sni_callback = lambda _talk, name, _context: self.names.append(name)
        self._before = before

    async def start(self) -> None:
        """Open the port."""
        if self._before is None:
            server = await asyncio.start_server(_idle, "127.0.0.1", 0, ssl=self._context)
        else:
            server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self._before
        with contextlib.suppress(OSError, EOFError):
            await self._before(reader, writer)
            await writer.start_tls(self._context)
            await reader.read(1)
        writer.close()


async def _idle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await reader.read(1)
    writer.close()


class RawServer:
    """Sends some bytes, slowly or at once, to whoever connects; then it waits or closes."""

    def __init__(self, *pieces: bytes, pause: float = 0.0, close: bool = True) -> None:
        self.port = 0
        self._pieces, self._pause, self._close = pieces, pause, close

    async def start(self) -> None:
        """Open the port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(1)
            for piece in self._pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(self._pause)
            if not self._close:
                await reader.read()
        writer.close()


@dataclass
class Clear:
    """One protocol in the clear: what the server says, after which lines of the client's."""

    first: bytes
    turns: list[tuple[str, bytes]]

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Speak it."""
        writer.write(self.first)
        for wanted, said in self.turns:
            heard = b""
            while not re.search(wanted.encode(), heard):
                piece = await reader.read(1024)
                if not piece:
                    return
                heard += piece
            writer.write(said)
            await writer.drain()


SMTP = Clear(
    b"220-mx.test hello\r\n220 ESMTP\r\n",
    [("EHLO", b"250-mx.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n"), ("STARTTLS", b"220 go\r\n")],
)
IMAP = Clear(b"* OK ready\r\n", [("a1 STARTTLS", b"* CAPABILITY x\r\na1 OK go\r\n")])
POP3 = Clear(b"+OK ready\r\n", [("STLS", b"+OK go\r\n")])
XMPP = Clear(
    b"",
    [
        (
            "to='|to=\"",
            b"<?xml version='1.0'?><stream:stream id='1'><stream:features>"
            b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
        ),
        ("<starttls", b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
    ],
)
