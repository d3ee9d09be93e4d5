"""Whether facts are those of before: since the last observation, and since an article."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sotokara.core.observation import Observation
from sotokara.engine.figure import Figure
from sotokara.kinds.interface import Kind
from sotokara.ledger.timeline import Row, Timeline, turn

MOST = 20
"""Of one question; the newest."""


class Change(NamedTuple):
    """Two observations of one question, with nothing known between them, whose facts differ."""

    figure: Figure
    before: Row
    after: Row
    before_id: str
    after_id: str


def changes(figure: Figure, timeline: Timeline) -> list[Change]:
    """The changes of one question, newest first.

    RTTs, TTLs, order and ids are no facts; what else is no change, its kind says (``Kind.same``).
    Where the one before left a fact open, the last one that did not is compared too.

    :raises LedgerError: when the evidence cannot be read.
    """
    rows = timeline.answered()
    found: list[Change] = []
    alike: dict[tuple[int | None, int | None], bool] = {}
    kind = figure.node.definition.kind

    def same(before: Row, after: Row) -> bool:
        pair = (before.facts, after.facts)
        if pair not in alike:
            old, new = timeline.facts(before), timeline.facts(after)
            alike[pair] = old is not None and new is not None and kind.same(old, new)
        return alike[pair]

    for number in range(len(rows) - 1, 0, -1):
        before, after = rows[number - 1], rows[number]
        if before.facts == after.facts:
            continue
        if same(before, after):
            known = _known(rows, number - 1, timeline, kind)
            if known is None or kind.unknown(timeline.facts(after)) or same(known, after):
                continue
            before = known
        ids = timeline.entry(before).id, timeline.entry(after).id
        found.append(Change(figure, before, after, *ids))
        if len(found) == MOST:
            break
    return found


def _known(rows: list[Row], number: int, timeline: Timeline, kind: type[Kind]) -> Row | None:
    """Where this row left a fact open: the last row before it that did not."""
    for earlier in range(number, -1, -1):
        if not kind.unknown(timeline.facts(rows[earlier])):
            return rows[earlier] if earlier < number else None
    return None


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
