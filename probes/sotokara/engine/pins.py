"""The one observation that a definition is pinned to."""

from datetime import timedelta

from sotokara.core.durations import parse_time
from sotokara.core.mistakes import AuthorError
from sotokara.core.said import said
from sotokara.engine.figure import Figure
from sotokara.ledger import Ledger, QuestionState, RunLine
from sotokara.ledger.timeline import Timeline


def pinned(
    ledger: Ledger, figure: Figure, timeline: Timeline, mistakes: list[AuthorError]
) -> QuestionState | None:
    """The observation that a definition is pinned to; a pin that names none is a mistake.

    A date means the last answer of that day (UTC) or before it, to whatever the place asked then.

    :raises LedgerError: when the evidence cannot be read.
    """
    pin = figure.node.definition.common.pin or ""
    line = ledger.find(pin)
    if line is not None and _is_own(line, figure, ledger):
        return QuestionState(line, line if line.outcome.has_facts else None)
    if line is not None:
        what = said("the pin {!r} is an observation of another question", pin)
        _mistake(
            figure, what, said("take an id of this one's, listed by `sotokara show`"), mistakes
        )
        return None
    try:
        end = parse_time(pin)
    except ValueError:
        hint = said("write a day such as 2026-01-31, or an id listed by `sotokara show`")
        _mistake(figure, said("the pin {!r} is no observation here", pin), hint, mistakes)
        return None
    if len(pin) == len("2026-01-31"):
        end += timedelta(days=1)
    before = round(end.timestamp() * 1000)
    row = timeline.answered_by(before)
    if row is None:
        first = next(iter(timeline.rows), None)
        what = said("nothing was observed by {}", pin)
        since = said("it was never observed")
        if first:
            since = said("observed since {}", f"{first.moment:%Y-%m-%d}")
        _mistake(figure, what, since, mistakes)
        return None
    found = timeline.line(row)
    return QuestionState(found, found)


def _is_own(line: RunLine, figure: Figure, ledger: Ledger) -> bool:
    """Whether an observation is of the figure's question, or of one that its place asked before."""
    if line.digest == figure.digest:
        return True
    definition = figure.node.definition
    names = {one.name for one in ledger.places(definition.place)} if definition.id else set()
    return line.kind == definition.kind.name and not names.isdisjoint(line.cited)


def _mistake(figure: Figure, what: str, hint: str, mistakes: list[AuthorError]) -> None:
    definition = figure.node.definition
    mistakes.append(AuthorError(definition.page, definition.line, what, hint))
