"""What few pages have, each loaded with the first page that has it: a build starts sooner so."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sotokara.core.mistakes import AuthorError
from sotokara.core.settings import Settings
from sotokara.definitions.definition import Definition
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.engine.run import Run
from sotokara.findings.evaluate import Findings

if TYPE_CHECKING:
    from sotokara.engine.batch import Batch
    from sotokara.findings.batches import BatchFindings
    from sotokara.ledger.store import Store
    from sotokara.site.timelines import Timelines
    from sotokara.transcripts.transcript import Transcripts


def evidence_store(settings: Settings, root: Path) -> "Store | None":
    """Where the rows of batches are kept beside the evidence; None: in it."""
    if not settings.store.address:
        return None
    from sotokara.ledger.store import store_of

    return store_of(settings, root)


class RareParts:
    """Transcripts, time lines and definitions with many subjects, of one build's pages.

    ``pages``: the folder of the pages.
    """

    def __init__(self, settings: Settings, pages: Path, plan: Plan, run: Run) -> None:
        self._settings, self._pages, self._plan, self._run = settings, pages, plan, run
        self._transcripts: Transcripts | None = None
        self.batches: dict[Batch, BatchFindings] = {}
        """What all observations of each definition with many subjects say."""

    @cached_property
    def timelines(self) -> "Timelines":
        """The ``timeline`` blocks of all pages."""
        from sotokara.site.timelines import Timelines

        return Timelines()

    def take(self, definition: Definition) -> tuple[list[AuthorError], list[AuthorError]]:
        """Take in a definition's transcript, and its list of subjects: mistakes, warnings."""
        mistakes: list[AuthorError] = []
        warnings: list[AuthorError] = []
        if definition.common.transcript is not None or definition.common.of_transcript:
            from sotokara.transcripts.transcript import Transcripts

            if self._transcripts is None:
                self._transcripts = Transcripts(self._settings, self._run.ledger, self._pages)
            mistakes = self._transcripts.take(definition)
        if definition.each is not None:
            from sotokara.site.subjects import list_subjects

            warnings = list_subjects(definition, self._pages, self._settings, self._plan)
        return mistakes, warnings

    def evaluate(self) -> None:
        """Draw up the findings of batches, and the histories of time lines.

        :raises LedgerError: when the evidence cannot be read.
        """
        if any(self._plan.batches()):
            from sotokara.findings.batches import evaluate_batches

            self.batches |= evaluate_batches(self._plan)
        if "timelines" in self.__dict__:
            self.timelines.look_up(self._run, self._plan)

    def summaries(self) -> Iterator[tuple[Figure, Findings]]:
        """What stands for each batch where claims are listed."""
        if self.batches:
            from sotokara.findings.batches import summaries

            yield from summaries(self._plan, self.batches)

    def read_transcripts(self) -> list[AuthorError]:
        """Give each to its figure, and keep what is new; what an author should look at.

        :raises LedgerError: when the evidence cannot be read or kept.
        """
        return self._transcripts.read_all(self._plan) if self._transcripts is not None else []
