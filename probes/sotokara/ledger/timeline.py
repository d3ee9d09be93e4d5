"""One question over time: every observation of it in order, in short, and what it held."""

from sotokara.core.observation import FAILURES, Facts, Observation, Outcome
from sotokara.ledger.index import Entry, Shows
from sotokara.ledger.index_update import OUTCOMES
from sotokara.ledger.lines import RunLine, UnreadableError
from sotokara.ledger.reader import Ledger
from sotokara.ledger.turns import Row, ends, says, turn

__all__ = ["Row", "Timeline", "says", "turn"]

_ANSWERED = OUTCOMES.index(Outcome.ANSWERED)
_OURS = OUTCOMES.index(Outcome.NOT_MEASURED)


class Timeline:
    """All observations of a question from the places that ``shows`` lets count."""

    def __init__(self, ledger: Ledger, question: str, shows: Shows) -> None:
        """:raises LedgerError: for a run file that does not parse."""
        self._ledger, self._question = ledger, question
        self.rows = list(map(Row._make, ledger.index.rows(question, shows)))
        failures = {row[2] for row in self.rows} - {None}
        if ours := set(filter(self._is_ours, failures)):
            own = [row._replace(how=_OURS) if row[2] in ours else row for row in self.rows]
            self.rows = own
        self._facts: dict[int, Facts | None] = {}

    def _is_ours(self, failure: int | None) -> bool:
        """Whether a failure is one of our side, whatever it was kept as when it was observed."""
        name = self._ledger.index.name(failure)
        return FAILURES.get(name) is Outcome.NOT_MEASURED

    def answered(self) -> list[Row]:
        """Those with an answer; of neighbours with the same facts the first and the last."""
        return [row for row in ends(self.answered_rows()) if self.facts(row) is not None]

    def answered_rows(self) -> list[Row]:
        """All of those with an answer."""
        return list(filter(_answers, self.rows))

    def answered_by(self, end: int, start: int = 0) -> Row | None:
        """The last one with an answer that began before ``end``, and not before ``start`` (ms)."""
        rows = (one for one in reversed(self.rows) if start <= one[0] < end and _answers(one))
        return next((row for row in rows if self.facts(row) is not None), None)

    def facts(self, row: Row) -> Facts | None:
        """What was found then; None where it cannot be read.

        :raises LedgerError: when the object is missing or altered.
        """
        if row.facts is None:
            return None
        if row.facts not in self._facts:
            try:
                self._facts[row.facts] = self._ledger.facts(self.line(row))
            except UnreadableError as error:
                self._ledger.unread[self.entry(row).id] = str(error)
                self._facts[row.facts] = None
        return self._facts[row.facts]

    def failure(self, row: Row) -> str:
        """The name of the failure, or nothing."""
        return self._ledger.index.name(row.failure)

    def entry(self, row: Row) -> Entry:
        """The row with its names."""
        found = self._ledger.index.at(row.run, row.line)
        assert found is not None  # noqa: S101  # the row came from there
        return found

    def line(self, row: Row) -> RunLine:
        """The whole line."""
        return self._ledger.line(self.entry(row))

    def observation(self, row: Row, *, raw: bool = False) -> Observation:
        """The whole observation."""
        return self._ledger.observation(self.line(row), raw=raw)


def _answers(row: Row) -> bool:
    return row[1] == _ANSWERED and row[3] is not None
