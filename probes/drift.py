"""Then and now: whether the facts are still those that an article was written about."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from probes.figures import Figure
from probes.ledger.timeline import Row, Timeline, turn
from probes.observation import Observation


class Drift(NamedTuple):
    """Two observations of one question whose facts differ, and where between them they changed."""

    then: Observation
    now: Observation
    same: Row
    """The last one with the facts of then."""
    changed: Row
    """The first one after it: when the change was first seen."""
    same_id: str
    changed_id: str


def drift(timeline: Timeline, figure: Figure, written: date) -> Drift | None:
    """What has changed since the day an article was written; None where nothing has.

    *Then* is the last answer of that day or before it, else the first one after it.

    :raises LedgerError: when the evidence cannot be read.
    """
    rows = timeline.answered()
    if not rows or figure.question is None:
        return None
    evening = datetime.combine(written, time(), UTC) + timedelta(days=1)
    then = timeline.answered_by(round(evening.timestamp() * 1000)) or rows[0]
    if all(row.facts == then.facts for row in rows):
        return None
    base = timeline.facts(then)
    kind = type(figure.question)
    same: dict[int | None, bool] = {}

    def holds(row: Row) -> bool:
        if row.facts not in same:
            found = timeline.facts(row)
            same[row.facts] = base is not None and found is not None and kind.same(base, found)
        return same[row.facts]

    if holds(rows[-1]):
        return None
    last, first = turn(rows, holds)
    assert last is not None  # noqa: S101  # then itself holds
    assert first is not None  # noqa: S101  # the last row does not
    raw = figure.node.definition.style in kind.from_raw
    return Drift(
        timeline.observation(then, raw=raw),
        timeline.observation(rows[-1], raw=raw),
        last,
        first,
        timeline.entry(last).id,
        timeline.entry(first).id,
    )


def day_written(meta: Mapping[str, object]) -> date | None:
    """The day of an article's facts: its ``date``, or ``date.updated`` where it names one."""
    value = meta.get("date")
    if isinstance(value, dict):
        value = value.get("updated") or value.get("created")
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
