"""A server in everybody's place: ``python -m tests.truth.portal ADDRESS PORT MANNER``.

``cuts``: greets under its own name as a mail server, and hangs up at the first word. ``portal``:
TLS with a certificate of its own. ``slow``: a mail server that greets after seconds. ``echoes``:
one that tells its caller his addresses, in several spellings. ``speaks``: a mail server that speaks
for another, under a name of its own. ``late``: one that greets after a whole minute, and answers.
``login``: says to whoever asks anything that he has to log in first. ``hangs-up``: says nothing.
"""

import asyncio
import contextlib
import ssl
import sys
import tempfile
from ipaddress import ip_address
from pathlib import Path

from tests.lab.certificate import make_one

SLOW, LATE = 8.0, 60.0
"""Seconds until a slow one greets, and a very late one."""


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


async def _slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await asyncio.sleep(SLOW)
        writer.write(b"220 mx.slow.post.example ESMTP\r\n")
        await reader.readline()
    writer.close()


async def _echoes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    caller = ip_address(writer.get_extra_info("peername")[0])
    near = ip_address("fe80::1")  # the author's own, on his cable
    with contextlib.suppress(OSError):
        writer.write(f"220 mail.shop.example, hello [IPv6:{caller}]\r\n".encode())
        await reader.readline()
        for one in (caller.exploded, str(caller).upper(), f"{near}%eth0", f"[IPv6:{near}]"):
            writer.write(f"250-mail.shop.example sees {one}\r\n".encode())
        writer.write(b"250 HELP\r\n")
        await reader.readline()
        writer.write(f"550 5.7.1 {caller} and {near} may not send\r\n".encode())
        await reader.readline()
    writer.close()


async def _late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(LATE)
    await _speaks(reader, writer)


async def _login(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await reader.readline()
        writer.write(b"This network asks you to log in first: http://login.portal.example/\r\n")
    writer.close()


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        await reader.readline()
    writer.close()


async def _speaks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        writer.write(b"220 gate.provider.example ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            refused = b"550 5.1.1 no such account\r\n"
            writer.write(refused if verb == b"RCPT" else b"250 2.0.0 Ok\r\n")
            if verb == b"QUIT":
                break
    writer.close()


async def main(address: str, port: str, manner: str) -> None:
    """Serve until killed."""
    context = None
    if manner == "portal":
        folder = Path(tempfile.mkdtemp())
        make_one(folder, ["login.portal.example"])
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "server.pem", folder / "server.key")
    answer = {
        "cuts": _cuts,
        "portal": _portal,
        "slow": _slow,
        "echoes": _echoes,
        "speaks": _speaks,
        "late": _late,
        "login": _login,
        "hangs-up": _hangs_up,
    }[manner]
    await asyncio.start_server(answer, address, int(port), ssl=context)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
