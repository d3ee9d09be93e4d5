"""Whether facts are those of before: since the last observation, and since an article."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal, NamedTuple

from sotokara.core.observation import Observation
from sotokara.engine.figure import Figure
from sotokara.engine.vantage import day_of
from sotokara.findings.fields import Field
from sotokara.findings.shown import shown_changes
from sotokara.kinds.interface import Kind
from sotokara.ledger.timeline import Timeline
from sotokara.ledger.turns import Row, turn

MOST = 20
"""Of one question; the newest."""


class Change(NamedTuple):
    """Two observations of one question, with nothing known between them, whose facts differ."""

    figure: Figure
    before: Row
    after: Row
    before_id: str
    after_id: str
    fields: list[Field]
    vantage: str


def changes(figure: Figure, timeline: Timeline) -> list[Change]:
    """The changes of one question, newest first.

    RTTs, TTLs, order and ids are no facts; what else is no change, its kind says (``Kind.same``),
    and what the figure does not show is none. Where the one before left a fact open, the last one
    that did not is compared too.

    :raises LedgerError: when the evidence cannot be read.
    """
    rows = timeline.answered()
    found: list[Change] = []
    alike: dict[tuple[int | None, int | None], list[Field]] = {}
    kind = figure.node.definition.kind

    def fields(before: Row, after: Row) -> list[Field]:
        pair = (before.facts, after.facts)
        if pair not in alike:
            old, new = timeline.facts(before), timeline.facts(after)
            alike[pair] = shown_changes(figure, old, new) if old and new else []
        return alike[pair]

    for number in range(len(rows) - 1, 0, -1):
        before, after = rows[number - 1], rows[number]
        if before.facts == after.facts:
            continue
        if not fields(before, after):
            known = _known(rows, number - 1, timeline, kind)
            if known is None or kind.unknown(timeline.facts(after)) or not fields(known, after):
                continue
            before = known
        old, new = timeline.entry(before), timeline.entry(after)
        told = fields(before, after)
        found.append(Change(figure, before, after, old.id, new.id, told, new.vantage))
        if len(found) == MOST:
            break
    return found


def _known(rows: list[Row], number: int, timeline: Timeline, kind: type[Kind]) -> Row | None:
    """Where this row left a fact open: the last row before it that did not."""
    for earlier in range(number, -1, -1):
        if not kind.unknown(timeline.facts(rows[earlier])):
            return rows[earlier] if earlier < number else None
    return None


Basis = Literal["day", "before", "after"]


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
    fields: list[Field]
    """What differs between then and now."""
    basis: Basis
    """Of when *then* is: the article's day, the last look before it, or the first one after it."""


def clocks_disagree(before: Row, after: Row) -> bool:
    """Whether what was seen later has an earlier time: one of the two clocks was wrong."""
    return after.start < before.start


def basis_row(timeline: Timeline, written: date | None) -> tuple[Row, Basis] | None:
    """The answer that an article rests on: the last of its day or before it, else the first.

    A page without a day rests on the first answer.
    """
    rows = timeline.answered()
    if not rows:
        return None
    morning, evening = day_of(written)
    if written is None:
        return rows[0], "after"
    if then := timeline.answered_by(evening, morning):
        return then, "day"
    then = timeline.answered_by(morning)
    return (then, "before") if then else (rows[0], "after")


def drift(timeline: Timeline, figure: Figure, written: date) -> Drift | None:
    """What has changed since the day an article was written; None where nothing has.

    :raises LedgerError: when the evidence cannot be read.
    """
    rows = timeline.answered()
    found = basis_row(timeline, written)
    if found is None or figure.question is None:
        return None
    then, basis = found
    if all(row.facts == then.facts for row in rows):
        return None
    base = timeline.facts(then)
    fields: dict[int | None, list[Field]] = {}

    def holds(row: Row) -> bool:
        if row.facts not in fields:
            seen = timeline.facts(row)
            fields[row.facts] = shown_changes(figure, base, seen) if base and seen else []
        return not fields[row.facts]

    if holds(rows[-1]):
        return None
    last, first = turn(rows, holds)
    assert last is not None  # noqa: S101  # then itself holds
    assert first is not None  # noqa: S101  # the last row does not
    if basis == "before" and last.start >= day_of(written)[0]:
        basis = "day"  # it was still so on the article's day
    raw = figure.node.definition.style in type(figure.question).from_raw
    return Drift(
        timeline.observation(then, raw=raw),
        timeline.observation(rows[-1], raw=raw),
        last,
        first,
        timeline.entry(last).id,
        timeline.entry(first).id,
        fields[rows[-1].facts],
        basis,
    )


def day_written(meta: Mapping[str, object]) -> date | None:
    """The day of an article's facts: its ``date``, or ``date.updated`` where it names one."""
    value = meta.get("date")
    if isinstance(value, dict):
        value = value.get("updated") or value.get("created")
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
