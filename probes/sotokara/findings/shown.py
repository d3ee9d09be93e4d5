"""Whether a figure shows a difference between two answers: what it does not show is no change."""

from typing import Any

from sotokara.core.expressions import expression
from sotokara.core.labels import labels
from sotokara.core.observation import Facts, Observation, Outcome, Vantage, now
from sotokara.definitions.common import claims_of
from sotokara.engine.figure import Figure
from sotokara.findings.fields import ChangedField, changed_fields
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Picture, Table, View


def shown_changes(figure: Figure, before: Facts, after: Facts) -> list[ChangedField]:
    """The fields that differ, if the figure shows that anything does; else none.

    It shows what its output and the remarks beside it have, and what its claims name. A style that
    is read from raw has all that was answered.
    """
    definition = figure.node.definition
    kind = definition.kind
    fields = changed_fields(kind, before, after)
    if not fields or definition.style in kind.from_raw or figure.question is None:
        return fields
    claimed = _claimed(figure)
    if any(one.path.partition(".")[0].partition("[")[0] in claimed for one in fields):
        return fields
    comparable = kind.comparable(before, after)
    old, new = (_output(figure, one) for one in comparable)
    return fields if old != new else []


def _claimed(figure: Figure) -> set[str]:
    return {
        one.id
        for claim in claims_of(figure.node.definition.common)
        for one in expression(claim.that).references
        if one.stem is None
    }


def _output(figure: Figure, facts: Facts) -> Any:  # noqa: ANN401  # compared, nothing else
    """What the figure makes of facts alone, without times and other volatile values."""
    kind, words = figure.node.definition.kind, labels("en")
    bare = Observation(
        digest="",
        definition={},
        start=now(),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("", ""),
        facts=facts,
    )
    assert figure.question is not None  # noqa: S101  # the caller has looked
    output = styles_of(kind)[figure.node.definition.style](
        View(figure.question, bare, facts, words)
    )
    if isinstance(output, Picture):
        output = [row.text for row in output.rows]
    elif isinstance(output, Table):
        output = output.lines()
    return output, kind.remarks(facts, bare, words)
