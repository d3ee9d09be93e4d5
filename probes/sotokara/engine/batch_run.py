"""Measuring a batch: quickly where its kind has a quick way, else as every figure is measured.

The quick way is believed for plain answers alone. Whatever else comes in a crowd (a silence, a
SERVFAIL, a truncated message) is asked again by the ordinary prober, few at a time, when the crowd
is over: what a figure would say of a name alone is what the batch says of it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

from sotokara.core.canonical import canonical
from sotokara.core.collector import without_collector
from sotokara.core.hidden import hide_zeros
from sotokara.core.observation import (
    Exchange,
    Failure,
    Observation,
    Outcome,
    ProbeFailure,
    milliseconds,
)
from sotokara.core.settings import Settings
from sotokara.engine.batch import Batch
from sotokara.engine.figure import Figure, Node
from sotokara.engine.prober import Prober
from sotokara.kinds.interface import Kind
from sotokara.kinds.parts import Quick, quick_of
from sotokara.ledger.batch_rows import BatchRow, pack_exchange, row_of
from sotokara.ledger.batches import StoredBatch
from sotokara.network.crowd import Crowd, Heard
from sotokara.network.dns_client import Server

PORTION = 10_000
"""Subjects that are asked in one go, and held until they are on disk."""
_CALM = 64
"""Questions under way at once when what failed in the crowd is asked again."""
_FEWER = 4
"""By so much fewer at once each further time."""
_SHORT = 2_000
"""Subjects of one go where each is asked as a figure is."""
_MEDIA = "application/dns-message"
InThread = Callable[[Callable[[], object]], Awaitable[object]]


class Stopped(Exception):  # noqa: N818  # it carries why the batch goes no further in this build
    """The batch is not whole: what is there is kept, and the next build goes on from it."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.name)
        self.failure = failure


class Far:
    """How many of a batch's subjects have come to something, and how quickly."""

    def __init__(self, place: str, subjects: int) -> None:
        self.place, self.subjects, self.done, self.before = place, subjects, 0, 0
        self._since = time.monotonic()

    @property
    def rate(self) -> float:
        """Subjects a second in this build."""
        return (self.done - self.before) / max(time.monotonic() - self._since, 0.001)

    @property
    def left(self) -> float:
        """Seconds until all are done, at this rate."""
        return (self.subjects - self.done) / self.rate if self.rate else 0.0


class Holds(Protocol):
    """Where rows go: a batch's writer, or what a worker sends back."""

    done: int

    def begin(self) -> Iterator[str]:
        """What need not be asked again, in order."""

    def add(self, rows: Sequence[BatchRow]) -> None:
        """Take in rows."""

    def finish(self) -> StoredBatch | None:
        """Complete what was taken in."""


