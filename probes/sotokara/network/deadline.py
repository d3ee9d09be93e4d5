"""A probe's deadline: counted from its start, standing still while it waits out of politeness."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

_GRACE = 0.5


class Deadline:
    """How long one probe may take, and how long all of a build. Lives in one event loop."""

    def __init__(self, of_build: float) -> None:
        self._ends = time.monotonic() + of_build
        self._start = self._deadline = 0.0
        self._limit: asyncio.Timeout | None = None
        self._pauses, self._paused_at = 0, 0.0

    def _begin(self, seconds: float) -> None:
        self._start = asyncio.get_running_loop().time()
        self._deadline = self._start + seconds

    @contextlib.asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Ends with TimeoutError at the probe's deadline, a moment after ``left`` is up."""
        async with asyncio.timeout_at(self._deadline + _GRACE) as limit:
            self._limit = limit
            yield

    def left(self) -> float:
        """Seconds until this probe should have its answer."""
        now = self._paused_at if self._pauses else asyncio.get_running_loop().time()
        return self._deadline - now

    def left_of_build(self) -> float:
        """Seconds until all probes of the build should have their answers."""
        return self._ends - time.monotonic()

    def elapsed(self) -> float:
        """Seconds since this probe began."""
        return asyncio.get_running_loop().time() - self._start

    @contextlib.contextmanager
    def uncounted(self) -> Iterator[None]:
        """The time spent inside does not count against the probe's deadline: a polite wait."""
        loop = asyncio.get_running_loop()
        if not self._pauses:
            self._paused_at = loop.time()
        self._pauses += 1
        if self._limit and not self._limit.expired():
            self._limit.reschedule(None)
        try:
            yield
        finally:
            self._pauses -= 1
            if not self._pauses:
                self._deadline += loop.time() - self._paused_at
                if self._limit and not self._limit.expired():
                    self._limit.reschedule(self._deadline + _GRACE)
