"""How far a run is, and what it has kept."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sotokara.core.observation import Observation
from sotokara.core.places import SANDBOX
from sotokara.engine.plan import Plan
from sotokara.ledger import Writer
from sotokara.network.queues import Queued

if TYPE_CHECKING:
    from sotokara.engine.batch_run import Far
    from sotokara.ledger.batches import StoredBatch


class Progress:
    """What is under way."""

    def __init__(self) -> None:
        self.asked = self.settled = 0
        self.running: dict[str, float] = {}
        self.batches: Callable[[], list[Far]] = list
        """The definitions with many subjects that are under way."""
        self.queued: Callable[[], list[Queued]] = list
        """The questions that wait for each registry by now."""

    def slowest(self) -> tuple[str, float] | None:
        """The question longest under way, and for how many seconds."""
        running = dict(self.running)
        if not running:
            return None
        name = min(running, key=running.__getitem__)
        return name, time.monotonic() - running[name]


class RunFile:
    """One build's observations on their way to the ledger. Its methods may block."""

    def __init__(
        self,
        writer: Writer,
        plan: Plan,
        aside: Writer | None = None,
        draft: Callable[[str], Writer | None] = lambda _: None,
    ) -> None:
        """``aside``: for what was seen in the sandbox, where that is not the build's own place.

        ``draft``: for what was asked by a page that is not published; None for other pages.
        """
        self._writer, self._plan, self._aside, self._draft = writer, plan, aside, draft
        self._drafts: dict[str, Writer | None] = {}
        self.kept: list[Observation] = []
        self._taken = False
        self.batches: list[StoredBatch] = []
        """Those that this build has measured."""
        self.path: Path | None = None
        """The run file, once it is complete."""

    def writing(self) -> bool:
        """Whether it has begun to write, and so keeps all others from that."""
        return self._writer.writing

    def keep(self, done: list[tuple[Observation, list[str]]]) -> None:
        """Write a batch: each observation with the places that cite it.

        :raises LedgerError: when the disk refuses.
        """
        indoors = [one for one in done if self._aside and one[0].vantage.name == SANDBOX]
        if self._aside and indoors:
            self._aside.append(indoors)
            done_here = [one for one in done if one[0].vantage.name != SANDBOX]
        else:
            done_here = done
        self._writer.append([one for one in done_here if not self._is_draft(one)])
        self.kept += [observation for observation, _ in done]

    def _is_draft(self, one: tuple[Observation, list[str]]) -> bool:
        """Write it apart where an unpublished page has asked it."""
        page = one[1][0].rpartition("#")[0] if one[1] else ""
        if page not in self._drafts:
            self._drafts[page] = self._draft(page)
        writer = self._drafts[page]
        if writer is not None:
            writer.append([one])
        return writer is not None

    def batched(self, kept: "StoredBatch") -> None:
        """Count a batch that this build has kept."""
        self.batches.append(kept)

    def taken(self, observation: Observation) -> None:
        """Count what another host has kept, whose run is in the ledger already."""
        self._taken = True
        self.kept.append(observation)

    def close(self) -> None:
        """Complete the run file, and give each figure's observation its id.

        :raises LedgerError: when the disk refuses.
        """
        self.path = self._writer.close() or self.path
        if self._taken:
            self._writer.refresh()
        kept = self._writer.kept()
        if self._aside:
            self._aside.close()
            kept |= self._aside.kept()
        for writer in filter(None, self._drafts.values()):
            writer.close()
        for figure in self._plan.asked():
            if figure.now is not None and (one := kept.get(id(figure.now))):
                figure.now = msgspec.structs.replace(
                    figure.now, id=one.id, facts_digest=one.facts, raw_digest=one.raw
                )


def finished(end: "Future[None]", seconds: float) -> bool:
    """Whether something has ended, well or not, after waiting so long for it."""
    try:
        end.result(seconds)
    except TimeoutError:
        return end.done()
    except Exception:  # noqa: BLE001  # raised again by the caller's own result()
        return True
    return True
