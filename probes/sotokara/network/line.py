"""Our own line, second by second: what is known of it during a silence.

Answers from outside show that it is there. Where none comes while somebody waits, a control is
asked once a second (``Ticker``); a tick that is lost shows that the line was away, or loses
packets. What the system tells of our own interface and routes counts at once (link.py).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from sotokara.network.link import LinkWatch

FIRST = 0.6
"""Seconds of silence before the first tick."""
EVERY = 1.0
MOST = 60
"""Ticks of one build."""
PATIENCE = 1.0
"""Seconds until a tick counts as lost."""
_TOGETHER = 0.02
"""Seconds within which several begin as one."""
_KEPT = 4096


class Line:
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


class Ticker:
    """Asks a control during silences: at most one question a second, ``MOST`` in all."""

    def __init__(self, line: Line, ask: Callable[[], Awaitable[bool | None]]) -> None:
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
