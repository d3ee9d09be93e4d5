"""The loop's clock: it stands still while this process does, so no deadline runs out meanwhile.

A process that is stopped, a machine that is busy: what arrives then waits in the sockets, and is
read before anything is given up. A machine that sleeps has no network, which its clock does not
show (CLOCK_MONOTONIC leaves the sleep out); CLOCK_BOOTTIME does, and macOS has two as well.
"""

import asyncio
import selectors
import sys
import time

_NOTICED = 0.25
"""Seconds; a delay below that is an ordinary one of a busy process."""


def clocks(platform: str = sys.platform) -> tuple[int, int] | None:
    """Two of the system's clocks, of which the first alone goes on while the machine sleeps.

    None where there are no such two: Windows' only one goes on, so that its sleep is a long wait.
    """
    names = {
        "linux": ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"),
        "darwin": ("CLOCK_MONOTONIC_RAW", "CLOCK_UPTIME_RAW"),
    }.get(platform, ())
    found = [getattr(time, name) for name in names if hasattr(time, name)]
    return (found[0], found[1]) if len(found) == 2 else None  # noqa: PLR2004  # both


_CLOCKS = clocks()


def _asleep() -> float:
    """Seconds that this machine has slept since it was started, as far as it tells."""
    if _CLOCKS is None:
        return 0.0
    return time.clock_gettime(_CLOCKS[0]) - time.clock_gettime(_CLOCKS[1])


def set_by() -> float:
    """Seconds that the wall clock is ahead of one that nobody sets, and that goes on in sleep.

    It changes by as much as our clock is set forward, and falls by as much as it is set back.
    """
    steady = time.clock_gettime(_CLOCKS[0]) if _CLOCKS else time.monotonic()
    return time.time() - steady


class _Selector(selectors.DefaultSelector):
    """Notes how much longer than asked for each wait, and each turn of the loop, took."""

    def __init__(self) -> None:
        super().__init__()
        self.stood = self.slept = 0.0
        self._seen = time.monotonic()
        """When the clock was looked at last, or a wait ended."""
        self._asleep = _asleep()

    def now(self) -> float:
        """The time, without that in which nothing here ran."""
        moment = time.monotonic()
        if moment - self._seen > _NOTICED:
            self.stood += moment - self._seen
        self._seen = moment
        return moment - self.stood

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """As the base's."""
        self.now()
        ready = super().select(timeout)
        moment = time.monotonic()
        if timeout is not None and (beyond := moment - self._seen - max(timeout, 0.0)) > _NOTICED:
            self.stood += beyond
        self._seen = moment
        asleep = _asleep()
        if asleep - self._asleep > _NOTICED:
            self.slept += asleep - self._asleep
        self._asleep = asleep
        return ready


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time is the time in which it could listen. Reads sockets everywhere."""

    def __init__(self) -> None:
        self._watched = _Selector()
        super().__init__(self._watched)

    def time(self) -> float:
        """Seconds, monotonic, without those in which this process stood still."""
        return self._watched.now()

    def stood_still(self) -> float:
        """Seconds that this process stood still, or this machine slept, since the loop was made."""
        return self._watched.stood + self._watched.slept


def stood_still(loop: asyncio.AbstractEventLoop) -> float:
    """The same of any loop; another one does not know, so 0."""
    return loop.stood_still() if isinstance(loop, Loop) else 0.0
