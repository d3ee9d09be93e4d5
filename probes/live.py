"""The half of a run that lives in the event loop's thread: asks, waits, judges, hands on.

Every measurement ends as an observation: answered, no answer, or not measured. A silence counts as
the target's only after the control has said that our own network is well.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import msgspec

from probes import __version__
from probes.kinds.interface import Kind
from probes.ledger import age
from probes.network import Network
from probes.network.control import Control
from probes.network.errors import named
from probes.observation import (
    Exchange,
    Failure,
    Observation,
    Outcome,
    ProbeFailure,
    Reading,
    Vantage,
    now,
)
from probes.plan import Figure
from probes.redaction import Redactor, own_addresses

if TYPE_CHECKING:
    from probes.run import Run

log = logging.getLogger("mkdocs.sotokara")

_BATCH_SECONDS = 0.25


class Live:
    """The half of a run that lives in the loop's thread."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._settings = run.settings
        self._tasks: set[asyncio.Task[None]] = set()
        self._same: dict[str, list[Figure]] = {}
        self._room = asyncio.Semaphore(run.settings.concurrency)
        self._network: Network | None = None
        self._control: Control | None = None
        self._redactor: Redactor | None = None
        self._offline: Failure | None = None
        self._batch: list[tuple[Observation, list[str]]] = []
        self._error: Exception | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._stopping = False

    def take(self, step: Callable[[], list[Figure]]) -> None:
        """Let the plan take a step and ask what is ready."""
        try:
            self._ask_all(step())
        except Exception as error:  # noqa: BLE001  # raised where the build waits for it
            self._fail(error)

    def _ask_all(self, figures: list[Figure]) -> None:
        while figures:
            figure = figures.pop()
            if self._known(figure):
                figures += self._run.plan.answered(figure)
            elif figure.digest in self._same:
                self._same[figure.digest].append(figure)
            else:
                self._same[figure.digest] = [figure]
                self._run.progress.asked += 1
                self._start(self._observe(figure))

    def _known(self, figure: Figure) -> bool:
        """Whether the ledger, or an earlier figure of this build, answers without asking."""
        definition, settings = figure.node.definition, self._settings
        earlier = self._same.get(figure.digest)
        if earlier and earlier[0].now:
            figure.now, figure.last, figure.failure = (
                earlier[0].now,
                earlier[0].last,
                earlier[0].failure,
            )
            return True
        if definition.common.vantage not in (None, settings.vantage):
            self._run.from_ledger(figure, self._run.ledger.seen(figure.digest), "")
            if figure.now is None:
                detail = f"measured from {definition.common.vantage} alone"
                figure.failure = Failure("vantage_elsewhere", "vantage", detail)
            return True
        max_age = settings.max_age if definition.max_age is None else definition.max_age
        if settings.mode != "new" and not max_age:
            return False
        seen = self._run.ledger.seen(figure.digest)
        if seen is None or (settings.mode == "live" and age(seen.last) > max_age):
            return False
        self._run.from_ledger(figure, seen, "")
        return True

    def _start(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or (error if isinstance(error, Exception) else None)
        for task in self._tasks:
            task.cancel()

    def _equip(self) -> Network:
        """The network, the control and the redactor, at the first question."""
        if self._network is None:
            self._network = Network(self._settings)
            self._control = Control(self._network)
            self._redactor = Redactor([*own_addresses(), *self._settings.redact])
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(self._settings.deadline, self._too_late)
            self._start(self._watch())
        return self._network

    async def _watch(self) -> None:
        """Learn early that there is no network, so that no probe waits out its own deadline."""
        assert self._control is not None  # noqa: S101
        failure = await self._control.verdict()
        if failure and failure.name == "no_network":
            self._give_up(failure)

    def _too_late(self) -> None:
        self._give_up(Failure("deadline_exceeded", "build", f"{self._settings.deadline:g} s"))

    def _give_up(self, failure: Failure) -> None:
        self._offline = failure
        for task in self._tasks:
            if task is not asyncio.current_task():
                task.cancel()

    async def _observe(self, figure: Figure) -> None:
        question = figure.question
        assert question is not None  # noqa: S101  # only figures with a question are ready
        network = self._equip()
        name = figure.node.definition.place
        start, began = now(), time.monotonic()
        exchanges: list[Exchange] = []
        try:
            async with self._room:
                self._run.progress.running[name] = began = time.monotonic()
                start = now()
                exchanges, reading = await self._measure(figure, question, network)
        except asyncio.CancelledError:
            if self._offline is None:
                raise
            reading = Reading(failure=self._offline)
        finally:
            self._run.progress.running.pop(name, None)
        observation = Observation(
            digest=figure.digest,
            definition=question.identity(),
            start=start,
            duration=round(time.monotonic() - began, 3),
            outcome=reading.failure.outcome if reading.failure else Outcome.ANSWERED,
            vantage=Vantage(self._settings.vantage, f"sotokara {__version__}, {question.software}"),
            version=question.version,
            failure=reading.failure,
            facts=reading.facts,
            volatile=reading.volatile,
            exchanges=tuple(exchanges),
        )
        self._settle(figure, observation)

    async def _measure(
        self, figure: Figure, question: Kind, network: Network
    ) -> tuple[list[Exchange], Reading]:
        """Measure, redact, read; then let the control judge a failure."""
        if self._offline:
            return [], Reading(failure=self._offline)
        allowed = self._settings.policy.kinds
        if allowed and question.name not in allowed:
            detail = f"policy.kinds does not list {question.name}"
            return [], Reading(failure=Failure("policy_refused", "policy", detail))
        exchanges: list[Exchange] = []
        assert self._redactor is not None  # noqa: S101  # made with the network
        redactor = self._redactor
        extra = figure.node.definition.common.redact
        if extra and not isinstance(extra, dict):
            more = [extra] if isinstance(extra, str) else extra
            redactor = Redactor([*own_addresses(), *self._settings.redact, *more])
        try:
            own = network.for_probe(question.patience)
            async with own.limit():
                exchanges = await question.measure(own)
            exchanges = [redactor.exchange(exchange) for exchange in exchanges]
            reading = question.parse(exchanges)
        except ProbeFailure as failed:
            reading = Reading(failure=redactor.failure(failed.failure))
        except (OSError, EOFError) as error:
            try:
                reading = Reading(failure=named(error, "measure"))
            except OSError:
                reading = self._bug(figure, error)
        except Exception as error:  # noqa: BLE001  # a bug of ours, shown as such
            reading = self._bug(figure, error)
        failure = reading.failure
        if failure and failure.outcome is Outcome.NO_ANSWER:
            reading = msgspec.structs.replace(
                reading, failure=await self._judged(failure, exchanges)
            )
        return exchanges, reading

    async def _judged(self, failure: Failure, exchanges: list[Exchange]) -> Failure:
        """The control's word on a silence: whose it is."""
        assert self._control is not None  # noqa: S101
        verdict = await self._control.verdict()
        if verdict is None:
            return failure
        by_resolver = all(exchange.server == "resolver" for exchange in exchanges)
        if verdict.name == "no_network" or by_resolver:
            return verdict
        return failure

    def _bug(self, figure: Figure, error: Exception) -> Reading:
        """An error nobody expected: the author sees it, and the page says it is ours."""
        log.error("%s: a bug in Sotokara", figure.node.definition.place, exc_info=error)
        return Reading(failure=Failure("internal_error", "measure", type(error).__name__))

    def _settle(self, figure: Figure, observation: Observation) -> None:
        self._run.progress.settled += 1
        same = self._same[figure.digest]
        last = None
        if observation.outcome is not Outcome.ANSWERED:
            seen = self._run.ledger.seen(figure.digest)
            if seen and seen.answered:
                last = self._run.ledger.observation(seen.answered, raw=True)
        self._batch.append((observation, [one.node.definition.place for one in same]))
        if self._flush is None:
            loop = asyncio.get_running_loop()
            self._flush = loop.call_later(_BATCH_SECONDS, self._keep)
        for one in same:
            one.now, one.last = observation, last
            self._ask_all(self._run.plan.answered(one))

    def _keep(self) -> None:
        self._flush = None
        batch, self._batch = self._batch, []
        try:
            self._run.keep(batch)
        except Exception as error:  # noqa: BLE001  # raised where the build waits for it
            self._fail(error)

    async def end(self) -> None:
        """All is asked when no task is left: then keep the rest and complete the run."""
        while self._tasks and not self._error:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        if not self._error:
            self._complete()
        if self._error:
            raise self._error

    async def cancel(self) -> None:
        """Stop everything at once; what is complete is kept."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self._error:
            self._complete()
        for one in (self._network, self._control):
            if one is not None:
                one.close()
        for handle in (self._deadline, self._flush):
            if handle is not None:
                handle.cancel()

    def _complete(self) -> None:
        if self._batch:
            self._keep()
        if not self._error:
            self._run.close()
