"""A web server on loopback that sends what it is told, byte by byte, for each path."""

import asyncio
import contextlib
import ssl
from collections.abc import Mapping, Sequence

Answer = bytes | Sequence[bytes | float]
"""Bytes as they go out, or pieces with pauses (seconds) between; without end: it waits."""


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """A proper response."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if not any(one.lower().startswith(("content-length", "transfer-encoding")) for one in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def moved(to: str, status: str = "302 Found") -> bytes:
    """A redirect."""
    return reply(b"", f"Location: {to}", status=status)


class PageServer:
    """Answers GET on 127.0.0.1; ``asked`` holds each request's head."""

    def __init__(self, pages: Mapping[str, Answer], tls: ssl.SSLContext | None = None) -> None:
        self.pages, self.port = dict(pages), 0
        self.asked: list[str] = []
        self._tls = tls

    def url(self, path: str = "/") -> str:
        """The address of a page."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}{path}"

    async def start(self) -> None:
        """Open the port."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(head)
            answer = self.pages.get(head.split(" ")[1], reply(b"no", status="404 Not Found"))
            for piece in [answer] if isinstance(answer, bytes) else answer:
                if isinstance(piece, float):
                    await asyncio.sleep(piece)
                else:
                    writer.write(piece.replace(b"PORT", str(self.port).encode()))
                    await writer.drain()
        writer.close()
