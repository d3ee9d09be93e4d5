"""A probe's deadline: counted from its start, standing still while it waits out of politeness."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator

from sotokara.core.observation import Failure
from sotokara.network.clock import set_by

_GRACE = 0.5
_FAIR = 1.0
"""Seconds that any server is given before its silence is its own."""


class Deadline:
    """How long one probe may take, and how long all of a build. Lives in one event loop."""

    def __init__(self, of_build: float) -> None:
        self._ends = time.monotonic() + of_build
        self.began = self._deadline = self.seconds = 0.0
        self.clock_set_by = 0.0
        """Of our clock when the probe began: another value later tells that it was set."""
        self._limit: asyncio.Timeout | None = None
        self._pauses, self._paused_at = 0, 0.0

    def _begin(self, seconds: float) -> None:
        self.began = asyncio.get_running_loop().time()
        self._deadline, self.seconds = self.began + seconds, seconds
        self.clock_set_by = set_by()

    @contextlib.asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Ends with TimeoutError at the probe's deadline, a moment after ``left`` is up."""
        async with asyncio.timeout_at(self._deadline + _GRACE) as limit:
            self._limit = limit
            yield

    def expired(self) -> bool:
        """Whether ``limit`` has ended it: a time of ours, which says nothing of the target."""
        return self._limit is not None and self._limit.expired()

    def silence(self, step: str, given: float) -> Failure:
        """The failure of a question that was not answered in the ``given`` seconds.

        Where the probe's own time left it too few of them, that is not the server's silence.
        """
        if given < min(_FAIR, self.seconds / 2):
            detail = f"the probe's own time, {self.seconds:g} s, was up"
            return Failure("deadline_exceeded", step, detail)
        return Failure("generic_timeout_error", step)

    def left(self) -> float:
        """Seconds until this probe should have its answer."""
        now = self._paused_at if self._pauses else asyncio.get_running_loop().time()
        return self._deadline - now

    def left_of_build(self) -> float:
        """Seconds until all probes of the build should have their answers."""
        return self._ends - time.monotonic()

    def elapsed(self) -> float:
        """Seconds since this probe began."""
        return asyncio.get_running_loop().time() - self.began

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
