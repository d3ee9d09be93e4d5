"""What time it is by other clocks: certificates and signatures are judged by ours, which may err.

Web servers tell theirs in the field ``Date`` (RFC 9110, 6.6.1), also in the clear and also where
they only lead elsewhere. Controls are asked, and only where a verdict hangs on the time.
"""

import asyncio
import contextlib
import re
import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from sotokara.core.observation import Failure, ProbeFailure
from sotokara.network.network import Network

TOLERATED = 300.0
"""Seconds; what is judged by the day, or by the hour, bears so much."""
_PATIENCE, _PORT, _LONGEST = 3.0, 80, 8192
_DATE = re.compile(rb"(?im)^date:[ \t]*([^\r\n]{1,64})")
_DAY, _HOUR, _MINUTE = 86400, 3600, 60


def set_meanwhile(forward: float) -> Failure | None:
    """``clock_wrong`` where our clock was set ``forward`` (or back, below 0) during a look-up."""
    if abs(forward) <= TOLERATED:
        return None
    far = _spelled(abs(forward))
    ahead, behind = (
        f"it was set {far} forward during the look-up",
        f"it was set {far} back during the look-up",
    )
    return Failure("clock_wrong", "control", ahead if forward > 0 else behind)


async def wrong_clock(net: Network, hosts: Sequence[str]) -> Failure | None:
    """``clock_wrong`` where our clock differs from those of all hosts that tell theirs.

    None where it agrees with one, or nobody tells.
    """
    asked = [_difference(net.for_probe(), host) for host in hosts]
    every = [one for one in await asyncio.gather(*asked) if one is not None]
    least = min(every, key=abs, default=0.0)
    if abs(least) <= TOLERATED:
        return None
    far, who = _spelled(abs(least)), ", ".join(hosts)
    if least > 0:
        return Failure("clock_wrong", "control", f"it is {far} ahead of the clocks of {who}")
    return Failure("clock_wrong", "control", f"it is {far} behind the clocks of {who}")


async def _difference(net: Network, host: str) -> float | None:
    """Seconds that our clock is ahead of a host's; None where it does not tell."""
    with contextlib.suppress(ProbeFailure, OSError, EOFError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            for address in (await net.addresses(host))[:1]:
                connection = await net.open(address, _PORT, "control")
                reader, writer = await asyncio.open_connection(sock=connection, limit=_LONGEST)
                try:
                    head = f"HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                    writer.write(head.encode("ascii", "replace"))
                    said = await reader.readuntil(b"\r\n\r\n")
                finally:
                    writer.close()
                return _ahead(said)
    return None


def _ahead(said: bytes) -> float | None:
    told = _DATE.search(said)
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        if told:
            return time.time() - parsedate_to_datetime(told[1].decode("ascii")).timestamp()
    return None


def _spelled(seconds: float) -> str:
    """In days, hours or minutes, by their symbols, which are the same in all languages."""
    for unit, symbol in ((_DAY, "d"), (_HOUR, "h")):
        if seconds >= 2 * unit:
            return f"{seconds / unit:.0f} {symbol}"
    return f"{seconds / _MINUTE:.0f} min"
