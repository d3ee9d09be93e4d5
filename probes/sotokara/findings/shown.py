"""Whether a figure shows a difference between two answers: what it does not show is no change."""

from collections.abc import Callable
from typing import Any

import msgspec

from sotokara.core.expressions import expression
from sotokara.core.labels import labels
from sotokara.core.observation import Facts, Observation, Outcome, Vantage, now
from sotokara.definitions.common import claims_of
from sotokara.engine.figure import Figure
from sotokara.findings.fields import ChangedField, changed_fields
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Picture, Table, View

Whole = Callable[[], tuple[Observation, Observation]]
"""Both observations with their raw; they are read only where a style shows it."""


def shown_changes(
    figure: Figure, before: Facts, after: Facts, whole: Whole | None = None
) -> list[ChangedField]:
    """The fields that differ, if the figure shows that anything does; else none.

    It shows what its output and the remarks beside it have, and what its claims name. A style that
    is read from raw has all that was answered, but for what it leaves out of both listings.
    """
    definition = figure.node.definition
    kind = definition.kind
    fields = changed_fields(kind, before, after)
    if not fields or figure.question is None:
        return fields
    claimed = _claimed(figure)
    if any(one.path.partition(".")[0].partition("[")[0] in claimed for one in fields):
        return fields
    comparable = kind.comparable(before, after)
    if (style := definition.style) not in kind.from_raw:
        old, new = (_output(figure, one) for one in comparable)
        return _told(figure, comparable, (old, new), fields) if old != new else []
    seen = (kind.seen_in(style, before), kind.seen_in(style, after))
    fields = changed_fields(kind, *seen)
    both = whole() if fields and whole else ()
    if len([one for one in both if one.exchanges]) < 2:  # noqa: PLR2004  # of one no raw was kept
        return fields
    old, new = (_output(figure, *one) for one in zip(comparable, both, strict=True))
    return fields if old != new else []


def _told(
    figure: Figure, facts: tuple[Facts, Facts], outputs: tuple[Any, Any], fields: list[ChangedField]
) -> list[ChangedField]:
    """The fields that the figure has a word of: their values stand in it, or they turn it alone."""
    text, (before, after) = repr(outputs), facts

    def is_told(one: ChangedField) -> bool:
        root = one.path.partition(".")[0].partition("[")[0]
        if any(value in text for value in f"{one.before}, {one.after}".split(", ") if value):
            return True
        alone = msgspec.structs.replace(after, **{root: getattr(before, root)})
        return bool(_output(figure, alone) != outputs[1])

    return list(filter(is_told, fields)) or fields


def _claimed(figure: Figure) -> set[str]:
    return {
        one.id
        for claim in claims_of(figure.node.definition.common)
        for one in expression(claim.that).references
        if one.stem is None
    }


def _output(figure: Figure, facts: Facts, whole: Observation | None = None) -> Any:  # noqa: ANN401  # compared, nothing else
    """What the figure makes of facts, and of raw where it is given, without volatile values."""
    kind, words = figure.node.definition.kind, labels("en")
    bare = whole and msgspec.structs.replace(whole, volatile={}, facts=facts)
    bare = bare or Observation(
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
