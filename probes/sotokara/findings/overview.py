"""What the whole blog observes: for the front page, and the line at the head of an article.

Plain lists out of the plan, after the build has finished; ``render/overview.py`` writes them.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import NamedTuple

from sotokara.core.labels import labels, languages
from sotokara.core.observation import Failure, Outcome
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.findings.evaluate import Findings
from sotokara.findings.fields import Field


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


class ArticleChange(NamedTuple):
    """The facts of an article's question are no longer those of the day it was written."""

    kind: str
    target: str
    page: str
    anchor: str
    last: datetime
    """When they were last as the article says."""
    first: datetime
    """When they were first seen to differ."""
    fields: list[Field]
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
    return failure.outcome if failure else Outcome.ANSWERED


def seen(figure: Figure) -> datetime | None:
    """When what a figure shows was observed."""
    shown = figure.last or figure.now
    return shown.start if shown else None


def front(
    plan: Plan, findings: Mapping[Figure, Findings], wanted: AbstractSet[str]
) -> tuple[list[Watched], list[ArticleChange]]:
    """What the pages that are wanted watch, and what has changed."""
    figures = [one for one in plan.figures() if one.node.definition.page in wanted]
    return watched(figures), changes(figures, findings)


def watched(figures: Iterable[Figure]) -> list[Watched]:
    """Every question once, the newest observation first."""
    found: dict[str, Watched] = {}
    for figure in figures:
        if figure.question is not None and figure.digest not in found:
            definition = figure.node.definition
            found[figure.digest] = Watched(
                definition.kind.name,
                figure.target,
                outcome(figure),
                seen(figure),
                definition.page,
                anchor(figure),
                _said(figure),
            )
    oldest = datetime.min  # noqa: DTZ901  # only compared as a timestamp's stand-in
    return sorted(
        found.values(),
        key=lambda one: one.seen.replace(tzinfo=None) if one.seen else oldest,
        reverse=True,
    )


def _said(figure: Figure) -> dict[str, str]:
    failure = figure.failure or (figure.now.failure if figure.now else None)
    facts = figure.now.facts if figure.now and failure is None else None
    kind = figure.node.definition.kind
    return {lang: kind.headline(facts, failure, labels(lang)) for lang in languages()}


def changes(figures: Iterable[Figure], findings: Mapping[Figure, Findings]) -> list[ArticleChange]:
    """Every question whose facts changed since its article, the newest change first."""
    found = [
        ArticleChange(
            figure.node.definition.kind.name,
            figure.target,
            figure.node.definition.page,
            anchor(figure),
            drift.same.moment,
            drift.changed.moment,
            drift.fields,
        )
        for figure in figures
        if figure in findings and (drift := findings[figure].drift) is not None
    ]
    return sorted(found, key=lambda one: one.first, reverse=True)


def states(plan: Plan, pages: Iterable[str]) -> dict[str, State]:
    """How the figures of each page stand that has some."""
    found = {page: _state(list(plan.figures(page))) for page in pages}
    return {page: state for page, state in found.items() if state is not None}


def _state(figures: list[Figure]) -> State | None:
    times = [moment for figure in figures if (moment := seen(figure))]
    if not figures:
        return None
    counts = Counter(outcome(figure) for figure in figures)
    return State(counts, min(times, default=None), max(times, default=None))
