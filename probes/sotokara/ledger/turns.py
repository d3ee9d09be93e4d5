"""The rows of one question, and where in their order they say something else."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import compress, count, pairwise
from operator import itemgetter, ne
from typing import NamedTuple

from sotokara.core.observation import Outcome
from sotokara.ledger.index import index_time
from sotokara.ledger.index_update import OUTCOMES


class ObservationRow(NamedTuple):
    """One observation; ``facts``, ``failure``, ``raw``, ``run`` are numbers of the index."""

    start: int
    how: int
    failure: int | None
    facts: int | None
    raw: int | None
    run: int
    line: int
    question: int = 0
    """0: what is asked today; else the number of a question that the same place asked before."""

    @property
    def moment(self) -> datetime:
        """When it began, UTC."""
        return index_time(self.start)

    @property
    def outcome(self) -> Outcome:
        """What came of it."""
        return OUTCOMES[self.how]


says = itemgetter(1, 2, 3, 7)
"""What a row says: what came of it, the failure, the facts, and to which question."""


def ends(
    rows: list[ObservationRow], said: Callable[[ObservationRow], object] = says
) -> list[ObservationRow]:
    """Of neighbours that say the same only the first and the last: a year is a few dozen rows."""
    edges = [0, *turns(rows, said), len(rows)]
    found = (rows[start : end : max(1, end - start - 1)] for start, end in pairwise(edges))
    return [row for pair in found for row in pair]


def turns(
    rows: list[ObservationRow], said: Callable[[ObservationRow], object] = says
) -> Iterator[int]:
    """Where in the list a row says something other than the one before it."""
    every = list(map(said, rows))
    return compress(count(1), map(ne, every[1:], every))


def turn(
    rows: list[ObservationRow],
    holds: Callable[[ObservationRow], bool | None],
    said: Callable[[ObservationRow], object] = says,
) -> tuple[ObservationRow | None, ObservationRow | None]:
    """The last row for which something held, and the first after it for which it did not.

    Rows where it cannot be said (None) are passed over. (None, first) where it never held.
    """
    first = None
    for row in reversed(ends(rows, said)):
        held = holds(row)
        if held:
            return row, first
        if held is not None:
            first = row
    return None, first
