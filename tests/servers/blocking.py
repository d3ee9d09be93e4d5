"""A resolver of one place: ``python -m tests.servers.blocking ADDRESS PORT [BLOCK] [LATE] [FILE]``.

With BLOCK it gives that address for every name with the label ``shop``, as a block page's resolver
does. Names with the label ``slow`` are answered LATE seconds late, those with a label in FILE two.
It prints each name asked for.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from ipaddress import IPv4Address
from pathlib import Path

from sotokara.servers.nameserver import _A, NameServer, honest, labels_of, rdtype, record, reply

_THROTTLED = 2.0


class Blocking(NameServer):
    """Honest but for ``shop``."""

    def __init__(
        self, host: str, port: int, block: str = "", late: float = 3.0, throttled: str = ""
    ) -> None:
        super().__init__(self._answer, host=host)
        self.port, self._late, self._throttled = port, late, Path(throttled)
        self._block = IPv4Address(block).packed if block else b""

    async def _answer(self, wire: bytes) -> AsyncIterator[bytes]:
        labels = labels_of(wire)
        sys.stdout.write(b".".join(labels).decode("ascii", "replace") + "\n")
        sys.stdout.flush()
        if b"slow" in labels:
            await asyncio.sleep(self._late)
        if self._throttled.is_file():
            slow = self._throttled.read_text().encode().split()
            await asyncio.sleep(_THROTTLED if set(slow) & set(labels) else 0)
        if self._block and b"shop" in labels:
            yield reply(wire, *([record(_A, self._block)] if rdtype(wire) == _A else []))
        else:
            yield honest(wire)


async def _alone(
    host: str, port: str, block: str = "", late: str = "3", throttled: str = ""
) -> None:
    await Blocking(host, int(port), block, float(late), throttled).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(*sys.argv[1:]))
