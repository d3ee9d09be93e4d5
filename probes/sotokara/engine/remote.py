"""Measuring at places that are hosts of one's own: questions go there in portions, runs come back.

A portion that is lost is *not measured*, with the reason: what a host that went away has not said
is no silence of the target. It is not asked again elsewhere, for that would be another place.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from sotokara import __version__
from sotokara.core.observation import Failure, Observation, ProbeFailure, Vantage, now
from sotokara.core.places import DaskPlace
from sotokara.core.settings import Settings
from sotokara.engine import at_worker
from sotokara.engine.figure import Figure
from sotokara.engine.portion import Measured, Portion, PortionQuestion, pack, read_measured
from sotokara.ledger import Ledger
from sotokara.ledger.lines import RunLine
from sotokara.ledger.taking import Expected, Foreign, store_foreign_run
from sotokara.ledger.verify import Folder
from sotokara.network.cluster import Cluster, Work

_GATHER = 0.03
"""Seconds in which questions for a place are gathered into portions."""
_BESIDE = 20.0
"""Seconds that a portion may take beside its measuring: to begin, to be kept, to be sent."""
_ATTEMPTS = 2
"""That a probe makes; see prober.py."""

InThread = Callable[[Callable[[], list[RunLine]]], Awaitable[list[RunLine]]]
"""Lets the ledger's own thread do something."""


class Waiting(msgspec.Struct, eq=False):
    """A question on its way."""

    figure: Figure
    cited: list[str]
    came: asyncio.Future[Observation]


class Remote:
    """The engine ``dask`` of one build. ``keep``: where the ledger's files are written."""

    def __init__(
        self, settings: Settings, ledger: Ledger, root: Path, keep: InThread, *, shown: bool
    ) -> None:
        self._settings, self._ledger, self._keep, self._shown = settings, ledger, keep, shown
        self._places: Mapping[str, DaskPlace] = {
            name: place for name, place in settings.places.items() if isinstance(place, DaskPlace)
        }
        self._cluster = Cluster(settings.dask, root)
        self._waiting: dict[str, list[Waiting]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def reaches(self, place: str) -> bool:
        """Whether this engine measures at a place."""
        return place in self._places

    def check(self) -> None:
        """:raises SettingMistake: where the settings do not suffice for a connection."""
        self._cluster.check()

    async def observe(self, figure: Figure, cited: list[str]) -> Observation:
        """Measure one figure's question at its place; what was measured is kept already."""
        if figure.asked is not None and figure.asked.remembers():
            detail = "what builds on earlier observations is asked from the build's own place alone"
            return unmeasured(figure, Failure("policy_refused", "places", detail))
        loop = asyncio.get_running_loop()
        came: asyncio.Future[Observation] = loop.create_future()
        waiting = self._waiting.setdefault(figure.place, [])
        waiting.append(Waiting(figure, cited, came))
        if len(waiting) == 1:
            loop.call_later(_GATHER, self._flush, figure.place)
        elif len(waiting) >= self._settings.dask.portion:
            self._flush(figure.place)
        return await came

    def close(self) -> None:
        """End the connection; what is under way is not waited for."""
        for task in self._tasks:
            task.cancel()
        self._cluster.close()

    def _flush(self, place: str) -> None:
        portion = [one for one in self._waiting.pop(place, []) if not one.came.done()]
        if portion:
            task = asyncio.ensure_future(self._send(place, portion))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, place: str, waiting: Sequence[Waiting]) -> None:
        portion = self._portion(place, waiting)
        name, since = self._places[place].worker or place, now()
        work: Work = at_worker.measure
        try:
            payload = pack(portion)
            back = await self._cluster.send(name, work, payload, portion.seconds + _BESIDE)
            seen = await self._taken(read_measured(back, portion), portion, waiting, since)
        except ProbeFailure as failed:
            seen = [unmeasured(one.figure, failed.failure) for one in waiting]
        except Exception as error:  # noqa: BLE001  # raised again where each question is waited for
            for one in waiting:
                if not one.came.done():
                    one.came.set_exception(error)
            return
        for one, observation in zip(waiting, seen, strict=True):
            if not one.came.done():
                one.came.set_result(observation)

    def _portion(self, place: str, waiting: Sequence[Waiting]) -> Portion:
        settings = self._settings
        longest = max(one.figure.asked.timeout_factor for one in waiting if one.figure.asked)
        queued = settings.registry_pause * len(waiting) * 2
        most = settings.timeout * longest * _ATTEMPTS + queued
        try:
            signers = Folder(str(self._ledger.folder)).read("signers")
        except OSError:
            signers = b""
        return Portion(
            __version__,
            place,
            self._shown,
            min(most, settings.deadline),
            list(settings.redact),
            signers,
            [_asked(one) for one in waiting],
        )

    async def _taken(
        self, measured: Measured, portion: Portion, waiting: Sequence[Waiting], since: datetime
    ) -> list[Observation]:
        """The observations that came back, kept as they are.

        :raises ProbeFailure: ``place_differs`` where they are not what was asked for.
        """
        if not measured.run:
            return [
                unmeasured(one.figure, failure or Failure("place_differs", "dask"))
                for one, failure in zip(waiting, measured.failures, strict=True)
            ]
        foreign = Foreign(measured.run, measured.content, measured.signature, measured.objects)
        digests = [one.figure.digest for one in waiting]
        expected = Expected(portion.place, digests, [one.cited for one in waiting], since, now())
        try:
            lines = await self._keep(lambda: store_foreign_run(self._ledger, foreign, expected))
        except ValueError as error:
            raise ProbeFailure("place_differs", "dask", str(error)) from error
        return [self._ledger.observation(line, raw=True) for line in lines]


def unmeasured(figure: Figure, failure: Failure) -> Observation:
    """The observation that nothing was measured at a place, and why."""
    assert figure.question is not None  # noqa: S101  # only figures with a question are asked
    software = f"sotokara {__version__}, {figure.question.software}"
    return figure.unmeasured(failure, Vantage(figure.place, software, "dask"))


def _asked(one: Waiting) -> PortionQuestion:
    figure, definition = one.figure, one.figure.node.definition
    assert figure.asked is not None  # noqa: S101  # only figures with a question are asked
    options = msgspec.to_builtins(figure.asked)
    target = options.pop("target")
    return PortionQuestion(
        definition.kind.name,
        target,
        options,
        definition.page,
        definition.line,
        definition.id,
        definition.lang,
        definition.common.redact,
        one.cited,
    )
