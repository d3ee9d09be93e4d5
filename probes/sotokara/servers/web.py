"""A web server on loopback, as far as RDAP needs one: a function from host and path to a response.

One request a connection (HTTP/1.1, RFC 9112), with or without TLS.
"""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_PATIENCE = 10.0
"""Seconds in which a client has to ask."""


class Response(NamedTuple):
    """What comes back for one path."""

    status: int
    body: Any
    """JSON, or bytes that are sent as they are."""
    headers: Mapping[str, str] = {}


NOT_FOUND = Response(404, {"errorCode": 404})
Answers = Callable[[str, str], Response]
"""A host and a path → the response."""


async def listen(
    answers: Answers,
    address: str = "127.0.0.1",
    port: int = 0,
    context: ssl.SSLContext | None = None,
) -> asyncio.Server:
    """Listen; with ``context`` over TLS. The system gives the port where it is 0."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _PATIENCE)
            lines = head.decode("latin-1").split("\r\n")
            hosts = (line[6:] for line in lines if line.lower().startswith("host: "))
            writer.write(format_response(answers(next(hosts, ""), lines[0].split()[1])))
            await writer.drain()
        writer.close()

    return await asyncio.start_server(one, address, port, ssl=context)


def format_response(response: Response) -> bytes:
    """A response as it is sent."""
    body = response.body
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {
        "Content-Type": "application/rdap+json",
        "Content-Length": str(len(content)),
        **response.headers,
    }
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {response.status} X\r\n{text}\r\n".encode() + content
