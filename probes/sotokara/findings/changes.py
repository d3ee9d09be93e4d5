"""Whether facts are those of before: since the last observation, and since an article."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from typing import Literal, NamedTuple

from sotokara.core.observation import Observation
from sotokara.engine.figure import Figure
from sotokara.engine.recall import Recall
from sotokara.engine.vantage import day_of
from sotokara.findings.fields import ChangedField
from sotokara.findings.shown import shown_changes
from sotokara.findings.two_questions import of_both, with_raw
from sotokara.kinds.interface import Kind
from sotokara.ledger.timeline import Timeline
from sotokara.ledger.turns import ObservationRow, turn

MOST = 20
"""Of one question; the newest."""


class Change(NamedTuple):
    """Two observations of one question, with nothing known between them, whose facts differ."""

    figure: Figure | None
    """None for one that was published once, and whose question no page asks any more."""
    before: ObservationRow
    after: ObservationRow
    before_id: str
    after_id: str
    fields: list[ChangedField]
    vantage: str
    about: tuple[str, str, str] = ("", "", "")
    """Without a figure: the kind, the target, the place."""
    clocks: bool = False
    """The times contradict the order of the runs."""

    @property
    def asked(self) -> tuple[str, str, str]:
        """The kind, the target, and ``page#id``."""
        if self.figure is None:
            return self.about
        definition = self.figure.node.definition
        return definition.kind.name, self.figure.target, definition.place


def changes_of(figure: Figure, timeline: Timeline, recall: Recall) -> list[Change]:
    """The changes of one question, newest first.

    RTTs, TTLs, order and ids are no facts; what else is no change, its kind says (``Kind.same``),
    and what the figure does not show is none. Where the one before left a fact open, the last one
    that did not is compared too.

    :raises LedgerError: when the evidence cannot be read.
    """
    if len(timeline.answered_rows()) < 2:  # noqa: PLR2004  # most figures of a first build
        return []
    rows = list(filter(timeline.as_now, timeline.answered()))
    found: list[Change] = []
    fields = _fields(figure, timeline, recall)
    kind = figure.node.definition.kind

    for number in range(len(rows) - 1, 0, -1):
        before, after = rows[number - 1], rows[number]
        if (before.facts, before.question) == (after.facts, after.question):
            continue
        if not fields(before, after):
            known = _known(rows, number - 1, timeline, kind)
            if known is None or kind.unknown(timeline.facts(after)) or not fields(known, after):
                continue
            before = known
        old, new = timeline.entry(before), timeline.entry(after)
        told = fields(before, after)
        clocks = timeline.clocks_disagree(before, after)
        found.append(
            Change(figure, before, after, old.id, new.id, told, new.vantage, clocks=clocks)
        )
        if len(found) == MOST:
            break
    return found


def _fields(
    figure: Figure, timeline: Timeline, recall: Recall
) -> Callable[[ObservationRow, ObservationRow], list[ChangedField]]:
    """What differs between two answers, as far as both questions asked for it."""
    alike: dict[tuple[int | None, ...], list[ChangedField]] = {}

    def fields(before: ObservationRow, after: ObservationRow) -> list[ChangedField]:
        key = (before.facts, before.question, after.facts, after.question)
        if key not in alike:
            rows = before, after
            pair = of_both(figure, timeline, recall, rows)
            whole = partial(with_raw, figure, timeline, recall, rows)
            alike[key] = shown_changes(figure, *pair, whole) if pair else []
        return alike[key]

    return fields


def _known(
    rows: list[ObservationRow], number: int, timeline: Timeline, kind: type[Kind]
) -> ObservationRow | None:
    """Where this row left a fact open: the last row before it that did not."""
    for earlier in range(number, -1, -1):
        if not kind.unknown(timeline.facts(rows[earlier])):
            return rows[earlier] if earlier < number else None
    return None


Basis = Literal["day", "before", "after", "asked"]


class Drift(NamedTuple):
    """Two observations of one question whose facts differ, and where between them they changed."""

    then: Observation
    now: Observation
    same: ObservationRow
    """The last one with the facts of then."""
    changed: ObservationRow
    """The first one after it: when the change was first seen."""
    same_id: str
    changed_id: str
    fields: list[ChangedField]
    """What differs between then and now."""
    basis: Basis
    """Of when *then* is: the article's day, the last look before it, or the first one after it.

    ``asked``: the first one to a question that can be compared with today's.
    """
    clocks: bool = False
    """The times of when it changed contradict the order of the runs."""


def basis_row(
    timeline: Timeline, written: date | None, rows: list[ObservationRow] | None = None
) -> tuple[ObservationRow, Basis] | None:
    """The answer that an article rests on: the last of its day or before it, else the first.

    A page without a day rests on the first answer. ``rows``: those that can be compared with today.
    """
    every = timeline.answered()
    rows = every if rows is None else rows
    if not rows:
        return None
    morning, evening = day_of(written)
    first: tuple[ObservationRow, Basis] = (rows[0], "after" if rows[0] == every[0] else "asked")
    if written is None:
        return first
    basis: Basis = "day"
    then = timeline.answered_by(evening, morning)
    if then is None:
        then, basis = timeline.answered_by(morning), "before"
    if then is None:
        return first
    if timeline.says(then) in set(map(timeline.says, rows)):  # of equal ones the ends are listed
        return then, basis
    return first if then.question != rows[-1].question else None


def drift(timeline: Timeline, figure: Figure, written: date, recall: Recall) -> Drift | None:
    """What has changed since the day an article was written; None where nothing has.

    :raises LedgerError: when the evidence cannot be read.
    """
    every = timeline.answered()
    if not every or figure.question is None:
        return None
    rows = [row for row in every if of_both(figure, timeline, recall, (row, every[-1]))]
    found = basis_row(timeline, written, rows)
    if found is None:
        return None
    then, basis = found
    if all(timeline.says(row) == timeline.says(then) for row in rows):
        return None
    fields = _fields(figure, timeline, recall)

    def holds(row: ObservationRow) -> bool:
        return not fields(then, row)

    if holds(rows[-1]):
        return None
    last, first = turn(rows, holds)
    assert last is not None  # noqa: S101  # then itself holds
    assert first is not None  # noqa: S101  # the last row does not
    if basis == "before" and last.start >= day_of(written)[0]:
        basis = "day"  # it was still so on the article's day
    raw = figure.node.definition.style in type(figure.question).from_raw
    observed, present = (timeline.observation(row, raw=raw) for row in (then, rows[-1]))
    if observed.facts is None or present.facts is None:
        return None  # what does not follow from its raw is not compared with anything
    return Drift(
        recall.masked(figure, observed),
        recall.masked(figure, present),
        last,
        first,
        timeline.entry(last).id,
        timeline.entry(first).id,
        fields(then, rows[-1]),
        basis,
        timeline.clocks_disagree(last, first),
    )


def day_written(meta: Mapping[str, object]) -> date | None:
    """The day of an article's facts: its ``date``, or ``date.updated`` where it names one."""
    value = meta.get("date")
    if isinstance(value, dict):
        value = value.get("updated") or value.get("created")
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
