"""A resolver that gives up in a crowd: SERVFAIL while more questions wait than it can hold.

One name in a hundred is broken for itself, in one of four ways: ``python -m
tests.servers.crowded HOLDS SECONDS`` prints its port and serves until it is ended.
"""

import asyncio
import sys
from typing import cast

from sotokara.servers.nameserver import about_dns, address_of, labels_of, rdtype, record, reply

BROKEN = ("servfail", "refused", "silent", "gone")
"""What the names ending in 00, 01, … of each hundred are; see ``way``."""
_RCODES = {"servfail": 0x8182, "refused": 0x8185, "gone": 0x8183}


def way(number: int) -> str:
    """How the name ``n<number>`` is broken; empty for the other ninety-nine."""
    return BROKEN[number // 100 % len(BROKEN)] if number % 100 == 0 else ""


class Crowded(asyncio.DatagramProtocol):
    """``holds``: questions under way until it gives up; ``seconds``: what each takes."""

    def __init__(self, holds: int, seconds: float) -> None:
        self._holds, self._seconds, self._now = holds, seconds, 0
        self.gave_up = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if (told := about_dns(data)) is not None:
            self._transport.sendto(told, addr)
        elif self._now >= self._holds:
            self.gave_up += 1
            self._transport.sendto(reply(data, flags=0x8182), addr)
        else:
            self._now += 1
            asyncio.get_running_loop().call_later(self._seconds, self._answer, data, addr)

    def _answer(self, wire: bytes, addr: tuple[str, int]) -> None:
        self._now -= 1
        first = labels_of(wire)[:1]
        number = int(first[0][1:]) if first and first[0][1:].isdigit() else 1
        broken = way(number)
        if broken in _RCODES:
            self._transport.sendto(reply(wire, flags=_RCODES[broken]), addr)
        elif not broken:
            found = [record(1, address_of(wire))] * (rdtype(wire) == 1)
            self._transport.sendto(reply(wire, *found), addr)


async def serve(holds: int, seconds: float) -> None:
    """Serve until the end of time."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: Crowded(holds, seconds), ("127.0.0.1", 0)
    )
    sys.stdout.write(f"{transport.get_extra_info('sockname')[1]}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
