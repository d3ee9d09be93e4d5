"""Over days: what was observed when, in intervals, and when nobody looked.

An interval joins observations that agree and lie close together. Two that lie further apart than
``bridge`` are never joined: what was in between is *not measured*. Where a neighbour of another
state is near, the change lies somewhere between the two observations and belongs to neither.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal, NamedTuple

from probes.ledger.timeline import Row
from probes.observation import Outcome

State = Literal["claimed", "otherwise", "no_answer", "not_measured"]
_LONGEST_BRIDGE = 25 * 3_600_000  # a daily round may be late by an hour
_SHORTEST_BRIDGE = 120_000


class Interval(NamedTuple):
    """From the first to the last observation that agree (milliseconds since 1970, UTC).

    ``first`` and ``last`` are None where nobody looked at all.
    """

    state: State
    start: int
    end: int
    first: Row | None = None
    last: Row | None = None
    seen: int = 0
    """How many observations."""


class History(NamedTuple):
    """The intervals of a window, in order, without overlap."""

    start: int
    end: int
    bridge: int
    intervals: list[Interval]


def bridge(rows: list[Row]) -> int:
    """The longest time between two observations that still counts as looking (milliseconds).

    Two and a half times the usual distance; never more than 25 hours.
    """
    gaps = [after.start - before.start for before, after in pairwise(rows)]
    usual = int(median(gaps) * 2.5) if gaps else 0
    return min(max(usual, _SHORTEST_BRIDGE), _LONGEST_BRIDGE)


def history(
    rows: list[Row], start: datetime, end: datetime, claimed: Callable[[Row], bool | None]
) -> History:
    """The intervals between two moments; ``claimed`` says of an answer whether it is as claimed."""
    since, until = (round(one.timestamp() * 1000) for one in (start, end))
    within = sorted(row for row in rows if since <= row.start <= until)
    longest = bridge(within)
    return History(
        since, until, longest, list(_gaps(_joined(within, longest, claimed), since, until, longest))
    )


def _joined(
    rows: list[Row], longest: int, claimed: Callable[[Row], bool | None]
) -> Iterator[Interval]:
    known: dict[tuple[int, int | None, int | None], State] = {}
    state: State | None = None
    first = last = None
    count = 0
    for row in rows:
        key = (row.how, row.failure, row.facts)
        if key not in known:
            known[key] = _state(row, claimed)
        if last is not None and first is not None and state is not None:
            if known[key] == state and row.start - last.start <= longest:
                last = row
                count += 1
                continue
            yield Interval(state, first.start, last.start, first, last, count)
        state, first, last, count = known[key], row, row, 1
    if state is not None and first is not None and last is not None:
        yield Interval(state, first.start, last.start, first, last, count)


def _state(row: Row, claimed: Callable[[Row], bool | None]) -> State:
    if row.outcome is Outcome.NOT_MEASURED:
        return "not_measured"
    if row.outcome is Outcome.NO_ANSWER:
        return "no_answer"
    return "claimed" if claimed(row) else "otherwise"


def _gaps(found: Iterator[Interval], since: int, until: int, longest: int) -> Iterator[Interval]:
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
