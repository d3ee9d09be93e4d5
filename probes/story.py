"""What all observations of a figure say together: claims, then and now, history, age."""

from datetime import date, datetime
from typing import NamedTuple

from probes.changes import Change, changes
from probes.claims import Claim, Lookup, Mistaken, claims, held, mistaken, texts
from probes.drift import Drift, drift
from probes.durations import moment, seconds
from probes.figures import Figure
from probes.history import History, history, window
from probes.ledger.timeline import Row, Timeline
from probes.observation import Outcome, now
from probes.plan import Plan
from probes.run import Run


class Overdue(NamedTuple):
    """Evidence older than its author allows."""

    grade: str
    """``warn_after`` or ``error_after``."""
    limit: float
    """In seconds."""
    age: float


class Story(NamedTuple):
    """What a figure says beside its one output."""

    claims: list[Claim] = []
    drift: Drift | None = None
    history: History | None = None
    overdue: Overdue | None = None
    changes: list[Change] = []


def tell(run: Run, plan: Plan, written: dict[str, date | None]) -> None:
    """Give every figure its story that has none; ``written`` says of what day a page is.

    :raises LedgerError: when the evidence cannot be read.
    """
    run.ledger.whole()
    today = now()
    for figure in plan.figures():
        if figure.story is None:
            try:
                figure.story = story(
                    run, plan, figure, written.get(figure.node.definition.page), today
                )
            except Mistaken as error:
                plan.mistakes.append(mistaken(figure, error))


def story(run: Run, plan: Plan, figure: Figure, day: date | None, today: datetime) -> Story:
    """One figure's story; ``day``: the one that its page is of.

    :raises Mistaken: for a claim that is wrong whatever was observed.
    :raises LedgerError: when the evidence cannot be read.
    """
    if figure.question is None:
        return Story(claims=_undecided(figure))
    definition = figure.node.definition
    timeline = Timeline(run.ledger, figure.digest, run.shows(figure))

    def lookup(reference):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return plan.lookup(definition.page, reference)

    return Story(
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
