"""Servers that are asked one question at a time, with a pause between two.

One ``Queues`` and one ``Registries`` per build. A registry that said "slow down" is left alone
until the build ends, and what was answered once is not asked again, also by those who were waiting
while it was asked.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from sotokara.core.observation import Failure, ProbeFailure
from sotokara.network.deadline import Deadline


class Queues:
    """One build's queues, by name."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._free: dict[str, float] = {}
        """When a server may be asked again, on the loop's clock."""

    @contextlib.asynccontextmanager
    async def turn(self, clock: Deadline, server: str, pause: float) -> AsyncIterator[None]:
        """This server's turn. Waiting for it is not counted by ``clock``."""
        async with self.place(clock, server), self.paused(clock, server, pause):
            yield

    @contextlib.asynccontextmanager
    async def place(self, clock: Deadline, server: str) -> AsyncIterator[None]:
        """The first place in the queue, before the pause is waited for."""
        lock = self._locks.setdefault(server, asyncio.Lock())
        with clock.uncounted():
            await lock.acquire()
        try:
            yield
        finally:
            lock.release()

    @contextlib.asynccontextmanager
    async def paused(self, clock: Deadline, server: str, pause: float) -> AsyncIterator[None]:
        """Wait out the pause of the question before, and begin one of ``pause`` seconds after."""
        loop = asyncio.get_running_loop()
        with clock.uncounted():
            await asyncio.sleep(self._free.get(server, 0.0) - loop.time())
        try:
            yield
        finally:
            self._free[server] = loop.time() + pause


_Known = TypeVar("_Known")


class Registries:
    """What a build knows of registries: who is asked, what was said, who wants to be left alone."""

    def __init__(self, queues: Queues, pause: float) -> None:
        """``pause``: seconds between two questions to one registry."""
        self._queues, self._pause = queues, pause
        self.said: dict[Any, Any] = {}
        """Answers of this build, under whatever key the kind that asked finds them by."""
        self._resting: dict[str, Failure] = {}

    def rest(self, server: str, failure: Failure) -> None:
        """Leave this server alone for the rest of the build: it said so (or is about to)."""
        self._resting.setdefault(server, failure)

    def awake(self, server: str) -> None:
        """:raises ProbeFailure: when the server has asked to be left alone."""
        if failure := self._resting.get(server):
            detail = (
                f"{server} has asked for fewer questions earlier in this build, so none was sent"
            )
            raise ProbeFailure(failure.name, server, detail)

    @contextlib.asynccontextmanager
    async def turn(
        self,
        clock: Deadline,
        server: str,
        known: Callable[[], _Known | None],
    ) -> AsyncIterator[_Known | None]:
        """This server's turn. Gives what is ``known`` by then; None means: it is yours to ask.

        Waiting is not counted by ``clock``. A turn that asks nothing costs no pause.

        :raises ProbeFailure: when the server wants to be left alone.
        """
        if (found := known()) is not None:
            yield found
            return
        self.awake(server)
        async with self._queues.place(clock, server):
            if (found := known()) is not None:
                yield found
                return
            self.awake(server)
            async with self._queues.paused(clock, server, self._pause):
                yield None