class BatchRun:
    """One batch's measuring. ``disk``: lets the ledger's own thread do something."""

    def __init__(
        self, settings: Settings, batch: Batch, prober: Prober, writer: Holds, disk: InThread
    ) -> None:
        self._settings, self._batch, self._prober = settings, batch, prober
        self._writer, self._disk = writer, disk
        self._node = Node(batch.definition)
        subjects = batch.subjects.asked if batch.subjects else []
        self.far = Far(batch.definition.place, len(subjects))

    async def measure(self) -> StoredBatch | None:
        """Ask all that an earlier build has not, and complete the batch.

        :raises Stopped: where our own side fails: the rest is left for another build.
        :raises LedgerError: when the disk refuses.
        """
        todo = await self._todo()
        if not todo and not self._writer.done:
            return None
        failure = await self._prober.control.verdict()
        if failure is not None and failure.name == "no_network":
            raise Stopped(failure)
        quick = quick_of(self._batch.definition.kind)
        way = await self._quick(quick, todo[0]) if quick and todo else None
        left = await way.ask_all(todo) if way else todo
        for portion in _portions(left, PORTION if way else _SHORT):
            if way:
                await self._alone(portion, min(_CALM, int(way.fewest)))
            else:
                told = await self._ordinary(portion, self._settings.concurrency)
                await self._keep([row for _, row in told])
        found = await self._disk(self._writer.finish)
        assert found is None or isinstance(found, StoredBatch)  # noqa: S101  # what it returns
        return found

    async def _todo(self) -> list[str]:
        asked = self._batch.subjects.asked if self._batch.subjects else []
        begun = await self._disk(lambda: without(asked, self._writer.begin(), self._batch.masked))
        assert isinstance(begun, list)  # noqa: S101  # what it returns
        self.far.done = self.far.before = len(asked) - len(begun)
        return begun

    async def _keep(self, rows: list[BatchRow]) -> None:
        """Bring rows to disk; nothing where none of them was measured.

        :raises Stopped: in that case: the network is away, and later it may not be.
        """
        ours = [row.failure for row in rows if row.outcome == Outcome.NOT_MEASURED.value]
        away = [one for one in ours if one and one.name in ("no_network", "resolver_unreachable")]
        if rows and len(away) == len(rows):
            raise Stopped(away[0])
        await self._disk(lambda: self._writer.add(rows))
        self.far.done += len(rows)

    async def _alone(self, keys: Sequence[str], most: int) -> None:
        """Ask what failed in the crowd again, ever fewer at once while that makes some answer.

        Where fewer at once made nobody answer who had not, it is not the crowd: then it is so.
        """
        while True:
            told = await self._ordinary(keys, most)
            failed = [(key, row) for key, row in told if row.outcome != Outcome.ANSWERED.value]
            cleared = len(told) - len(failed)
            if not failed or not cleared or most == 1:
                await self._keep([row for _, row in told])
                return
            await self._keep([row for _, row in told if row.outcome == Outcome.ANSWERED.value])
            keys, most = [key for key, _ in failed], max(most // _FEWER, 1)

    async def _ordinary(self, keys: Sequence[str], most: int) -> list[tuple[str, BatchRow]]:
        """Ask each as a figure is asked, ``most`` at once."""
        waiting = iter(keys)
        told: list[tuple[str, BatchRow]] = []

        async def work() -> None:
            for key in waiting:
                row = await self._one(key)
                told.append((key, row))

        async with asyncio.TaskGroup() as group:
            for _ in range(min(most, self._settings.concurrency, len(keys))):
                group.create_task(work())
        return told

    async def _one(self, key: str) -> BatchRow:
        target, options, asked = self._batch.of_key(key)
        figure = Figure(self._node, target, asked, None, self._batch.redactor, self._batch.place)
        seen: Observation = await self._prober.observe(figure, lambda: None)
        return row_of(seen, self._batch.masked(target), options)

    async def _quick(self, quick: Quick, first: str) -> "_QuickWay | None":
        """The quick way, where all subjects go to one server that may be asked."""
        asked = self._batch.of_key(first)[2] if self._batch.question_is_fixed else None
        named = quick.server(asked) if asked is not None else None
        if named is None:
            return None
        network, resolver = self._prober.network, named.address == ""
        server = await self._believed(named)
        if server is None:
            return None
        most = self._settings.bulk.under_way if resolver else self._settings.per_server
        known = await quick.known(network.for_probe(), resolver=resolver)
        try:
            crowd = Crowd(server, most, network.ways)
        except OSError:
            return None
        return _QuickWay(self, quick, (server, crowd, known))

    async def _believed(self, named: Server) -> Server | None:
        """The server that is asked in a crowd; None where its answers need the ordinary way.

        That is where policy refuses it, somebody else answers in its place, or the resolver is not
        believed: the prober says so of each subject.
        """
        network = self._prober.network
        if named.address == "":
            if not network.resolvers or await self._prober.control.denial():
                return None
            return network.resolvers[0]
        try:
            network.policy.check(named.address)
        except ProbeFailure:
            return None
        return None if await network.intercepted(v6=":" in named.address) else named


class _QuickWay:
    """The quick way to one server."""

    def __init__(self, run: BatchRun, quick: Quick, there: tuple[Server, Crowd, object]) -> None:
        self._run, self._quick = run, quick
        self._server, self._crowd, self._known = there

    @property
    def fewest(self) -> float:
        """The fewest questions that the server was asked at once, for it kept up with no more."""
        return self._crowd.fewest

    async def ask_all(self, keys: Sequence[str]) -> list[str]:
        """Ask, keep what is answered plainly; what has to be asked again alone."""
        left: list[str] = []
        try:
            for portion in _portions(keys, PORTION):
                rows, more = await self._portion(portion)
                left += more
                if rows:
                    await self._run._keep(rows)  # noqa: SLF001  # its other half
        finally:
            self._crowd.close()
        return left

    async def _portion(self, keys: Sequence[str]) -> tuple[list[BatchRow], list[str]]:
        run = self._run
        of_key, again = run._batch.of_key, self._quick.again  # noqa: SLF001
        first = of_key(keys[0])[2]
        asked = [again(first, key) or of_key(key)[2] for key in keys]
        put = [self._quick.questions(one) for one in asked]
        wires = [wire for several in put for _, wire in several]
        began, wall = time.monotonic(), time.time()
        heard = await self._crowd.ask(wires)
        with without_collector():
            return self._read(keys, asked, put, heard, wall - began)

    def _read(
        self,
        keys: Sequence[str],
        asked: Sequence[Kind],
        put: Sequence[Sequence[tuple[str, bytes]]],
        heard: Sequence[Heard | None],
        epoch: float,
    ) -> tuple[list[BatchRow], list[str]]:
        """The rows of plain answers, and the subjects that have to be asked again alone."""
        run = self._run
        hidden = run._batch.definition.hidden  # noqa: SLF001
        # A reply has its question in it, so what is to be masked in one is in the other.
        replies = [(number, one.received) for number, one in enumerate(heard) if one is not None]
        touched = run._prober.touched([one for _, one in replies], hidden)  # noqa: SLF001
        mask = {replies[number][0] for number in touched}
        rows: list[BatchRow] = []
        left: list[str] = []
        at = 0
        for key, question, several in zip(keys, asked, put, strict=True):
            these = range(at, at + len(several))
            own = heard[at : at + len(several)]
            at += len(several)
            hides = bool(mask) and not mask.isdisjoint(these)
            row = self._row(question, several, own, epoch, mask=hides)
            if row is None:
                left.append(key)
            else:
                rows.append(row)
        return rows, left

    def _row(
        self,
        question: Kind,
        put: Sequence[tuple[str, bytes]],
        heard: Sequence[Heard | None],
        epoch: float,
        *,
        mask: bool,
    ) -> BatchRow | None:
        """What plain answers come to; None where one is missing or says more than is read here."""
        if any(one is None for one in heard):
            return None
        told = [one for one in heard if one is not None]
        first = min(one.sent for one in told)
        exchanges = [
            Exchange(
                step,
                self._server.name,
                "udp",
                wire,
                one.received,
                None,
                milliseconds(one.sent - first),
                milliseconds(one.seconds),
                _MEDIA,
            )
            for (step, wire), one in zip(put, told, strict=True)
        ]
        run = self._run
        exchanges = self._quick.complete(exchanges, self._known)
        if mask and run._batch.masked(question.target) != question.target:  # noqa: SLF001
            return None
        if mask:
            exchanges = run._prober.masked(exchanges, run._batch.definition.hidden)  # noqa: SLF001
        reading = self._quick.read(question, exchanges)
        if reading is None:
            reading = hide_zeros(question.parse(exchanges), exchanges)
        if reading.failure is not None or reading.facts is None:
            return None
        return BatchRow(
            question.target,
            round((epoch + first) * 1000),
            round(max(one.sent + one.seconds - first for one in told) * 1000),
            Outcome.ANSWERED.value,
            None,
            "",
            canonical(reading.facts),
            canonical(reading.volatile) if reading.volatile else b"",
            tuple(map(pack_exchange, exchanges)),
        )


def _portions(keys: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(keys), size):
        yield keys[at : at + size]


def without(asked: list[str], known: Iterator[str], masked: Callable[[str], str]) -> list[str]:
    """The subjects that are not among those known, which are in order, and masked."""
    there = set(known)
    if not there:
        return asked

    def shown(key: str) -> str:
        target, tab, options = key.partition("\t")
        return masked(target) + tab + options

    return [key for key in asked if shown(key) not in there]
