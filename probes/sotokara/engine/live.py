"""The half of a run that lives in the loop's thread: asks what is ready, keeps what was seen."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from sotokara.core.mistakes import AuthorError, SettingMistake
from sotokara.core.observation import Failure, Observation
from sotokara.core.settings import Settings
from sotokara.engine.engines import Engines, Where
from sotokara.engine.figure import Figure, Node
from sotokara.engine.plan import Plan
from sotokara.engine.prober import Prober
from sotokara.engine.recall import Recall
from sotokara.engine.run_state import Progress, RunFile
from sotokara.ledger import RunLine
from sotokara.network.sockets import probes_at_once

if TYPE_CHECKING:  # loaded where a definition has many subjects, or another host measures
    from sotokara.engine.batch_live import LiveBatches, Recalled
    from sotokara.engine.remote import InThread

_BATCH_SECONDS = 0.03
"""Until what was seen first is written; later batches are what comes while one is written."""


class Live:
    """The half of a run that lives in the loop's thread."""

    def __init__(  # noqa: PLR0913, PLR0917  # what a run is made of
        self,
        settings: Settings,
        plan: Plan,
        recall: Recall,
        progress: Progress,
        file: RunFile,
        engines: "Callable[[InThread, Callable[[Prober], None]], Engines]",
        recalled: "Callable[[], Recalled]",
    ) -> None:
        """``engines``: makes them of what writes evidence, and of who watches our own network.

        ``recalled``: gives what the ledger has of batches.
        """
        self._settings, self._plan, self._recall = settings, plan, recall
        self._most = probes_at_once(settings.concurrency)
        self._progress, self._file = progress, file
        self._tasks: set[asyncio.Task[None]] = set()
        self._apart: set[asyncio.Task[None]] = set()
        """Those that need no network of this machine's own."""
        self._where = Where(settings)
        self._engines = engines(self._in_ledger, self._watched)
        self._many: LiveBatches | None = None
        self._recalled = recalled
        self._long: set[asyncio.Task[None]] = set()
        """Those of batches, which no deadline ends."""
        self._same: dict[str, list[Figure]] = {}
        self._seen: dict[str, Observation] = {}
        """What this build has measured, by question."""
        self._line: deque[Figure] = deque()
        """Figures ready to be asked that wait for their turn."""
        self._under_way = 0
        self._idle = asyncio.Event()
        self._offline: Failure | None = None
        self._late: Failure | None = None
        """All probes' time is up."""
        self._disk = ThreadPoolExecutor(1, "ledger")
        self._writing: set[asyncio.Future[None]] = set()
        self._complete_already = False
        self._batch: list[tuple[Observation, list[str]]] = []
        self._error: Exception | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._flush: asyncio.TimerHandle | None = None

    def take(self, step: Callable[[], list[Figure]]) -> None:
        """Let the plan take a step and ask what is ready."""
        try:
            self._ask_all(step())
        except Exception as error:  # noqa: BLE001  # raised where the build waits for it
            self._fail(error)

    def _ask_all(self, figures: list[Figure]) -> None:
        figures += self._ask_many()
        while figures:
            figure = figures.pop()
            if self._known(figure):
                figures += self._plan.answered(figure)
            elif (key := self._key(figure)) in self._same:
                self._same[key].append(figure)
            else:
                self._same[key] = [figure]
                self._progress.asked += 1
                self._line.append(figure)
            figures += self._ask_many()
        self._next()

    def _ask_many(self) -> list[Figure]:
        """Begin with the batches that are due; the figures that those known already release."""
        released: list[Figure] = []
        for node in self._plan.due():
            batch = node.batch
            assert batch is not None  # noqa: S101  # only batches are due
            batch.look_up()
            if self._recalled().knows(batch):
                released += self._plan.asked_many(node)
                continue
            task = self._start(self._observe_batch(node))
            self._long.add(task)
            self._apart.add(task)
        return released

    def _batches(self) -> "LiveBatches":
        """What measures the definitions with many subjects."""
        if self._many is None:
            from sotokara.engine.batch_live import LiveBatches

            self._many = many = LiveBatches(
                self._settings, self._recalled(), self._on_disk, self._engines.sandbox
            )
            self._progress.batches = lambda: list(many.far.values())
        return self._many

    async def _observe_batch(self, node: Node) -> None:
        await self._batches().observe(node)
        if node.batch is not None and node.batch.fresh and node.batch.now is not None:
            self._file.batched(node.batch.now)
        self._ask_all(self._plan.asked_many(node))

    async def _on_disk(self, step: Callable[[], object]) -> object:
        """Let the ledger's own thread take a step of a batch."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, step)

    def _known(self, figure: Figure) -> bool:
        """Whether the ledger, or an earlier figure of this build, answers without asking."""
        definition, settings = figure.node.definition, self._settings
        if definition.common.pin:
            self._recall.show(figure, self._recall.seen(figure))
            return True
        if not self._where.measured(figure):
            place = figure.place
            self._recall.show(figure, self._recall.seen(figure))
            if figure.now is None:
                here = place in ("", self._settings.vantage)
                detail = "only is set" if here else f"measured from {place} alone"
                figure.failure = Failure("vantage_elsewhere", "vantage", detail)
            return True
        if measured := self._seen.get(self._key(figure)):
            self._give(figure, measured)
            return True
        max_age = settings.max_age if definition.max_age is None else definition.max_age
        if settings.mode != "new" and not max_age:
            return False
        seen = self._recall.seen(figure)
        if seen is None or (
            settings.mode == "live" and not self._recall.young(figure, seen, max_age)
        ):
            return False
        self._recall.show(figure, seen)
        return True

    def _next(self) -> None:
        """Begin with as many of the line as ``concurrency`` allows."""
        while self._line and self._under_way < self._most and not self._error:
            self._under_way += 1
            figure = self._line.popleft()
            task = self._start(self._observe(figure))
            if self._where.apart(figure):
                self._apart.add(task)

    def _start(self, coroutine: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._apart.discard(task)
        self._long.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._fail(error)
        if not self._tasks:
            self._idle.set()

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or (error if isinstance(error, Exception) else None)
        for task in self._tasks:
            task.cancel()
        self._idle.set()

    def _watched(self, prober: Prober) -> None:
        self._progress.queued = prober.queued
        self._start(self._watch(prober))

    async def _watch(self, prober: Prober) -> None:
        """Learn early that there is no network, so that no probe waits out its own deadline."""
        failure = await prober.control.verdict()
        if failure and failure.name == "no_network":
            self._offline = failure
            self._cancel(self._tasks - self._apart)

    def _too_late(self) -> None:
        self._late = Failure("deadline_exceeded", "build", f"{self._settings.deadline:g} s")
        self._cancel(self._tasks - self._long)

    def _given_up(self, figure: Figure) -> Failure | None:
        """Why a figure need not be asked any more: other places do without our own network."""
        return self._late or (None if self._where.apart(figure) else self._offline)

    @staticmethod
    def _cancel(under_way: set[asyncio.Task[None]]) -> None:
        tasks = [task for task in under_way if task is not asyncio.current_task()]

        def cancel() -> None:
            for task in tasks:
                task.cancel()

        # A task that is cancelled before it began leaves no observation, so let all begin first.
        asyncio.get_running_loop().call_soon(cancel)

    def _key(self, figure: Figure) -> str:
        """What makes one measurement do for several figures: question, what is hidden, place."""
        place = figure.place or self._settings.vantage
        definition = figure.node.definition
        apart = definition.page if definition.unpublished else ""
        return f"{figure.digest} {definition.common.redact} {place} {apart}"

    async def _observe(self, figure: Figure) -> None:
        if self._deadline is None:
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self._settings.deadline, self._too_late)
        name = figure.node.definition.place
        try:
            self._progress.running[name] = time.monotonic()
            earlier = self._recall.remembered(figure)
            cited = [one.node.definition.place for one in self._same[self._key(figure)]]
            seen = await self._engines.observe(
                figure, lambda: self._given_up(figure), earlier, cited
            )
            self._settle(figure, seen)
        except SettingMistake as mistake:
            definition = figure.node.definition
            where = definition.page, definition.line
            self._plan.mistakes.append(AuthorError(*where, mistake.what, mistake.hint))
            failure = Failure("permission_denied", "settings")
            self._settle(figure, self._engines.unasked(figure, failure))
        except asyncio.CancelledError:
            if (failure_of_all := self._given_up(figure)) is None:
                raise
            self._settle(figure, self._engines.unasked(figure, failure_of_all))
        finally:
            self._progress.running.pop(name, None)
            self._under_way -= 1
            self._next()

    def _settle(self, figure: Figure, observation: Observation) -> None:
        self._progress.settled += 1
        same = self._same[self._key(figure)]
        if observation.id:  # a host of ours has kept it, and so do we
            self._file.taken(observation)
        else:
            self._batch.append((observation, [one.node.definition.place for one in same]))
        if self._batch and self._flush is None and not self._writing:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(_BATCH_SECONDS, self._keep)
        self._seen[self._key(figure)] = observation
        for one in same:
            self._give(one, observation)
            self._ask_all(self._plan.answered(one))

    def _give(self, figure: Figure, measured: Observation) -> None:
        """Show what was measured; in an article of another place's day, what was seen there."""
        if self._recall.fits(figure, measured):
            answered = measured.outcome.has_facts
            figure.now = measured
            figure.last = None if answered else self._recall.last_answered(figure)
        else:
            self._recall.show(figure, self._recall.seen(figure))

    def _keep(self) -> None:
        self._flush = None
        batch, self._batch = self._batch, []
        if batch:
            self._write(self._file.keep, batch)

    async def _in_ledger(self, step: Callable[[], list[RunLine]]) -> list[RunLine]:
        """Let the ledger's own thread take in what another host has kept."""
        return await asyncio.get_running_loop().run_in_executor(self._disk, step)

    def _write(self, step: Callable[..., None], *given: object) -> None:
        """Let the ledger's own thread take a step: a slow disk must not delay what is measured."""
        loop = asyncio.get_running_loop()
        writing = loop.run_in_executor(self._disk, step, *given)
        self._writing.add(writing)
        writing.add_done_callback(self._written)

    def _written(self, writing: "asyncio.Future[None]") -> None:
        self._writing.discard(writing)
        if not writing.cancelled() and (error := writing.exception()):
            self._fail(error)
        elif self._batch and not self._complete_already:  # what came meanwhile
            self._keep()

    async def end(self) -> None:
        """All is asked when no task is left: then keep the rest and complete the run."""
        while self._tasks and not self._error:
            self._idle.clear()
            await self._idle.wait()
        await self._complete()
        if self._error:
            raise self._error

    async def cancel(self) -> None:
        """Stop everything at once; what is complete is kept."""
        self._line.clear()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._complete()
        self._disk.shutdown(wait=False)
        self._engines.close()
        if self._many is not None:
            self._many.close()
        for handle in (self._deadline, self._flush):
            if handle is not None:
                handle.cancel()

    async def _complete(self) -> None:
        """Write what is left and give the run its name; not again when it is stopped meanwhile."""
        for step in (self._keep, lambda: self._write(self._file.close)):
            if not self._error and not self._complete_already:
                step()
            while self._writing:
                await asyncio.wait(self._writing)
                await asyncio.sleep(0)  # for their callbacks
        self._complete_already = True
        self._seen.clear()  # the figures have what they show
