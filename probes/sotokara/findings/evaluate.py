"""What all observations of a figure say together: claims, then and now, history, age."""

from datetime import datetime
from functools import partial
from typing import NamedTuple

from sotokara.core.durations import parse_time, seconds
from sotokara.core.observation import Outcome, now
from sotokara.definitions.common import claims_of
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.engine.recall import Recall
from sotokara.engine.run import Run
from sotokara.findings.age import Overdue, overdue
from sotokara.findings.beside import BaselineComparison, baseline_of, compare_with_baseline
from sotokara.findings.changes import Change, Drift, changes_of, drift
from sotokara.findings.claims import (
    Claim,
    ClaimError,
    all_said,
    author_error,
    claim_texts,
    claims,
    held_then,
    over_places,
)
from sotokara.findings.history import History, history, window
from sotokara.findings.past import Past
from sotokara.findings.series import series
from sotokara.findings.shown import shown_changes
from sotokara.findings.two_questions import of_both_now, with_raw_now
from sotokara.kinds.interface import Sample
from sotokara.ledger.timeline import FormerQuestion, Timeline
from sotokara.ledger.turns import ObservationRow


class Findings(NamedTuple):
    """What a figure says beside its one output."""

    claims: list[Claim] = []
    drift: Drift | None = None
    history: History | None = None
    overdue: Overdue | None = None
    changes: list[Change] = []
    beside: BaselineComparison | None = None
    former: list[FormerQuestion] = []
    """The questions that its place asked before."""
    unread: list[datetime] = []
    """When it was asked since what it shows, and what was kept cannot be read by this version."""


def evaluate_all(run: Run, plan: Plan) -> dict[Figure, Findings]:
    """The findings of every figure.

    A claim that is wrong whatever was observed is added to the plan's mistakes.

    :raises LedgerError: when the evidence cannot be read.
    """
    run.ledger.whole()
    today = now()
    found = {}
    for figure in plan.figures():
        try:
            found[figure] = evaluate(run, plan, figure, today)
        except ClaimError as error:
            plan.mistakes.append(author_error(figure, error))
    return found


def evaluate(run: Run, plan: Plan, figure: Figure, today: datetime) -> Findings:
    """One figure's findings.

    :raises ClaimError: for a claim that is wrong whatever was observed.
    :raises LedgerError: when the evidence cannot be read.
    """
    if figure.question is None:
        return Findings(claims=_undecided(figure))
    definition = figure.node.definition
    day = definition.written
    timeline = run.recall.timeline(figure)

    def lookup(reference):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return plan.lookup(definition.page, reference)

    past = Past(plan, run.recall, figure, claim_texts(figure.node))
    return Findings(
        _hidden(figure, run.recall, list(claims(figure, timeline, lookup, past))),
        drift(timeline, figure, day, run.recall) if day and not definition.common.pin else None,
        _history(figure, timeline, past, run.recall, today),
        overdue(run.settings, figure, today),
        changes_of(figure, timeline, run.recall),
        _beside(run, plan, figure, timeline),
        run.recall.asked_before(figure, timeline),
        run.recall.unread_since(figure),
    )


def _hidden(figure: Figure, recall: Recall, found: list[Claim]) -> list[Claim]:
    """Claims about what is hidden: nobody can say of a mask whether it is what they name."""
    redactor = recall.hides(figure)
    if redactor is None:
        return found
    masked = [(one, redactor.text(one.text)) for one in found]
    return [
        one
        if text == one.text
        else Claim(text, "undecided", "names_hidden", over=one.over, say=redactor.text(one.say))
        for one, text in masked
    ]


def _beside(run: Run, plan: Plan, figure: Figure, timeline: Timeline) -> BaselineComparison | None:
    baseline = baseline_of(figure)
    if baseline is None:
        return None
    return compare_with_baseline(
        figure, timeline, baseline, run.recall.timeline(baseline), plan.window
    )


def _undecided(figure: Figure) -> list[Claim]:
    why = figure.failure.name if figure.failure else "not_measured"
    first = figure.node.figures is None or figure is figure.node.figures[0]
    return [
        Claim(one.that, "undecided", why, over=over, say=one.say)
        for one in claims_of(figure.node.definition.common)
        if not (over := over_places(figure.node, one.that)) or first
    ]


def _history(
    figure: Figure, timeline: Timeline, past: Past, recall: Recall, today: datetime
) -> History | None:
    """The history asked for: as claimed, or as shown where nothing is claimed."""
    common = figure.node.definition.common
    wanted = None if common.history is None else seconds(common.history)
    start = window(wanted, parse_time(common.since) if common.since else None, today)
    if start is None:
        return None
    end = parse_time(common.until) if common.until else today
    return _between(figure, timeline, past, recall, (start, min(end, today)))


def history_over(
    run: Run, plan: Plan, figure: Figure, window: tuple[datetime, datetime]
) -> History:
    """A figure's history over any window: as claimed, or as shown where nothing is claimed.

    :raises LedgerError: when the evidence cannot be read.
    """
    past = Past(plan, run.recall, figure, claim_texts(figure.node))
    return _between(figure, run.recall.timeline(figure), past, run.recall, window)


def _between(
    figure: Figure,
    timeline: Timeline,
    past: Past,
    recall: Recall,
    window: tuple[datetime, datetime],
) -> History:
    every = [one for one in claim_texts(figure.node) if not over_places(figure.node, one)]
    shown = figure.facts

    def claimed(row: ObservationRow) -> bool | None:
        if timeline.facts(row) is None or shown is None:
            return None
        if not every:
            pair = of_both_now(figure, timeline, recall, row)
            whole = partial(with_raw_now, figure, timeline, recall, row)
            return not shown_changes(figure, *pair, whole) if pair else None
        came = (Outcome.ANSWERED, "", row.moment)
        known = came, past.lookup(row)
        hold = [held_then(text, figure, timeline, row, known) for text in every]
        return False if False in hold else None if None in hold else True

    found = history(timeline.rows, *window, claimed, all_said(past, every))
    kind = figure.node.definition.kind
    if not kind.series:
        return found

    def sample(row: ObservationRow) -> Sample | None:
        facts = timeline.facts(row)
        return None if facts is None else kind.sample(facts)

    return found._replace(series=series(timeline.rows, found.start, found.end, sample))
