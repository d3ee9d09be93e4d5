"""What the whole blog observes: for the front page, and the line at the head of an article.

Plain lists out of the plan, after the build has finished; ``render/overview.py`` writes them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

from sotokara.core.labels import labels, languages
from sotokara.core.observation import Failure, Outcome
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.findings.evaluate import Findings
from sotokara.findings.fields import ChangedField


class Watched(NamedTuple):
    """One question that an article asks, and how it stands."""

    kind: str
    target: str
    outcome: Outcome
    seen: datetime | None
    """When what is shown was observed."""
    page: str
    anchor: str
    said: dict[str, str]
    """The word for what came of it, by language."""


class WatchedArticle(NamedTuple):
    """One article with all that it asks, and how that stands."""

    page: str
    questions: list[Watched]
    """Each once, as the figures stand in the page."""
    seen: datetime | None
    """When the newest of what it shows was observed."""
    held: int
    """Claims that hold."""
    broken: int
    """Claims that do not."""


class ArticleChange(NamedTuple):
    """The facts of an article's question changed: since its day, or between two observations."""

    kind: str
    target: str
    page: str
    anchor: str
    last: datetime
    """When they were last as before."""
    first: datetime
    """When they were first seen to differ."""
    fields: list[ChangedField]
    """What differs."""


class State(NamedTuple):
    """One page's figures: how many came out how, and of which times they are."""

    outcomes: Counter[Outcome]
    first: datetime | None
    last: datetime | None


def anchor(figure: Figure) -> str:
    """The id of a figure's element in its page."""
    definition = figure.node.definition
    nth = (figure.node.figures or []).index(figure)
    return f"probe-{definition.id or definition.token[:8]}" + (f"-{nth + 1}" if nth else "")


def outcome(figure: Figure) -> Outcome:
    """How a figure came out this time."""
    failure: Failure | None = figure.failure or (figure.now.failure if figure.now else None)
    if failure:
        return failure.outcome
    return figure.now.outcome if figure.now else Outcome.ANSWERED


def last_observed(figure: Figure) -> datetime | None:
    """When what a figure shows was observed."""
    shown = figure.last or figure.now
    return shown.start if shown else None


def front(
    plan: Plan, findings: Mapping[Figure, Findings], wanted: AbstractSet[str]
) -> tuple[list[WatchedArticle], list[ArticleChange]]:
    """What the pages that are wanted watch, and what has changed."""
    figures = [one for one in plan.figures() if one.node.definition.page in wanted]
    return watched_articles(figures, findings), last_changes(figures, findings)


def watched_articles(
    figures: Iterable[Figure], findings: Mapping[Figure, Findings]
) -> list[WatchedArticle]:
    """Every article that asks something, the newest observation first."""
    pages: dict[str, list[Figure]] = {}
    for figure in figures:
        pages.setdefault(figure.node.definition.page, []).append(figure)
    found = []
    for page, own in pages.items():
        states = Counter(
            claim.state for one in own if one in findings for claim in findings[one].claims
        )
        questions = watched(own)
        moments = [one.seen for one in questions if one.seen]
        newest = max(moments, default=None)
        found.append(WatchedArticle(page, questions, newest, states["holds"], states["broken"]))
    return sorted(found, key=lambda one: one.seen.timestamp() if one.seen else 0.0, reverse=True)


def lead(
    figures: Sequence[Figure], findings: Mapping[Figure, Findings], wanted: str = ""
) -> Figure | None:
    """The figure that says most of an article: the one that its author names (``wanted``: an id).

    Else the first with a history of several states, with a broken claim, with a change, with a
    silence, with an answer, in this order.
    """
    named = [one for one in figures if wanted and one.node.definition.id == wanted]

    def telling(figure: Figure) -> int:
        said = findings.get(figure)
        states = {one.state for one in said.history.intervals} if said and said.history else set()
        if len(states) > 1:
            return 0
        if said and any(one.state == "broken" for one in said.claims):
            return 1
        if said and said.drift:
            return 2
        return 3 + [Outcome.NO_ANSWER, Outcome.ANSWERED, Outcome.NOT_MEASURED].index(
            outcome(figure)
        )

    return min(named or figures, key=telling, default=None)


def watched(figures: Iterable[Figure]) -> list[Watched]:
    """Every question once, in the order of the figures."""
    found: dict[str, Watched] = {}
    for figure in figures:
        if figure.question is not None and figure.digest not in found:
            definition = figure.node.definition
            found[figure.digest] = Watched(
                definition.kind.name,
                figure.target,
                outcome(figure),
                last_observed(figure),
                definition.page,
                anchor(figure),
                _said(figure),
            )
    return list(found.values())


def _said(figure: Figure) -> dict[str, str]:
    failure = figure.failure or (figure.now.failure if figure.now else None)
    facts = figure.now.facts if figure.now and failure is None else None
    kind = figure.node.definition.kind
    return {lang: kind.headline(facts, failure, labels(lang)) for lang in languages()}


def last_changes(
    figures: Iterable[Figure], findings: Mapping[Figure, Findings]
) -> list[ArticleChange]:
    """The last change of every question that has some, the newest first.

    Since its article's day where there is such a one, else between two observations.
    """
    found = []
    for figure in figures:
        said = findings.get(figure)
        if said is None:
            continue
        if said.drift:
            change = said.drift.same.moment, said.drift.changed.moment, said.drift.fields
        elif said.changes:
            newest = said.changes[0]
            change = newest.before.moment, newest.after.moment, newest.fields
        else:
            continue
        definition = figure.node.definition
        about = definition.kind.name, figure.target, definition.page, anchor(figure)
        found.append(ArticleChange(*about, *change))
    once = {(*one[:3], one.last, one.first, *one.fields): one for one in reversed(found)}
    return sorted(once.values(), key=lambda one: one.first, reverse=True)


def states(plan: Plan, pages: Iterable[str]) -> dict[str, State]:
    """How the figures of each page stand that has some."""
    found = {page: _state(list(plan.figures(page))) for page in pages}
    return {page: state for page, state in found.items() if state is not None}


def _state(figures: list[Figure]) -> State | None:
    times = [moment for figure in figures if (moment := last_observed(figure))]
    if not figures:
        return None
    counts = Counter(outcome(figure) for figure in figures)
    return State(counts, min(times, default=None), max(times, default=None))
