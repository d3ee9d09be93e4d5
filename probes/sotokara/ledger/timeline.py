"""One figure over time: every observation of it in order, in short, and what it held."""

from itertools import pairwise
from typing import Any, NamedTuple

from sotokara.core.observation import FAILURES, Facts, Observation, Outcome
from sotokara.ledger.identity import Identity, figure_rows
from sotokara.ledger.index import IndexEntry, Shows
from sotokara.ledger.index_update import OUTCOMES
from sotokara.ledger.lines import RunLine, UnreadableError
from sotokara.ledger.reader import Ledger
from sotokara.ledger.turns import ObservationRow, ends, says, turn

__all__ = ["ObservationRow", "Timeline", "says", "turn"]

_ANSWERED = OUTCOMES.index(Outcome.ANSWERED)
_OURS = OUTCOMES.index(Outcome.NOT_MEASURED)


class FormerQuestion(NamedTuple):
    """A question that a place asked before, as it was kept, and its last observation."""

    kind: str
    definition: dict[str, Any]
    last: ObservationRow


class Timeline:
    """All observations of a figure from the vantages that ``shows`` lets count.

    ``who``: the digest of a question alone, or a place with all that it has asked.
    """

    def __init__(self, ledger: Ledger, who: str | Identity, shows: Shows) -> None:
        """:raises LedgerError: for a run file that does not parse."""
        self._ledger = ledger
        identity = Identity(who) if isinstance(who, str) else who
        self.rows, self._names = figure_rows(ledger.index, identity, shows)
        failures = {row[2] for row in self.rows} - {None}
        if ours := set(filter(self._is_ours, failures)):
            own = [row._replace(how=_OURS) if row[2] in ours else row for row in self.rows]
            self.rows = own
        self._answered: list[ObservationRow] | None = None
        self._facts: dict[tuple[int, int], tuple[Facts | None, int]] = {}

    def _is_ours(self, failure: int | None) -> bool:
        """Whether a failure is one of our side, whatever it was kept as when it was observed."""
        name = self._ledger.index.name(failure)
        return FAILURES.get(name) is Outcome.NOT_MEASURED

    def answered(self) -> list[ObservationRow]:
        """Those with an answer; of neighbours with the same facts the first and the last."""
        if self._answered is None:
            every = ends(self.answered_rows())
            self._answered = [row for row in every if self.facts(row) is not None]
        return self._answered

    def as_now(self, row: ObservationRow) -> bool:
        """Whether the version of the kind that has read the newest answer has read this one."""
        newest = self.answered()[-1:]
        return not newest or self.reader(row) == self.reader(newest[0])

    def answered_rows(self) -> list[ObservationRow]:
        """All of those with an answer."""
        return list(filter(_answers, self.rows))

    def answered_by(self, end: int, start: int = 0) -> ObservationRow | None:
        """The last one with an answer that began before ``end``, and not before ``start`` (ms)."""
        rows = (one for one in reversed(self.rows) if start <= one[0] < end and _answers(one))
        return next((row for row in rows if self.facts(row) is not None), None)

    def clocks_disagree(self, before: ObservationRow, after: ObservationRow) -> bool:
        """Whether a clock was wrong: a later run has an earlier time, of these two or beside them.

        The rows stand in the order of the runs.
        """
        at, to = self.rows.index(before), self.rows.index(after)
        near = [*self.rows[max(0, at - 1) : at + 1], *self.rows[to : to + 2]]
        return any(later.start < earlier.start for earlier, later in pairwise(near))

    def facts(self, row: ObservationRow) -> Facts | None:
        """What was found then; None where it cannot be read.

        :raises LedgerError: when the object is missing or altered.
        """
        return self._read(row)[0]

    def reader(self, row: ObservationRow) -> int:
        """Which version of the kind has read a row's facts; two are not compared.

        :raises LedgerError: when the object is missing or altered.
        """
        return self._read(row)[1]

    def _read(self, row: ObservationRow) -> tuple[Facts | None, int]:
        if row.facts is None:
            return None, 0
        key = (row.facts, row.question)
        if key not in self._facts:
            try:
                self._facts[key] = self._ledger.read(self.line(row))
            except UnreadableError as error:
                self._ledger.unread[self.entry(row).id] = str(error)
                self._facts[key] = None, 0
        return self._facts[key]

    def asked(self, row: ObservationRow) -> tuple[str, dict[str, Any]] | None:
        """The kind and the definition of a former question; None for the one of today."""
        if not row.question:
            return None
        return self._ledger.definition(self._names[row.question])

    @staticmethod
    def says(row: ObservationRow) -> tuple[Any, ...]:
        """What a row says: what came of it, the failure, the facts, and to which question."""
        said: tuple[Any, ...] = says(row)
        return said

    def former(self) -> list[FormerQuestion]:
        """The questions that the place asked before, the first one first."""
        last = {row.question: row for row in self.rows if row.question}
        every = sorted(last.values(), key=self.rows.index)
        return [FormerQuestion(*found, row) for row in every if (found := self.asked(row))]

    def failure(self, row: ObservationRow) -> str:
        """The name of the failure, or nothing."""
        return self._ledger.index.name(row.failure)

    def entry(self, row: ObservationRow) -> IndexEntry:
        """The row with its names."""
        found = self._ledger.index.at(row.run, row.line)
        assert found is not None  # noqa: S101  # the row came from there
        return found

    def line(self, row: ObservationRow) -> RunLine:
        """The whole line."""
        return self._ledger.line(self.entry(row))

    def observation(self, row: ObservationRow, *, raw: bool = False) -> Observation:
        """The whole observation."""
        return self._ledger.observation(self.line(row), raw=raw)


def _answers(row: ObservationRow) -> bool:
    return row[1] == _ANSWERED and row[3] is not None
