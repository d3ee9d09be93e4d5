"""One question over time: every observation of it in order, in short, and what it held."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import compress, count, pairwise
from operator import itemgetter, ne
from typing import NamedTuple

from sotokara.core.observation import Facts, Observation, Outcome
from sotokara.ledger.index import Entry, Shows, moment
from sotokara.ledger.index_update import OUTCOMES
from sotokara.ledger.lines import RunLine, UnreadableError
from sotokara.ledger.reader import Ledger


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


_ANSWERED = OUTCOMES.index(Outcome.ANSWERED)
says = itemgetter(1, 2, 3)
"""What a row says: what came of it, the failure, the facts."""


class Timeline:
    """All observations of a question from the places that ``shows`` lets count."""

    def __init__(self, ledger: Ledger, question: str, shows: Shows) -> None:
        """:raises LedgerError: for a run file that does not parse."""
        self._ledger, self._question = ledger, question
        self.rows = list(map(Row._make, ledger.index.rows(question, shows)))
        self._facts: dict[int, Facts | None] = {}

    def answered(self) -> list[Row]:
        """Those with an answer; of neighbours with the same facts the first and the last."""
        found = ends(list(filter(_answers, self.rows)))
        return [row for row in found if self.facts(row) is not None]

    def answered_by(self, end: int) -> Row | None:
        """The last one with an answer that began before ``end`` (milliseconds)."""
        found = (row for row in reversed(self.rows) if row[0] < end and _answers(row))
        return next((row for row in found if self.facts(row) is not None), None)

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


def ends(rows: list[Row]) -> list[Row]:
    """Of neighbours that say the same only the first and the last: a year is a few dozen rows."""
    edges = [0, *turns(rows), len(rows)]
    found = (rows[start : end : max(1, end - start - 1)] for start, end in pairwise(edges))
    return [row for pair in found for row in pair]


def turns(rows: list[Row]) -> Iterator[int]:
    """Where in the list a row says something other than the one before it."""
    said = list(map(says, rows))
    return compress(count(1), map(ne, said[1:], said))


def turn(rows: list[Row], holds: Callable[[Row], bool | None]) -> tuple[Row | None, Row | None]:
    """The last row for which something held, and the first after it for which it did not.

    Rows where it cannot be said (None) are passed over. (None, first) where it never held.
    """
    first = None
    for row in reversed(ends(rows)):
        held = holds(row)
        if held:
            return row, first
        if held is not None:
            first = row
    return None, first
