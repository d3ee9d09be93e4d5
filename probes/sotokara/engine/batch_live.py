"""The batches of one build: what the ledger has of them, and their measuring beside the figures."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from sotokara.core.extras import MissingExtraError
from sotokara.core.observation import Failure, ProbeFailure, now
from sotokara.core.places import SANDBOX, DaskPlace
from sotokara.core.settings import Settings
from sotokara.engine.batch import Batch
from sotokara.engine.batch_run import BatchRun, Far, InThread, Stopped
from sotokara.engine.batch_share import Share, measure, share_for_local_worker
from sotokara.engine.batch_spread import Spread
from sotokara.engine.figure import Node
from sotokara.engine.prober import Prober
from sotokara.ledger import Ledger
from sotokara.ledger.batch_writer import BatchWriter
from sotokara.ledger.batches import Batches, StoredBatch, last_until, read_manifest
from sotokara.ledger.drafts import Drafts
from sotokara.ledger.store import Moved, put_away
from sotokara.network import local_cluster
from sotokara.network.cluster import Cluster
from sotokara.network.local_cluster import LocalWorkers

_WORTH, _CORES = 200_000, 4
"""Subjects and cores from which on processes of their own are worth their start."""
_WITHOUT_END = 1e9
"""Seconds: the deadline of a build's figures is not that of a batch, which may take hours."""


class Recalled:
    """What the ledger has of a definition's batches."""

    def __init__(
        self, settings: Settings, ledger: Ledger, drafts: Drafts | None, root: Path
    ) -> None:
        """``root``: mkdocs.yml's folder, which certificates are named from."""
        self._settings, self._ledger, self._drafts, self.root = settings, ledger, drafts, root
        self.moved: list[Moved] = []
        """What became of rows that are to be in a store."""

    def folder(self, batch: Batch) -> Path:
        """Where a batch is kept: the evidence, the sandbox's folder, or that of a draft."""
        if batch.definition.unpublished and self._drafts is not None:
            return self._drafts.ledger(batch.definition.page).folder
        if self.place(batch) == SANDBOX != self._settings.vantage and self._ledger.aside:
            return self._ledger.aside
        return self._ledger.folder

    def _batches(self, batch: Batch) -> Batches:
        """Where it is read from: of the sandbox also what the evidence has of it."""
        folder, ledger = self.folder(batch), self._ledger
        if folder not in (ledger.folder, ledger.aside):
            return Batches(folder)
        aside = ledger.aside if folder == ledger.aside else None
        return Batches(ledger.folder, aside, ledger.store, ledger.index)

    def put_away(self, batch: Batch, kept: StoredBatch) -> StoredBatch:
        """Take the rows that wait for it to their store; the batch as it is said to be kept since.

        :raises LedgerError: when the disk refuses.
        """
        if self.folder(batch) != self._ledger.folder or self._ledger.store is None:
            return kept
        self.moved += put_away(self._ledger.folder, self._ledger.store)
        manifest = read_manifest(self._ledger.folder / f"{kept.path}.json")
        return kept._replace(manifest=manifest)

    def place(self, batch: Batch) -> str:
        """The vantage that it is measured at, and shown from."""
        return batch.place or self._settings.vantage

    def far(self, batch: Batch) -> bool:
        """Whether one of the author's hosts measures it."""
        own = self._settings.places.get(batch.place)
        return isinstance(own, DaskPlace) and not batch.definition.unpublished

    def show(self, batch: Batch, fresh: StoredBatch | None = None) -> None:
        """Give a batch what there is: this build's, else the last one; and its article's day's."""
        batches = self._batches(batch)
        place = self.place(batch)
        every = batches.of(batch.digest, lambda one: one == place)
        batch.read = batches.rows
        batch.file = batches.file
        batch.public = self._settings.store.public
        batch.now = fresh or (every[-1] if every else None)
        batch.fresh = fresh is not None
        written = batch.definition.written
        if written is not None and batch.now is not None:
            end = datetime.combine(written, time(), UTC) + timedelta(days=1)
            then = last_until(every, end)
            batch.then = then if then is not None and then.path != batch.now.path else None
        if batch.now is None and batch.failure is None:
            batch.failure = Failure("never_observed")

    def knows(self, batch: Batch) -> bool:
        """Whether the ledger has what need not be asked again; then it is shown."""
        if batch.failure is not None:
            self.show(batch)
            return True
        settings, definition, place = self._settings, batch.definition, self.place(batch)
        here = batch.place in ("", settings.vantage, SANDBOX)
        elsewhere = not here and not self.far(batch)
        if elsewhere or (settings.only and place not in settings.only):
            self.show(batch)
            if batch.now is None:
                detail = f"measured from {place} alone" if elsewhere else "only is set"
                batch.failure = Failure("vantage_elsewhere", "vantage", detail)
            return True
        max_age = settings.max_age if definition.max_age is None else definition.max_age
        if settings.mode != "new" and not max_age:
            return False
        every = self._batches(batch).of(batch.digest, lambda one: one == place)
        whole = [one.manifest.first for one in every if one.manifest.whole]
        oldest, present = now() - timedelta(seconds=max_age), now()
        young = any(oldest <= one <= present for one in whole)  # later: by a wrong clock
        known = bool(whole) if settings.mode == "new" else young
        if known:
            self.show(batch)
        return known


