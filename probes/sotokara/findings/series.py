"""Numbers that differ each time, over days: how fast a host answered, and what was lost.

They are no change of the host, so the history's states do not show them. A window is cut into
columns of equal length; a column in which nobody measured is left out, never drawn as nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from statistics import median
from typing import NamedTuple

from sotokara.core.observation import Outcome
from sotokara.kinds.interface import Sample
from sotokara.ledger.turns import ObservationRow

_START = itemgetter(0)  # of a row
COLUMNS = 120
MOST = 2000
"""Observations that are read: of more, every second or third, and so on."""


class Column(NamedTuple):
    """One part of the window (milliseconds since 1970) and what was measured in it."""

    start: int
    end: int
    seen: int
    """How many observations."""
    lost: float
    """The share of questions without an answer, from 0 to 1, each observation counting alike."""
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    """The lowest, the median and the highest value; None where nothing answered."""


class Series(NamedTuple):
    """The columns in which something was measured, in order.

    ``step``: 2 where every second observation was read, and so on.
    """

    columns: Sequence[Column]
    step: int = 1


def series(
    rows: Sequence[ObservationRow],
    start: int,
    end: int,
    sample: Callable[[ObservationRow], Sample | None],
) -> Series:
    """The series of a window; ``sample`` gives an answer's numbers, None where it has none.

    A silence of the target counts as all lost. What was not measured counts for nothing.
    """
    within = [row for row in rows if start <= row.start <= end and not row.question]
    within.sort(key=_START)
    step = -(-len(within) // MOST) or 1
    width = max(1, -(-(end - start) // COLUMNS))
    parts: dict[int, list[Sample]] = {}
    for row in within[::step]:
        if (found := _sampled(row, sample)) is not None:
            parts.setdefault((row.start - start) // width, []).append(found)
    return Series(list(_columns(parts, start, end, width)), step)


def _sampled(
    row: ObservationRow, sample: Callable[[ObservationRow], Sample | None]
) -> Sample | None:
    if row.outcome is Outcome.ANSWERED:
        return sample(row)
    return Sample(None, 1.0) if row.outcome is Outcome.NO_ANSWER else None


def _columns(parts: dict[int, list[Sample]], start: int, end: int, width: int) -> Iterator[Column]:
    for at, samples in sorted(parts.items()):
        values = [one.value for one in samples if one.value is not None]
        begins = start + at * width
        yield Column(
            begins,
            min(begins + width, end),
            len(samples),
            sum(one.lost for one in samples) / len(samples),
            min(values, default=None),
            median(values) if values else None,
            max(values, default=None),
        )
