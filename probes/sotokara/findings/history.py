"""Over days: what was observed when, in intervals, and when nobody looked.

An interval joins observations that agree and lie close together. Two that lie further apart than
``bridge`` are never joined: what was in between is *not measured*. Where a neighbour of another
state is near, the change lies somewhere between the two observations and belongs to neither.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from operator import itemgetter, sub
from statistics import median
from typing import Literal, NamedTuple

from sotokara.core.observation import Outcome
from sotokara.findings.series import Series
from sotokara.ledger.turns import ObservationRow, says, turns

State = Literal["claimed", "otherwise", "undecided", "no_answer", "not_measured"]
_ANSWERED: dict[bool | None, State] = {True: "claimed", False: "otherwise", None: "undecided"}
_START = itemgetter(0)  # of a row
_LONGEST_BRIDGE = 25 * 3_600_000  # a daily round may be late by an hour
_SHORTEST_BRIDGE = 120_000


class Interval(NamedTuple):
    """From the first to the last observation that agree (milliseconds since 1970, UTC).

    ``first`` and ``last`` are None where nobody looked at all.
    """

    state: State
    start: int
    end: int
    first: ObservationRow | None = None
    last: ObservationRow | None = None
    seen: int = 0
    """How many observations."""


class History(NamedTuple):
    """The intervals of a window, in order, without overlap."""

    start: int
    end: int
    bridge: int
    intervals: list[Interval]
    clocks: bool = False
    """The order of the runs and the clocks contradict each other: some clock was wrong."""
    series: Series | None = None
    """Of kinds whose answers have numbers that differ each time."""


def bridge(starts: list[int]) -> int:
    """The longest time between two observations that still counts as looking (milliseconds).

    Two and a half times the usual distance; never more than 25 hours.
    """
    gaps = list(map(sub, starts[1:], starts))
    usual = int(median(gaps) * 2.5) if gaps else 0
    return min(max(usual, _SHORTEST_BRIDGE), _LONGEST_BRIDGE)


def history(
    rows: list[ObservationRow],
    start: datetime,
    end: datetime,
    claimed: Callable[[ObservationRow], bool | None],
    said: Callable[[ObservationRow], object] = says,
) -> History:
    """The intervals between two moments; ``claimed`` says of an answer whether it is as claimed.

    ``said``: what a row says, so that equal ones need not be looked at again.
    """
    since, until = (round(one.timestamp() * 1000) for one in (start, end))
    in_order = list(map(_START, rows))
    rows = sorted(rows, key=_START)
    starts = list(map(_START, rows))
    within = slice(bisect_left(starts, since), bisect_right(starts, until))
    rows, starts = rows[within], starts[within]
    longest = bridge(starts)
    joined = _joined(rows, starts, longest, claimed, said)
    intervals = list(_unseen(joined, since, until, longest))
    return History(since, until, longest, intervals, in_order != sorted(in_order))


def _joined(
    rows: list[ObservationRow],
    starts: list[int],
    longest: int,
    claimed: Callable[[ObservationRow], bool | None],
    said: Callable[[ObservationRow], object],
) -> Iterator[Interval]:
    """Neighbours joined: a year's rows are walked in C, only their turns in Python."""
    known: dict[object, State] = {}

    def state(at: int) -> State:
        key = said(rows[at])
        if key not in known:
            known[key] = _state(rows[at], claimed)
        return known[key]

    turned = list(turns(rows, said))
    edges = {at for before, at in pairwise([0, *turned]) if state(before) != state(at)}
    edges.update(
        at for at, gap in enumerate(list(map(sub, starts[1:], starts)), 1) if gap > longest
    )
    for begin, end in pairwise([0, *sorted(edges), len(rows)] if rows else []):
        first, last = rows[begin], rows[end - 1]
        yield Interval(state(begin), first.start, last.start, first, last, end - begin)


def _state(row: ObservationRow, claimed: Callable[[ObservationRow], bool | None]) -> State:
    if row.outcome is Outcome.NOT_MEASURED:
        return "not_measured"
    if row.outcome is Outcome.NO_ANSWER:
        return "no_answer"
    return _ANSWERED[claimed(row)]


def _unseen(found: Iterator[Interval], since: int, until: int, longest: int) -> Iterator[Interval]:
    """Put in the times when nobody looked."""
    at = since
    for interval in found:
        if interval.start - at > longest:
            yield Interval("not_measured", at, interval.start)
        yield interval
        at = interval.end
    if until - at > longest:
        yield Interval("not_measured", at, until)


def window(common_history: float | None, since: datetime | None, now: datetime) -> datetime | None:
    """Where a figure's history begins; None where none is asked for."""
    if since is not None:
        return since
    return now - timedelta(seconds=common_history) if common_history is not None else None