class LiveBatches:
    """Measures batches in the loop's thread. ``disk``: lets the ledger's own thread work."""

    def __init__(
        self,
        settings: Settings,
        recalled: Recalled,
        disk: InThread,
        sandbox: Callable[[], Awaitable[Prober]],
    ) -> None:
        self._settings, self._recalled, self._disk = settings, recalled, disk
        self._sandbox = sandbox
        self._cluster: Cluster | None = None
        self._prober: Prober | None = None
        self.far: dict[str, Far] = {}
        """How far each one under way is, by its place."""
        self._turn = asyncio.Lock()
        """One after the other: two crowds would slow each other."""

    async def observe(self, node: Node) -> None:
        """Measure one batch, or say why not.

        :raises LedgerError: when the disk refuses.
        """
        batch = node.batch
        assert batch is not None  # noqa: S101  # the caller has looked
        async with self._turn:
            try:
                prober = await self._of(batch)
                batch.failure = self._refused(batch)
                fresh = None if batch.failure else await self._measured(batch, prober)
            except MissingExtraError as missing:
                batch.failure, fresh = Failure("extra_missing", "each", str(missing)), None
            except Stopped as stopped:
                batch.failure, fresh = stopped.failure, None
            except ProbeFailure as failed:
                batch.failure, fresh = failed.failure, None
        if fresh is not None:
            put, recalled = fresh, self._recalled
            fresh = cast("StoredBatch", await self._disk(lambda: recalled.put_away(batch, put)))
        self._recalled.show(batch, fresh)

    def close(self) -> None:
        """Close all sockets."""
        if self._prober is not None:
            self._prober.close()
        if self._cluster is not None:
            self._cluster.close()

    def _refused(self, batch: Batch) -> Failure | None:
        allowed, name = self._settings.policy.kinds, batch.definition.kind.name
        if not allowed or name in allowed:
            return None
        return Failure("policy_refused", "policy", f"policy.kinds does not list {name}")

    async def _of(self, batch: Batch) -> Prober:
        if self._recalled.place(batch) == SANDBOX:
            return await self._sandbox()
        if self._prober is None:
            self._prober = Prober(replace(self._settings, deadline=_WITHOUT_END))
        return self._prober

    async def _measured(self, batch: Batch, prober: Prober) -> StoredBatch | None:
        place, far = self._recalled.place(batch), self._recalled.far(batch)
        head = batch.head(place, "dask" if far else "")
        writer = BatchWriter(self._recalled.folder(batch), head, batch.list_hash())
        workers = await self._host(batch) if far else await self._local(batch)
        run: BatchRun | Spread = BatchRun(self._settings, batch, prober, writer, self._disk)
        if workers is not None:
            run = Spread(self._settings, batch, (workers, place), writer, self._disk)
        self.far[batch.definition.place] = run.far
        try:
            return await run.measure()
        except BaseException:  # the author stops, or our own network is away: what is there is kept
            writer.flush()
            raise
        finally:
            writer.release()
            self.far.pop(batch.definition.place, None)
            if isinstance(workers, BatchWorkers):
                await asyncio.to_thread(workers.close)

    async def _host(self, batch: Batch) -> "_BuildHost":
        place = self._settings.places[batch.place]
        assert isinstance(place, DaskPlace)  # noqa: S101  # the caller has looked
        self._cluster = self._cluster or Cluster(self._settings.dask, self._recalled.root)
        self._cluster.check()
        worker = place.worker or batch.place
        return _BuildHost(self._cluster, worker, await self._cluster.count(worker))

    async def _local(self, batch: Batch) -> "BatchWorkers | None":
        """Workers of this machine, where they are worth their start."""
        count, cores = self._settings.bulk.workers, os.cpu_count() or 1
        many = len(batch.subjects.asked) if batch.subjects else 0
        if not count:
            count = cores if cores >= _CORES and many >= _WORTH else 1
        indoors = self._recalled.place(batch) == SANDBOX
        if count == 1 or indoors or not batch.question_is_fixed or not local_cluster.there():
            return None
        workers = BatchWorkers(self._settings, count)
        await workers.start()
        return workers


class BatchWorkers(LocalWorkers):
    """Workers beside the build, with its settings."""

    def __init__(self, settings: Settings, count: int) -> None:
        super().__init__(count, measure)
        self._settings, self._number = settings, count

    def share(self, share: Share) -> Share:
        """With the build's settings, and a part of its limits."""
        return share_for_local_worker(share, self._settings, self._number)


class _BuildHost:
    """A place of the author's: its workers, which have settings of their own."""

    def __init__(self, cluster: Cluster, worker: str, workers: int) -> None:
        self._cluster, self._worker = cluster, worker
        self.count = 2 * max(workers, 1)
        """Shares under way: each worker measures one, and one waits for it."""

    async def send(self, payload: bytes, seconds: float) -> bytes:
        """:raises ProbeFailure: where nothing came back."""
        return await self._cluster.send(self._worker, measure, payload, seconds)

    def share(self, share: Share) -> Share:
        """As it is."""
        return share
