"""How fast a trace sends, and how long it waits for each hop."""

import asyncio
import time
import weakref
from collections.abc import Mapping
from typing import NamedTuple

from sotokara.core.observation import milliseconds


class Sent(NamedTuple):
    """When a packet was sent: by the clock of the kernel's timestamps, and by one nobody sets."""

    wall: float
    steady: float

    @classmethod
    def now(cls) -> "Sent":
        """The present."""
        return cls(time.time(), time.monotonic())

    def until(self, received: float) -> float:
        """Milliseconds until what the kernel has stamped ``received``, and we have just read.

        A clock that was set meanwhile makes that negative, or longer than we know it to have been:
        then until it was read.
        """
        longest, took = time.monotonic() - self.steady, received - self.wall
        return milliseconds(took if 0 <= took <= longest else longest, 3)


FLOOR = 0.3
"""Seconds that a hop is given in any case: routers answer when they have nothing better to do."""
_FACTOR = 10.0


def give_up_after(answered: Mapping[int, float], max_hops: int, wait: float) -> dict[int, float]:
    """Seconds after which a probe of each TTL is given up.

    ``answered``: TTL → the slowest round trip seen there. A hop that others behind it have answered
    is waited for ten of their round trips (as traceroute's ``-w`` does), ``FLOOR`` at least; one
    with silence behind it for the whole ``wait``.
    """
    farther: float | None = None
    limits: dict[int, float] = {}
    for ttl in range(max_hops, 0, -1):
        if ttl in answered:
            farther = max(farther or 0.0, answered[ttl])
        limits[ttl] = wait if farther is None else min(wait, max(FLOOR, _FACTOR * farther))
    return limits


PACE = 16_000.0
"""Probes per second of all traces of a build together: what a home router takes without loss."""


class SendPace:
    """One queue out of this machine: so many probes per second, whoever asks."""

    def __init__(self) -> None:
        self._free = 0.0

    async def take(self, packets: int) -> None:
        """Wait until so many packets may be sent."""
        now = asyncio.get_running_loop().time()
        self._free = max(self._free, now) + packets / PACE
        await asyncio.sleep(max(self._free - now - packets / PACE, 0))


_paces: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, SendPace] = weakref.WeakKeyDictionary()


def pace() -> SendPace:
    """The event loop's one pace."""
    return _paces.setdefault(asyncio.get_running_loop(), SendPace())
