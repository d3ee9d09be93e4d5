"""One question over time: every observation of it in order, in short, and what it held."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from probes.ledger.index import OUTCOMES, Entry, Shows, moment
from probes.ledger.lines import Line
from probes.ledger.reader import Ledger
from probes.observation import Facts, Observation, Outcome


class Row(NamedTuple):
    """One observation; ``facts``, ``failure``, ``raw`` and ``run`` are numbers of the index."""

    start: int
    how: int
    failure: int | None
    facts: int | None
    raw: int | None
    run: int
    line: int

    @property
    def moment(self) -> datetime:
        """When it began, UTC."""
        return moment(self.start)

    @property
    def outcome(self) -> Outcome:
        """What came of it."""
        return OUTCOMES[self.how]


class Timeline:
    """All observations of a question from the places that ``shows`` lets count."""

    def __init__(self, ledger: Ledger, question: str, shows: Shows) -> None:
        """:raises LedgerError: for a run file that does not parse."""
        self._ledger, self._question = ledger, question
        self.rows = [Row._make(row) for row in ledger.index.rows(question, shows)]
        self._facts: dict[int, Facts | None] = {}

    def answered(self) -> list[Row]:
        """Those with an answer."""
        answered = OUTCOMES.index(Outcome.ANSWERED)
        return [row for row in self.rows if row.how == answered and row.facts is not None]

    def facts(self, row: Row) -> Facts | None:
        """What was found then.

        :raises LedgerError: when the object is missing or of a newer Sotokara.
        """
        if row.facts is None:
            return None
        if row.facts not in self._facts:
            self._facts[row.facts] = self._ledger.facts(self.line(row))
        return self._facts[row.facts]

    def failure(self, row: Row) -> str:
        """The name of the failure, or nothing."""
        return self._ledger.index.name(row.failure)

    def entry(self, row: Row) -> Entry:
        """The row with its names."""
        found = self._ledger.index.at(row.run, row.line)
        assert found is not None  # noqa: S101  # the row came from there
        return found

    def line(self, row: Row) -> Line:
        """The whole line."""
        return self._ledger.line(self.entry(row))

    def observation(self, row: Row, *, raw: bool = False) -> Observation:
        """The whole observation."""
        return self._ledger.observation(self.line(row), raw=raw)


def turn(rows: list[Row], holds: Callable[[Row], bool | None]) -> tuple[Row | None, Row | None]:
    """The last row for which something held, and the first after it for which it did not.

    Rows where it cannot be said (None) are passed over. (None, first) where it never held.
    """
    first = None
    for row in reversed(rows):
        held = holds(row)
        if held:
            return row, first
        if held is not None:
            first = row
    return None, first
