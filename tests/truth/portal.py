"""A server in everybody's place: ``python -m tests.truth.portal ADDRESS PORT MANNER``.

``cuts``: greets under its own name as a mail server, and hangs up at the first word. ``portal``:
TLS with a certificate of its own.
"""

import asyncio
import contextlib
import ssl
import sys
import tempfile
from pathlib import Path

from tests.lab.certificate import make_one


async def _cuts(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 gate.provider.example ESMTP\r\n")
    with contextlib.suppress(OSError):
        await reader.readline()
    writer.close()


async def _portal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await reader.readline()
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: https://login.portal.example/\r\n\r\n")
    writer.close()


async def main(address: str, port: str, manner: str) -> None:
    """Serve until killed."""
    context = None
    if manner == "portal":
        folder = Path(tempfile.mkdtemp())
        make_one(folder, ["login.portal.example"])
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
    answer = _portal if context else _cuts
    await asyncio.start_server(answer, address, int(port), ssl=context)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
