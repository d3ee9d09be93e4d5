"""An RDAP server that wants HTTP/2: 426 to HTTP/1.1, or no connection without it (RFC 9113)."""

import asyncio
import contextlib
import json
import ssl
from typing import Any

import h2.config
import h2.connection
import h2.events

_REFUSAL = b"HTTP/1.1 426 Upgrade Required\r\nUpgrade: HTTP/2.0\r\nContent-Length: 0\r\n\r\n"
_ALERT = b"\x15\x03\x03\0\2\2\x78"
"""Fatal: no_application_protocol (RFC 7301, 3.2)."""


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


class Http2Server:
    """Answers each path with one object over HTTP/2; ``asked`` has protocol and path."""

    def __init__(self, context: ssl.SSLContext, body: Any, *, only: bool = False) -> None:
        """``only``: a client that offers no HTTP/2 is turned away in the handshake."""
        self._body, self._only = json.dumps(body).encode(), only
        self._context = context
        context.set_alpn_protocols(["h2", "http/1.1"])
        self.asked: list[tuple[str, str]] = []
        self.port = self._inner = 0

    async def start(self) -> None:
        """Open the port."""
        server = await asyncio.start_server(self._one, "127.0.0.1", 0, ssl=self._context)
        self.port = self._inner = server.sockets[0].getsockname()[1]
        if self._only:
            server = await asyncio.start_server(self._before, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]

    async def _before(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Looks at the client's first words, and hands on only those that offer HTTP/2."""
        hello = await reader.read(65536)
        if b"\x02h2" not in hello:
            self.asked.append(("alert", ""))
            writer.write(_ALERT)
            writer.close()
            return
        inward, outward = await asyncio.open_connection("127.0.0.1", self._inner)
        outward.write(hello)
        await asyncio.gather(_pipe(reader, outward), _pipe(inward, writer))

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            chosen = writer.get_extra_info("ssl_object").selected_alpn_protocol()
            if chosen == "h2":
                await self._second(reader, writer)
            else:
                head = await reader.readuntil(b"\r\n\r\n")
                self.asked.append(("http/1.1", head.split()[1].decode()))
                writer.write(_REFUSAL)
                await writer.drain()
        writer.close()

    async def _second(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        config = h2.config.H2Configuration(client_side=False, header_encoding="ascii")
        connection = h2.connection.H2Connection(config)
        connection.initiate_connection()
        writer.write(connection.data_to_send())
        while piece := await reader.read(65536):
            for event in connection.receive_data(piece):
                if isinstance(event, h2.events.RequestReceived):
                    told = {str(name): str(value) for name, value in event.headers or ()}
                    self.asked.append(("h2", told[":path"]))
                    headers = [(":status", "200"), ("content-type", "application/rdap+json")]
                    connection.send_headers(event.stream_id, headers)
                    connection.send_data(event.stream_id, self._body, end_stream=True)
            writer.write(connection.data_to_send())
            await writer.drain()
