"""A whois server (RFC 3912) on loopback: a function from the question's words to the answer."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

Words = Callable[[str], bytes | None]
"""A question → the answer; None closes without a word."""
Says = Callable[[str, asyncio.StreamWriter], Awaitable[None]]
"""What is written back to one question; the connection is closed behind it."""
_PATIENCE = 10.0
"""Seconds in which a client has to ask."""


def saying(words: Words) -> Says:
    """A server that says these words and no more."""

    async def say(question: str, writer: asyncio.StreamWriter) -> None:
        writer.write(words(question) or b"")

    return say


async def listen(says: Says, address: str = "127.0.0.1", port: int = 0) -> asyncio.Server:
    """Listen; the system gives the port where it is 0."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            line = await asyncio.wait_for(reader.readline(), _PATIENCE)
            await says(line.decode("ascii", "replace").strip(), writer)
            await writer.drain()
        with contextlib.suppress(OSError):
            writer.close()

    return await asyncio.start_server(one, address, port)


def port_of(server: asyncio.Server) -> int:
    """The port that a server listens on."""
    port: int = server.sockets[0].getsockname()[1]
    return port
