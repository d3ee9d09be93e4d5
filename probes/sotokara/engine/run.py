"""The run: asks what the plan has ready, at once, within limits, and keeps what was seen.

One background thread holds one event loop and one network for the build; articles go on being
rendered meanwhile. In ``replay`` there is no thread, no loop and no socket: the ledger answers.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sotokara.core.places import SANDBOX
from sotokara.core.settings import Settings
from sotokara.definitions.definition import Definition
from sotokara.engine.engines import Engines
from sotokara.engine.figure import Figure
from sotokara.engine.live import Live
from sotokara.engine.plan import Plan
from sotokara.engine.prober import Prober
from sotokara.engine.recall import Recall
from sotokara.engine.run_state import Progress, RunFile, finished
from sotokara.ledger import Ledger, Writer
from sotokara.ledger.drafts import Drafts, writers
from sotokara.network.clock import Loop

if TYPE_CHECKING:
    from sotokara.engine.batch_live import Recalled
    from sotokara.engine.remote import InThread
    from sotokara.ledger.store import Moved


class Run:
    """One build's measuring."""

    def __init__(  # noqa: PLR0913  # what a build is made of
        self,
        settings: Settings,
        ledger: Ledger,
        plan: Plan,
        root: Path | None = None,
        drafts: Drafts | None = None,
        *,
        shown: bool = True,
        pages: Path | None = None,
    ) -> None:
        """``root``: the folder that files in the settings are named from, mkdocs.yml's.

        ``shown``: what it measures is put on pages; ``sotokara run`` and ``status`` draw none.

        ``pages``: the folder of the pages, below which articles may name files.
        """
        self.settings, self.ledger, self.plan = settings, ledger, plan
        self._root, self.shown, self._pages = root or Path(), shown, pages
        self.progress = Progress()
        self.recall = Recall(settings, ledger, plan.mistakes, drafts)
        self._drafts = drafts
        self._many: Recalled | None = None
        aside = None
        if settings.vantage != SANDBOX and ledger.aside is not None:
            aside = Writer(ledger, SANDBOX, shown=shown, folder=ledger.aside)
        writer = Writer(ledger, settings.vantage, shown=shown)
        self.file = RunFile(writer, plan, aside, writers(drafts, settings.vantage, shown=shown))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._live: Live | None = None

    def add(self, definitions: Iterable[Definition]) -> None:
        """Take in one page's definitions and start what can start."""
        definitions = list(definitions)
        if definitions:
            self._in_loop(lambda: self.plan.add(definitions))

    def catch_up(self) -> None:
        """Wait until the plan has all definitions that were added."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop).result()

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
            while not finished(end, every):
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

    @property
    def moved(self) -> "list[Moved]":
        """What became of rows that are to be kept in a store."""
        return self._many.moved if self._many is not None else []

    def _recalled(self) -> "Recalled":
        """What the ledger has of batches."""
        if self._many is None:
            from sotokara.engine.batch_live import Recalled  # few pages have any

            self._many = Recalled(self.settings, self.ledger, self._drafts, self._root)
        return self._many

    def _in_loop(self, step: Callable[[], list[Figure]]) -> None:
        """Let the plan take a step: here in replay, else in the loop's thread."""
        if self.settings.mode == "replay":
            self._replay(step())
            return
        if self._loop is None:
            self._loop = Loop()
            self._thread = threading.Thread(
                target=self._loop.run_forever, name="probes", daemon=True
            )
            self._thread.start()
            self._live = self._alive()
        live = self._live
        assert live is not None  # noqa: S101  # made with the loop
        self._loop.call_soon_threadsafe(lambda: live.take(step))

    def _alive(self) -> Live:
        settings, ledger, root, shown = self.settings, self.ledger, self._root, self.shown

        def engines(keep: "InThread", watch: Callable[[Prober], None]) -> Engines:
            return Engines(
                settings, ledger, root, pages=self._pages, shown=shown, keep=keep, watch=watch
            )

        return Live(
            settings, self.plan, self.recall, self.progress, self.file, engines, self._recalled
        )

    def _replay(self, figures: list[Figure]) -> None:
        figures += self._recall_many()
        while figures:
            figure = figures.pop()
            self.recall.show(figure, self.recall.seen(figure))
            figures += self.plan.answered(figure) + self._recall_many()

    def _recall_many(self) -> list[Figure]:
        """Show what the ledger has of the batches that are due; the figures that they release."""
        released: list[Figure] = []
        for node in self.plan.due():
            if node.batch is not None:
                self._recalled().show(node.batch)
            released += self.plan.asked_many(node)
        return released
