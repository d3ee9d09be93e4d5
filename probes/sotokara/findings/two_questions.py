"""Two answers to two questions of one figure: what can be compared of them."""

from typing import Any

from sotokara.core.observation import Facts, Observation
from sotokara.engine.figure import Figure
from sotokara.engine.recall import Recall
from sotokara.ledger.timeline import Timeline
from sotokara.ledger.turns import ObservationRow


def of_both(
    figure: Figure, timeline: Timeline, recall: Recall, rows: tuple[ObservationRow, ObservationRow]
) -> tuple[Facts, Facts] | None:
    """The facts of two rows as far as both asked for them; None where nothing can be compared.

    What two versions of a reader made of an answer differs without any change of the world, and is
    not compared. Answers about two targets are not compared: it was the question that changed.
    """
    facts = timeline.facts(rows[0]), timeline.facts(rows[1])
    if timeline.reader(rows[0]) != timeline.reader(rows[1]):
        return None
    return _narrowed(figure, recall, facts, (timeline.asked(rows[0]), timeline.asked(rows[1])))


def with_raw(
    figure: Figure, timeline: Timeline, recall: Recall, rows: tuple[ObservationRow, ObservationRow]
) -> tuple[Observation, Observation]:
    """The observations of two rows as they would be shown, with their raw."""
    one, other = (recall.masked(figure, timeline.observation(row, raw=True)) for row in rows)
    return one, other


def of_both_now(
    figure: Figure, timeline: Timeline, recall: Recall, row: ObservationRow
) -> tuple[Facts, Facts] | None:
    """The facts that a figure shows and those of a row, as far as both were asked for."""
    if not timeline.as_now(row):
        return None
    shown = figure.facts, timeline.facts(row)
    return _narrowed(figure, recall, shown, (None, timeline.asked(row)))


def with_raw_now(
    figure: Figure, timeline: Timeline, recall: Recall, row: ObservationRow
) -> tuple[Observation, Observation]:
    """The observation that a figure shows, and that of a row, with their raw."""
    shown = figure.now if figure.now and figure.now.facts is not None else figure.last
    assert shown is not None  # noqa: S101  # it has facts, or nothing is compared with it
    return shown, recall.masked(figure, timeline.observation(row, raw=True))


_Asked = tuple[str, dict[str, Any]] | None
"""A former question: its kind and definition; None for the one of today."""


def _narrowed(
    figure: Figure,
    recall: Recall,
    facts: tuple[Facts | None, Facts | None],
    asked: tuple[_Asked, _Asked],
) -> tuple[Facts, Facts] | None:
    before, after = (recall.without_hidden(figure, one) for one in facts)
    if before is None or after is None:
        return None
    if asked[0] == asked[1]:
        return before, after
    old, new = (recall.former(figure, one) if one else figure.question for one in asked)
    if old is None or new is None:
        return None
    kind = figure.node.definition.kind
    left, right = kind.of_both(before, (old, new)), kind.of_both(after, (old, new))
    return None if left is None or right is None else (left, right)
