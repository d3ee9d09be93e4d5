"""A resolver of one place: ``python -m tests.servers.blocking ADDRESS PORT [BLOCK] [LATE]``.

With BLOCK it gives that address for every name with the label ``shop``, as a block page's resolver
does. Names with the label ``slow`` are answered LATE seconds late. It prints each name asked for.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from ipaddress import IPv4Address

from sotokara.servers.nameserver import _A, NameServer, honest, labels_of, rdtype, record, reply


class Blocking(NameServer):
    """Honest but for ``shop``."""

    def __init__(self, host: str, port: int, block: str = "", late: float = 3.0) -> None:
        super().__init__(self._answer, host=host)
        self.port, self._late = port, late
        self._block = IPv4Address(block).packed if block else b""

    async def _answer(self, wire: bytes) -> AsyncIterator[bytes]:
        labels = labels_of(wire)
        sys.stdout.write(b".".join(labels).decode("ascii", "replace") + "\n")
        sys.stdout.flush()
        if b"slow" in labels:
            await asyncio.sleep(self._late)
        if self._block and b"shop" in labels:
            yield reply(wire, *([record(_A, self._block)] if rdtype(wire) == _A else []))
        else:
            yield honest(wire)


async def _alone(host: str, port: str, block: str = "", late: str = "3") -> None:
    await Blocking(host, int(port), block, float(late)).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_alone(*sys.argv[1:]))
