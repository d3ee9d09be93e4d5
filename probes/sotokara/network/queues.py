"""Servers that are asked one question at a time, with a pause between two.

One ``ServerQueues`` and one ``Registries`` per build. A registry that said "slow down", or let two
questions go unanswered while our own side was well, is left alone until the build ends. What was
answered once is not asked again, also by those who were waiting while it was asked.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, NamedTuple, TypeVar

from sotokara.core.observation import Failure, ProbeFailure
from sotokara.network.deadline import Deadline


class ServerQueues:
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

MOST_SILENCES = 2
"""Questions that one server may leave unanswered until no more are sent in this build."""


class QueuedQuery(NamedTuple):
    """A question that wants its server's turn."""

    protocol: str
    words: str
    alone: bool
    """Whether nothing but its own answer will do; others may be answered by a neighbour's."""


class Queued(NamedTuple):
    """The questions that wait for one server, each counted once."""

    server: str
    questions: int
    pause: float
    """Seconds between two of them."""
    alone: bool
    """Whether each of them has to be sent: then this is the least that the build will take."""

    @property
    def seconds(self) -> float:
        """How long their pauses are together."""
        return self.questions * self.pause


class Registries:
    """What a build knows of registries: who is asked, what was said, who wants to be left alone."""

    def __init__(self, queues: ServerQueues, pause: float) -> None:
        """``pause``: seconds between two questions to one registry."""
        self._queues, self._pause = queues, pause
        self.said: dict[Any, Any] = {}
        """Answers of this build, under whatever key the kind that asked finds them by."""
        self._resting: dict[str, tuple[Failure, str]] = {}
        """Why, and by which protocol it said so."""
        self._silences: Counter[tuple[str, str]] = Counter()
        """By server and protocol: a host whose whois hangs may well answer by RDAP."""
        self._unjudged: dict[tuple[str, str], set[asyncio.Future[bool]]] = {}
        """Silences of which it is not known yet whose they are."""
        self._waiting: dict[str, Counter[QueuedQuery]] = {}

    def rest(self, server: str, failure: Failure, protocol: str) -> None:
        """Leave this server alone for the rest of the build: it said so (or is about to)."""
        self._resting.setdefault(server, (failure, protocol))

    def spoke(self, server: str, protocol: str) -> bool:
        """Whether a server that is left alone has said so by this protocol: then it was heard."""
        return self._resting.get(server, (None, ""))[1] == protocol

    def silent(self, server: str, protocol: str, theirs: Awaitable[bool] | None = None) -> None:
        """Count a question that this server has not answered in its time.

        ``theirs``: finds out whether that is the server's silence at all; it counts only then.
        """
        key = server, protocol
        if theirs is None:
            self._silences[key] += 1
            return
        judging: asyncio.Future[bool] = asyncio.ensure_future(theirs)
        self._unjudged.setdefault(key, set()).add(judging)

        def judged(done: asyncio.Future[bool]) -> None:
            self._unjudged[key].discard(done)
            self._silences[key] += not done.cancelled() and not done.exception() and done.result()

        judging.add_done_callback(judged)

    def close(self) -> None:
        """Judge no more."""
        for judging in [one for several in self._unjudged.values() for one in several]:
            judging.cancel()

    def _open(self, server: str, protocol: str) -> set[asyncio.Future[bool]]:
        """The silences that are to be judged before this server may be asked again."""
        unjudged = self._unjudged.get((server, protocol), set())
        many = self._silences[server, protocol] + len(unjudged)
        return set(unjudged) if many >= MOST_SILENCES else set()

    def queued(self) -> list[Queued]:
        """What waits for each server by now. May be called from another thread."""
        every = [(server, tuple(asked)) for server, asked in tuple(self._waiting.items())]
        return [
            Queued(server, len(asked), self._pause, all(one.alone for one in asked))
            for server, asked in every
            if asked
        ]

    def awake(self, server: str, protocol: str = "") -> None:
        """:raises ProbeFailure: when the server wants to be left alone, or hangs.

        Without a ``protocol`` its silences do not count: a control has to hear for itself.
        """
        if server in self._resting:
            failure, _ = self._resting[server]
            detail = (
                f"{server} has asked for fewer questions earlier in this build, so none was sent"
            )
            raise ProbeFailure(failure.name, server, detail)
        if self._silences[server, protocol] >= MOST_SILENCES:
            detail = (
                f"{server} left {MOST_SILENCES} questions of this build unanswered, "
                "so this one was not sent"
            )
            raise ProbeFailure("registry_silent", server, detail)

    @contextlib.asynccontextmanager
    async def turn(
        self,
        clock: Deadline,
        server: str,
        known: Callable[[], _Known | None],
        asked: QueuedQuery | None = None,
    ) -> AsyncIterator[_Known | None]:
        """This server's turn. Gives what is ``known`` by then; None means: it is yours to ask.

        Waiting is not counted by ``clock``. A turn that asks nothing costs no pause.
        ``asked``: what is asked; None for a control's question, which no silence holds back.

        :raises ProbeFailure: when the server wants to be left alone, or hangs.
        """
        if (found := known()) is not None:
            yield found
            return
        protocol = asked.protocol if asked else ""
        self.awake(server, protocol)
        with contextlib.ExitStack() as waiting:
            if asked:
                waiting.enter_context(self._counted(server, asked))
            while True:
                if unjudged := self._open(server, protocol):
                    with clock.uncounted():  # not in the place: a control may want it meanwhile
                        await asyncio.wait(unjudged)
                async with self._queues.place(clock, server):
                    if (found := known()) is not None:
                        waiting.close()
                        yield found
                        return
                    self.awake(server, protocol)
                    if self._open(server, protocol):
                        continue
                    async with self._queues.paused(clock, server, self._pause):
                        waiting.close()
                        yield None
                        return

    @contextlib.contextmanager
    def _counted(self, server: str, asked: QueuedQuery) -> Iterator[None]:
        """Count a question among those that wait, as long as it does."""
        waiting = self._waiting.setdefault(server, Counter())
        waiting[asked] += 1
        try:
            yield
        finally:
            waiting[asked] -= 1
            if not waiting[asked]:
                del waiting[asked]
