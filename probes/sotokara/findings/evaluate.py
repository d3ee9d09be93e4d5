"""What all observations of a figure say together: claims, then and now, history, age."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sotokara.core.durations import moment, seconds
from sotokara.core.expressions import Lookup
from sotokara.core.observation import Outcome, now
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.engine.run import Run
from sotokara.findings.changes import Change, Drift, changes, drift
from sotokara.findings.claims import Claim, ClaimError, author_error, claims, held, texts
from sotokara.findings.history import History, history, window
from sotokara.ledger.timeline import Row, Timeline


class Overdue(NamedTuple):
    """Evidence older than its author allows."""

    grade: str
    """``warn_after`` or ``error_after``."""
    limit: float
    """In seconds."""
    age: float


class Findings(NamedTuple):
    """What a figure says beside its one output."""

    claims: list[Claim] = []
    drift: Drift | None = None
    history: History | None = None
    overdue: Overdue | None = None
    changes: list[Change] = []


def evaluate_all(
    run: Run, plan: Plan, written: Mapping[str, date | None]
) -> dict[Figure, Findings]:
    """The findings of every figure; ``written`` says of what day a page is.

    A claim that is wrong whatever was observed is added to the plan's mistakes.

    :raises LedgerError: when the evidence cannot be read.
    """
    run.ledger.whole()
    today = now()
    found = {}
    for figure in plan.figures():
        day = written.get(figure.node.definition.page)
        try:
            found[figure] = evaluate(run, plan, figure, day, today)
        except ClaimError as error:
            plan.mistakes.append(author_error(figure, error))
    return found


def evaluate(run: Run, plan: Plan, figure: Figure, day: date | None, today: datetime) -> Findings:
    """One figure's findings; ``day``: the one that its page is of.

    :raises ClaimError: for a claim that is wrong whatever was observed.
    :raises LedgerError: when the evidence cannot be read.
    """
    if figure.question is None:
        return Findings(claims=_undecided(figure))
    definition = figure.node.definition
    timeline = Timeline(run.ledger, figure.digest, run.recall.shows(figure))

    def lookup(reference):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return plan.lookup(definition.page, reference)

    return Findings(
        list(claims(figure, timeline, lookup)),
        drift(timeline, figure, day) if day and not definition.common.pin else None,
        _history(figure, timeline, lookup, today),
        _overdue(run, figure, today),
        changes(figure, timeline),
    )


def _undecided(figure: Figure) -> list[Claim]:
    why = figure.failure.name if figure.failure else "not_measured"
    return [Claim(text, "undecided", why) for text in texts(figure.node)]


def _history(figure: Figure, timeline: Timeline, lookup: Lookup, today: datetime) -> History | None:
    """The history asked for: as claimed, or as shown where nothing is claimed."""
    common = figure.node.definition.common
    wanted = None if common.history is None else seconds(common.history)
    start = window(wanted, moment(common.since) if common.since else None, today)
    if start is None:
        return None
    every, shown = texts(figure.node), figure.facts

    def claimed(row: Row) -> bool:
        facts = timeline.facts(row)
        if not every:
            kind = figure.node.definition.kind
            return facts is not None and shown is not None and kind.same(shown, facts)
        came = (Outcome.ANSWERED, "")
        return all(held(text, figure, facts, came, lookup) is not False for text in every)

    return history(timeline.rows, start, today, claimed)


def _overdue(run: Run, figure: Figure, today: datetime) -> Overdue | None:
    """Whether the newest answer is older than the author allows; a pin is of its own day."""
    common, settings = figure.node.definition.common, run.settings
    if common.pin or common.transcript:
        return None
    answered = figure.now if figure.now and figure.now.outcome is Outcome.ANSWERED else figure.last
    if answered is None:
        return None
    age = (today - answered.start).total_seconds()
    for grade in ("error_after", "warn_after"):
        own = getattr(common, grade)
        limit = getattr(settings, grade) if own is None else seconds(own)
        if limit and age > limit:
            return Overdue(grade, limit, age)
    return None
