"""A batch as tasks: on workers of this machine, or at one of one's own hosts (Dask).

Shares come back in any order and are merged by name. A worker of this machine that dies has its
share asked again by Dask; what a place has lost is *not measured*, as with figures: what was asked
twice would be another measurement.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from sotokara.core.observation import Failure, Outcome, ProbeFailure, now
from sotokara.core.settings import Settings
from sotokara.engine import batch_share
from sotokara.engine.batch import Batch
from sotokara.engine.batch_run import Far, InThread, Stopped, without
from sotokara.ledger.batch_rows import BatchRow
from sotokara.ledger.batch_writer import BatchWriter
from sotokara.ledger.batches import StoredBatch

SHARE = 5_000
"""Subjects of one task."""
_BESIDE = 60.0
"""Seconds that a share may take beside its asking: to begin, to be kept, to be sent."""


class Workers(Protocol):
    """Where shares are measured."""

    count: int
    """Shares under way at once."""

    async def send(self, payload: bytes, seconds: float) -> bytes:
        """:raises ProbeFailure: where nothing came back."""

    def share(self, share: batch_share.Share) -> batch_share.Share:
        """A share as these workers are given it."""


class Spread:
    """One batch's measuring on workers. ``disk``: lets the ledger's own thread do something."""

    def __init__(
        self,
        settings: Settings,
        batch: Batch,
        where: tuple[Workers, str],
        writer: BatchWriter,
        disk: InThread,
    ) -> None:
        """``where``: the workers, and the vantage that they are."""
        self._settings, self._batch = settings, batch
        self._workers, self._place = where
        self._writer, self._disk = writer, disk
        asked = batch.subjects.asked if batch.subjects else []
        self._asked = asked
        self.far = Far(batch.definition.place, len(asked))
        self._stopped: Failure | None = None

    async def measure(self) -> StoredBatch | None:
        """Ask all that an earlier build has not, and complete the batch.

        :raises Stopped: where a worker's own network fails: the rest is left for another build.
        :raises LedgerError: when the disk refuses.
        """
        begin, masked = self._writer.begin, self._batch.masked
        todo = await self._disk(lambda: without(self._asked, begin(), masked))
        assert isinstance(todo, list)  # noqa: S101  # what it returns
        self.far.done = self.far.before = len(self._asked) - len(todo)
        waiting = iter([todo[at : at + SHARE] for at in range(0, len(todo), SHARE)])

        async def work() -> None:
            for keys in waiting:
                if self._stopped is None:
                    await self._share(keys)

        async with asyncio.TaskGroup() as group:
            for _ in range(self._workers.count):
                group.create_task(work())
        if self._stopped is not None:
            raise Stopped(self._stopped)
        found = await self._disk(self._writer.finish)
        assert found is None or isinstance(found, StoredBatch)  # noqa: S101  # what it returns
        return found

    async def _share(self, keys: Sequence[str]) -> None:
        share = batch_share.share_of(self._batch, self._place, keys, self._settings)
        share = self._workers.share(share)
        since = now()
        try:
            each = self._settings.timeout * self._batch.definition.kind.timeout_factor
            back = await self._workers.send(batch_share.pack(share), each * len(keys) + _BESIDE)
            rows, failure = batch_share.rows_from(back, share, self._batch.masked, (since, now()))
        except ProbeFailure as lost:
            start = round(since.timestamp() * 1000)
            rows, failure = [self._lost(key, start, lost.failure) for key in keys], None
        self._stopped = self._stopped or failure
        if rows:
            await self._disk(lambda: self._writer.add(rows))
            self.far.done += len(rows)

    def _lost(self, key: str, start: int, failure: Failure) -> BatchRow:
        target, _, options = key.partition("\t")
        masked = self._batch.masked(target)
        return BatchRow(masked, start, 0, Outcome.NOT_MEASURED.value, failure, options)
