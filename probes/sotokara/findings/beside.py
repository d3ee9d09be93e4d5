"""A target beside its baseline: asked from the same place at the same time, held against the usual.

“Slower here” is said only where the baseline is not: what both do is the place's, or nobody knows
whose. A baseline that was not measured, or was asked from elsewhere or at another time, tells
nothing.
"""

from statistics import median
from typing import Literal, NamedTuple

from sotokara.core.observation import Observation, Outcome
from sotokara.engine.figure import Figure
from sotokara.ledger.timeline import Timeline

Verdict = Literal[
    "alone_silent",
    "both_silent",
    "alone_slower",
    "both_slower",
    "as_usual",
    "too_few",
    "not_compared",
    "apart",
]
_EARLIER, _LEAST = 20, 3
"""Earlier answers that the usual is taken from, and how many there have to be."""
_TIMES, _SECONDS = 2.0, 0.05
"""Slower: more than so many times the usual, and by more than so many seconds."""


class CompareWindow(NamedTuple):
    """How long an answer took now, and usually took before at the same place (seconds)."""

    now: float
    usual: float | None = None

    @property
    def slower(self) -> bool | None:
        """Whether it took much longer than usual; None where nothing is known to be usual."""
        if self.usual is None:
            return None
        return self.now > self.usual * _TIMES and self.now - self.usual > _SECONDS


class BaselineComparison(NamedTuple):
    """What a baseline says about a figure."""

    baseline: Figure
    verdict: Verdict
    own: CompareWindow | None = None
    its: CompareWindow | None = None


def baseline_of(figure: Figure) -> Figure | None:
    """The baseline's figure from the same place."""
    beside = figure.node.beside
    every = beside.figures or [] if beside else []
    return next((one for one in every if one.place == figure.place), None)


def compare_with_baseline(
    figure: Figure, timeline: Timeline, baseline: Figure, its: Timeline, window: float
) -> BaselineComparison:
    """How a figure stands beside its baseline.

    :raises LedgerError: when the evidence cannot be read.
    """
    one, other = figure.now, baseline.now
    if one is None or other is None or _unmeasured(one) or _unmeasured(other):
        return BaselineComparison(baseline, "not_compared")
    if one.vantage.name != other.vantage.name:
        return BaselineComparison(baseline, "not_compared")
    if abs((one.start - other.start).total_seconds()) > window:
        return BaselineComparison(baseline, "apart")
    if one.outcome is Outcome.NO_ANSWER:
        silent = other.outcome is Outcome.NO_ANSWER
        return BaselineComparison(baseline, "both_silent" if silent else "alone_silent")
    if other.outcome is Outcome.NO_ANSWER:
        return BaselineComparison(baseline, "not_compared")
    paces = _pace(one, timeline), _pace(other, its)
    return BaselineComparison(baseline, _verdict(*paces), *paces)


def _verdict(own: CompareWindow, its: CompareWindow) -> Verdict:
    if own.slower is None or its.slower is None:
        return "too_few"
    if not own.slower:
        return "as_usual"
    return "both_slower" if its.slower else "alone_slower"


def _unmeasured(one: Observation) -> bool:
    """A platform's report counts as such too: another probe may have asked, at its own pace."""
    if one.vantage.reported or one.origin == "others":
        return True
    return one.outcome not in (Outcome.ANSWERED, Outcome.NO_ANSWER)


def _pace(one: Observation, timeline: Timeline) -> CompareWindow:
    before = round(one.start.timestamp() * 1000)
    earlier = [row for row in timeline.answered_rows() if row.start < before][-_EARLIER:]
    if len(earlier) < _LEAST:
        return CompareWindow(one.duration)
    return CompareWindow(one.duration, median(timeline.line(row).duration for row in earlier))
