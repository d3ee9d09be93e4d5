"""The run: asks what the plan has ready, at once, within limits, and keeps what was seen.

One background thread holds one event loop and one network for the build; articles go on being
rendered meanwhile. In ``replay`` there is no thread, no loop and no socket: the ledger answers.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from pathlib import Path

import msgspec

from probes.definition import Definition
from probes.figures import Figure
from probes.ledger import Ledger, Seen, Shows
from probes.live import Live
from probes.observation import Failure, Observation
from probes.pin import pinned
from probes.plan import Plan
from probes.settings import Settings

_REMEMBERED = 50
"""Observations of one question that a kind is told of."""


class Progress:
    """What is under way: read by whoever shows it, from any thread."""

    def __init__(self) -> None:
        self.asked = self.settled = 0
        self.running: dict[str, float] = {}

    def slowest(self) -> tuple[str, float] | None:
        """The question longest under way, and for how many seconds."""
        running = dict(self.running)
        if not running:
            return None
        name = min(running, key=running.__getitem__)
        return name, time.monotonic() - running[name]


class Run:
    """One build's measuring."""

    def __init__(
        self, settings: Settings, ledger: Ledger, plan: Plan, *, shown: bool = True
    ) -> None:
        self.settings, self.ledger, self.plan = settings, ledger, plan
        self.progress = Progress()
        self.kept: list[Observation] = []
        self.file: Path | None = None
        """The run file, once it is complete."""
        self._writer = ledger.write(settings.vantage, shown=shown)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._live: Live | None = None

    def add(self, definitions: Iterable[Definition]) -> None:
        """Take in one page's definitions and start what can start."""
        definitions = list(definitions)
        if definitions:
            self._in_loop(lambda: self.plan.add(definitions))

    def finish(self, show: Callable[[Progress], None], every: float = 0.1) -> None:
        """Wait for everything, calling ``show`` meanwhile, and close the run file.

        :raises LedgerError: when what was seen cannot be kept.
        :raises KeyboardInterrupt: at once when the author stops; what was complete is kept.
        """
        self._in_loop(self.plan.close)
        if self._live is None or self._loop is None:
            return
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop).result()  # closed by now
        if self.plan.mistakes and not self.plan.lenient:
            self.stop()
            return
        end = asyncio.run_coroutine_threadsafe(self._live.end(), self._loop)
        try:
            while not _finished(end, every):
                show(self.progress)
            end.result()
        finally:
            self.stop()

    def stop(self) -> None:
        """Cancel what is under way, keep what is complete, end the thread. Safe to call again."""
        if self._loop is None or self._thread is None or self._live is None:
            return
        loop, self._loop = self._loop, None
        asyncio.run_coroutine_threadsafe(self._live.cancel(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join()
        loop.close()

    def _in_loop(self, step: Callable[[], list[Figure]]) -> None:
        """Let the plan take a step: here in replay, else in the loop's thread."""
        if self.settings.mode == "replay":
            self._replay(step())
            return
        if self._loop is None:
            self._loop = asyncio.SelectorEventLoop()  # Windows' default one reads no sockets
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="probes", daemon=True
            )
            self._thread.start()
            self._live = Live(self)
        live = self._live
        assert live is not None  # noqa: S101  # made with the loop
        self._loop.call_soon_threadsafe(lambda: live.take(step))

    def _replay(self, figures: list[Figure]) -> None:
        while figures:
            figure = figures.pop()
            self.from_ledger(figure, self.seen(figure))
            figures += self.plan.answered(figure)

    def seen(self, figure: Figure) -> Seen | None:
        """What the ledger has of a figure's question, from places whose evidence may stand for it.

        A pinned definition has its one observation, whatever came after.
        """
        if figure.node.definition.common.pin:
            return pinned(self.ledger, figure, self.shows(figure), self.plan.mistakes)
        return self.ledger.seen(figure.digest, self.shows(figure))

    def shows(self, figure: Figure) -> Shows:
        """Whether evidence from a vantage may stand for a figure.

        A definition that names its vantage is shown from there alone; no other is ever shown from
        a test network, where the same names and addresses are others' (unless we are in it).
        """
        settings, named = self.settings, figure.node.definition.common.vantage
        if named:
            return lambda vantage: vantage == named
        hidden = set(settings.test_vantages) - {settings.vantage}
        return lambda vantage: vantage not in hidden

    def memory(self, figure: Figure) -> list[Observation]:
        """The last observations of a question whose kind builds on them, with their raw.

        From any vantage and of any outcome: a message sent to somebody stays sent, however the
        builds after it went.
        """
        if figure.question is None or not figure.question.remembers():
            return []
        entries = self.ledger.index.entries(figure.digest)[-_REMEMBERED:]
        return [self.ledger.observation(self.ledger.line(one), raw=True) for one in entries]

    def from_ledger(self, figure: Figure, seen: Seen | None) -> None:
        """Give a figure what the ledger has."""
        if seen is None:
            figure.failure = Failure("never_observed")
            return
        definition = figure.node.definition
        raw = definition.style in definition.kind.from_raw
        figure.now = self.ledger.observation(seen.last, raw=raw)
        if seen.answered and seen.answered is not seen.last:
            figure.last = self.ledger.observation(seen.answered, raw=raw)

    def keep(self, done: list[tuple[Observation, list[str]]]) -> None:
        """Write a batch to the ledger."""
        self._writer.append(done)
        self.kept += [observation for observation, _ in done]

    def close(self) -> None:
        """Complete the run file."""
        self.file = self._writer.close() or self.file
        ids = self._writer.ids()
        for figure in self.plan.figures():
            if figure.now is not None and (name := ids.get(id(figure.now))):
                figure.now = msgspec.structs.replace(figure.now, id=name)


def _finished(end: "Future[None]", seconds: float) -> bool:
    try:
        end.result(seconds)
    except TimeoutError:
        return end.done()
    except Exception:  # noqa: BLE001  # raised again by the caller's own result()
        return True
    return True
