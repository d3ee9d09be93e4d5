"""Name servers that misbehave, each in one way, and what the engine must call it.

``FAULTS`` is the table: the name that is asked, the server, and the failure (None: an answer all
the same). Failure names are those of ``sotokara.core.observation.FAILURES``.
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from typing import NamedTuple

from sotokara.servers.nameserver import (
    NameServer,
    Tcp,
    Udp,
    after,
    honest,
    prompt,
    question,
    record,
    reply,
)

_A, _CNAME, _TXT = 1, 5, 16
_TRUNCATED = 0x8380
LONG_TEXT = b"".join(b"\xff" + bytes([65 + n % 26]) * 255 for n in range(255))
"""The rdata of a TXT record of 65,280 bytes: the most strings that one TCP message has room for."""


def name(*labels: str) -> bytes:
    """A name in wire format."""
    return b"".join(bytes([len(one)]) + one.encode() for one in labels) + b"\0"


def _udp(*answers: bytes, flags: int = 0x8180) -> Udp:
    """Always answers with these records."""

    async def answer(wire: bytes) -> AsyncIterator[bytes]:
        yield reply(wire, *answers, flags=flags)

    return answer


async def _garbage(wire: bytes) -> AsyncIterator[bytes]:
    yield bytes(range(256)) * 2
    yield b""
    yield wire[:2]


async def _garbled(wire: bytes) -> AsyncIterator[bytes]:
    """The right id and question; behind them a record that says it is longer than the message."""
    yield reply(wire, record(_A, b"\1\2\3\4"))[:-6] + b"\xff\xff\1\2"


async def _pointers(wire: bytes) -> AsyncIterator[bytes]:
    """A compression pointer to itself (RFC 1035, 4.1.4)."""
    at = 12 + len(question(wire))
    yield reply(wire, record(_A, b"\1\2\3\4", owner=struct.pack("!H", 0xC000 | at)))


async def _echo(wire: bytes) -> AsyncIterator[bytes]:
    yield wire


async def _wrong_id(wire: bytes) -> AsyncIterator[bytes]:
    yield bytes([wire[0] ^ 1]) + honest(wire)[1:]


async def _wrong_question(wire: bytes) -> AsyncIterator[bytes]:
    other = name("other", "example") + question(wire)[-4:]
    yield reply(wire, record(_A, b"\1\2\3\4"), asked=other)


async def _forged_first(wire: bytes) -> AsyncIterator[bytes]:
    """What somebody off the path might send, and then the true answer."""
    async for forged in _wrong_id(wire):
        yield forged
    async for forged in _wrong_question(wire):
        yield forged
    yield honest(wire)


async def _no_edns(wire: bytes) -> AsyncIterator[bytes]:
    """FORMERR, the header alone, to every question with an OPT record (RFC 6891, 7)."""
    known = wire[10:12] == b"\0\0"
    yield honest(wire) if known else wire[:2] + struct.pack("!5H", 0x8181, 0, 0, 0, 0)


async def _loop(wire: bytes) -> AsyncIterator[bytes]:
    first, second = name("loop", "example"), name("pool", "example")
    yield reply(wire, record(_CNAME, second, first), record(_CNAME, first, second))


async def _read(reader: asyncio.StreamReader) -> bytes:
    (length,) = struct.unpack("!H", await reader.readexactly(2))
    return await reader.readexactly(length)


async def _long(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    wire = await _read(reader)
    message = reply(wire, record(_TXT, LONG_TEXT))
    writer.write(struct.pack("!H", len(message)) + message)
    await writer.drain()


async def _half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    message = honest(await _read(reader))
    writer.write(struct.pack("!H", len(message)) + message[:10])
    await writer.drain()


async def _stalls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await _read(reader)
    writer.write(struct.pack("!H", 40000) + b"\0" * 10)
    await writer.drain()
    await asyncio.sleep(60)


async def _mute(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()
    await asyncio.sleep(60)


async def _other(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    wire = await _read(reader)
    message = reply(wire, asked=name("other", "example") + question(wire)[-4:])
    writer.write(struct.pack("!H", len(message)) + message)
    await writer.drain()


async def _slow_drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte a time, for ever: each arrives in time, the whole never does."""
    await _read(reader)
    writer.write(struct.pack("!H", 60000))
    while True:
        writer.write(b"\0")
        await writer.drain()
        await asyncio.sleep(0.2)


async def _silent(_: bytes) -> AsyncIterator[bytes]:
    silence: tuple[bytes, ...] = ()
    for nothing in silence:
        yield nothing


class Fault(NamedTuple):
    """One way to misbehave; ``rdtype`` is what is asked, ``failure`` what it must be called."""

    failure: str | None
    udp: Udp = prompt
    tcp: Tcp | None = _mute
    rdtype: str = "A"

    def server(self) -> NameServer:
        """A new server that misbehaves so."""
        return NameServer(self.udp, self.tcp)


_cut = _udp(flags=_TRUNCATED)

FAULTS: dict[str, Fault] = {
    "garbage": Fault("dns_server_misbehaving", _garbage),
    "garbled": Fault("dns_server_misbehaving", _garbled),
    "pointers": Fault("dns_server_misbehaving", _pointers),
    "echo": Fault("dns_server_misbehaving", _echo),
    "wrong-id": Fault("dns_server_misbehaving", _wrong_id),
    "wrong-question": Fault("dns_server_misbehaving", _wrong_question),
    "loop": Fault("dns_server_misbehaving", _loop),
    "not-implemented": Fault("dns_server_misbehaving", _udp(flags=0x8184)),
    "servfail": Fault("dns_servfail_error", _udp(flags=0x8182)),
    "refused": Fault("dns_refused_error", _udp(flags=0x8185)),
    "silent": Fault("generic_timeout_error", _silent),
    "late": Fault("generic_timeout_error", after(6)),
    "cut-then-refused": Fault("connection_refused", _cut, None),
    "cut-then-half": Fault("eof_error", _cut, _half),
    "cut-then-mute": Fault("generic_timeout_error", _cut),
    "cut-then-stalls": Fault("generic_timeout_error", _cut, _stalls),
    "cut-then-drips": Fault("generic_timeout_error", _cut, _slow_drip),
    "cut-then-other": Fault("dns_server_misbehaving", _cut, _other),
    "long": Fault(None, _cut, _long, "TXT"),
    "forged-first": Fault(None, _forged_first),
    "no-edns": Fault(None, _no_edns),
}
