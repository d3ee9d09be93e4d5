"""Our own line, second by second: what is known of it during a silence.

Answers from outside show that it is there. Where none comes while somebody waits, a control is
asked once a second (``Ticker``); a tick that is lost shows that the line was away, or loses
packets. What the system tells of our own interface and routes counts at once (link.py).
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from sotokara.network.link import LinkWatch

FIRST = 0.6
"""Seconds of silence before the first tick."""
EVERY = 1.0
MOST = 60
"""Ticks of one build."""
PATIENCE = 1.0
"""Seconds until a tick counts as lost."""
STANDS = 15.0
"""Seconds that what was learnt of our own network stands."""
MOST_ANEW = 6
"""How often one question to controls is put anew, for failures that came after its answer."""
_TOGETHER = 0.02
"""Seconds within which several begin as one."""
_KEPT = 4096


class LineState:
    """What was heard, and which ticks were lost; times are the loop's."""

    def __init__(self) -> None:
        self._heard: deque[float] = deque(maxlen=_KEPT)
        self._lost: list[float] = []
        self._fell: deque[float] = deque(maxlen=_KEPT)
        """When our own interface went down, or lost its address or its route."""
        self._pending: set[asyncio.Future[None]] = set()
        self.flowed = 0.0
        """When anything at all was answered last, by our own resolver too."""
        self.look: Callable[[], None] = lambda: None
        """Asks the system what it knows of our way out; it calls ``fell``."""

    def heard(self, *, outside: bool = True) -> None:
        """Something has been answered just now; ``outside``: by somebody beyond the resolver."""
        self.flowed = asyncio.get_running_loop().time()
        if outside:
            self._heard.append(self.flowed)

    def fell(self) -> None:
        """Our own way out has just been lost; it may be back in no time."""
        self._fell.append(asyncio.get_running_loop().time())

    def fell_since(self, moment: float) -> bool:
        """Whether our own way out has been lost since then, as far as the system tells."""
        return bool(self._fell) and self._fell[-1] >= moment

    async def tick(self, ask: Callable[[], Awaitable[bool | None]]) -> None:
        """Ask a control once; keep whether it answered. None: nobody could be asked."""
        loop = asyncio.get_running_loop()
        sent, done = loop.time(), loop.create_future()
        self._pending.add(done)
        try:
            answered = await ask()
            if answered:
                self.heard()
            elif answered is not None:
                self._lost.append(sent)
        finally:
            self._pending.discard(done)
            if not done.done():
                done.set_result(None)

    async def was_away(self, since: float) -> bool:
        """Whether a tick was lost from ``since`` until now, and nothing else came meanwhile.

        Or whether our own way out was: what was on its way then is gone, whatever came later.
        """
        if self._pending:
            await asyncio.wait(set(self._pending), timeout=PATIENCE + 0.1)
        self.look()
        if any(moment >= since for moment in self._fell):
            return True
        return any(sent >= since and not self._between(sent) for sent in self._lost)

    def _between(self, sent: float) -> bool:
        return any(sent <= moment <= sent + PATIENCE for moment in self._heard)


class Learnt:
    """What is found out once and serves every probe of a build, for as long as it stands.

    Networks change in the midst of a build: a portal appears, a laptop takes another way out. So
    what is known of ours stands for ``STANDS`` seconds, later for as long as the build had lasted
    when it was learnt, and only until our own way out is lost.
    """

    def __init__(self, line: LineState) -> None:
        self._line = line
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._at: dict[str, float] = {}
        self._anew: Counter[str] = Counter()
        self._began: float | None = None
        self._doubted = 0.0

    def learn(
        self,
        key: str,
        ask: Callable[[], Coroutine[Any, Any, Any]],
        *,
        after: float = 0.0,
        always: bool = False,
    ) -> "asyncio.Task[Any]":
        """What was learnt under a key, or is being asked for.

        ``after``: it has to have been asked no earlier, if that is not wished too often.
        ``always``: it is not about our own network, so it stands until the end.
        """
        task, now = self._tasks.get(key), asyncio.get_running_loop().time()
        if task is not None and task.done() and not always:
            if self._at[key] < after and self._anew[key] < MOST_ANEW:
                self._anew[key] += 1
                task = None
            elif not self._stands(key, now):
                task = None
        if task is None:
            self._at[key] = now
            self._began = now if self._began is None else self._began
            task = self._tasks[key] = asyncio.ensure_future(ask())
        return task

    def _stands(self, key: str, now: float) -> bool:
        at = self._at[key]
        if now <= at + EVERY:
            return True
        until = at + max(STANDS, at - (self._began or 0.0))
        return now <= until and at >= self._doubted and not self._line.fell_since(at)

    def known(self, key: str) -> Any:  # noqa: ANN401  # whatever was asked for
        """What was learnt under a key; None where that is not known yet."""
        task = self._tasks.get(key)
        return task.result() if task and task.done() and not task.cancelled() else None

    def forget(self, key: str) -> None:
        """It stands no longer: somebody knows why."""
        if key in self._tasks and self._tasks[key].done():
            del self._tasks[key]

    def doubt(self, since: float) -> None:
        """Something of ours failed that had begun then: what was learnt before stands no longer."""
        self._doubted = max(self._doubted, since)

    def close(self) -> None:
        """Ask no more."""
        for task in self._tasks.values():
            task.cancel()


class Ticker:
    """Asks a control during silences: at most one question a second, ``MOST`` in all."""

    def __init__(self, line: LineState, ask: Callable[[], Awaitable[bool | None]]) -> None:
        self._line, self._ask = line, ask
        self._waiting: list[float] = []
        self._task: asyncio.Task[None] | None = None
        self._watch: LinkWatch | None = None
        self._asked = 0

    def begin(self) -> float:
        """Somebody waits for an answer from now on; returns when that is."""
        if self._watch is None:
            self._watch = LinkWatch(self._line.fell)
            self._line.look = self._watch.look
        began = asyncio.get_running_loop().time()
        if not self._waiting or began > self._waiting[-1] + _TOGETHER:
            self._watch.look()  # what was before is not his
            began = asyncio.get_running_loop().time()
        self._waiting.append(began)
        if self._task is None and self._asked < MOST:
            self._task = asyncio.ensure_future(self._run())
        return began

    def end(self, began: float) -> None:
        """He does no longer."""
        self._waiting.remove(began)
        if not self._waiting:
            self._rest()

    def close(self) -> None:
        """Ask no more, and look at nothing any more."""
        self._rest()
        if self._watch is not None:
            self._watch.close()

    def _rest(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        ticks: set[asyncio.Task[None]] = set()
        try:
            while self._asked < MOST:
                quiet = max(self._line.flowed, min(self._waiting, default=0.0)) + FIRST
                if (left := quiet - loop.time()) > 0:
                    await asyncio.sleep(left)
                    continue
                self._asked += 1
                tick = asyncio.ensure_future(self._line.tick(self._ask))
                ticks.add(tick)
                tick.add_done_callback(ticks.discard)
                await asyncio.sleep(EVERY)
        finally:
            for tick in ticks:
                tick.cancel()
