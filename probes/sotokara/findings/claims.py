"""Claims: what the author says the evidence shows (``expect``), held against what was observed.

A claim speaks of the fields of its own facts, of ``outcome`` and ``failure``, and of other
definitions. It holds, holds no longer, or cannot be decided because nothing was measured.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import jinja2
import msgspec

from sotokara.core.expressions import (
    AT,
    OF_OBSERVATION,
    EmptyReference,
    Lookup,
    Reference,
    expression,
)
from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import Facts, Outcome
from sotokara.core.said import said
from sotokara.definitions.common import claims_of
from sotokara.engine.figure import Figure, Node
from sotokara.findings.fields import value_text as plain
from sotokara.findings.past import Past
from sotokara.ledger.timeline import Timeline
from sotokara.ledger.turns import ObservationRow, says, turn

State = Literal["holds", "broken", "undecided"]
Came = tuple[Outcome, str, datetime]
"""What came of an observation: its outcome, the failure's name, when it began."""


class Claim(NamedTuple):
    """One claim and how it stands."""

    text: str
    state: State
    now: str
    """What the fields that it names are now, or why it cannot be decided."""
    held: ObservationRow | None = None
    """Where it is broken: the last observation for which it held."""
    since: ObservationRow | None = None
    """Where it is broken: the first observation after that."""
    held_id: str = ""
    since_id: str = ""
    partly_known: bool = False
    """Of some earlier answers it cannot be said whether it held for them."""
    say: str = ""
    """The author's sentence for it."""
    values: tuple[tuple[str, str], ...] = ()
    """The fields of its own facts that it names, and their values now."""
    over: bool = False
    """It speaks of all the places that its definition is measured from, not of one."""
    of_rows: bool = False
    """It speaks of a batch, and nothing is said of the time before."""
    clocks: bool = False
    """The times of when it broke contradict the order of the runs."""
    asked: ObservationRow | None = None
    """Where it is broken: the first observation there is; of the time before nothing is known."""


class ClaimError(ValueError):  # the author's mistake
    """The expression itself is wrong; the text says how."""


def claim_texts(node: Node) -> list[str]:
    """A definition's claims."""
    return [one.that for one in claims_of(node.definition.common)]


def claims(
    figure: Figure, timeline: Timeline, lookup: Lookup, past: Past | None = None
) -> Iterable[Claim]:
    """How each claim of a figure stands; ``past``: what other definitions were before.

    :raises ClaimError: for an expression that is wrong whatever was observed.
    :raises LedgerError: when the evidence cannot be read.
    """
    first = next(iter(figure.node.figures or ()), figure)
    for text, say in ((one.that, one.say) for one in claims_of(figure.node.definition.common)):
        if not over_places(figure.node, text):
            yield _stand(text, figure, timeline, lookup, past)._replace(say=say)
        elif figure is first:
            yield _stand_over(text, timeline, lookup, past)._replace(say=say)


def over_places(node: Node, text: str) -> bool:
    """Whether a claim speaks of all places of its definition: of its id, and of no bare fact."""
    definition = node.definition
    if not definition.several or definition.id is None:
        return False
    named = {one.id for one in expression(text).references if one.stem is None}
    bare = {*definition.kind.facts.__struct_fields__, *OF_OBSERVATION}
    return definition.id in named and not named & bare


def author_error(figure: Figure, error: ClaimError) -> AuthorError:
    """The author's mistake in a claim, with its place."""
    definition = figure.node.definition
    hint = said("compare fields with values of their own type")
    return AuthorError(definition.page, definition.line, said("in expect: {}", error), hint)


def _stand(
    text: str, figure: Figure, timeline: Timeline, lookup: Lookup, past: Past | None
) -> Claim:
    now = figure.now
    if now is not None and now.origin == "others":
        return Claim(text, "undecided", "by_others")
    outcome = now.failure.outcome if now and now.failure else now.outcome if now else None
    if now is None or outcome is None or outcome is Outcome.NOT_MEASURED:
        failure = figure.failure or (now.failure if now else None)
        return Claim(text, "undecided", failure.name if failure else "not_measured")
    name = now.failure.name if now.failure else ""
    came = (outcome, name, now.start)
    state = held(text, figure, now.facts, came, lookup)
    if state is None:
        why = "unknown_fact" if _open(text, figure, now.facts) else "not_measured"
        return Claim(text, "undecided", name or why)
    values = _values(text, figure, now.facts, came)
    if state:
        return Claim(text, "holds", _in_a_line(values), values=values)
    said = all_said(past, [text])
    unsaid: list[bool] = []
    known: dict[object, bool | None] = {}

    def before(row: ObservationRow) -> bool | None:
        key = said(row)
        if key not in known:
            came = (row.outcome, timeline.failure(row), row.moment)
            then = past.lookup(row) if past else _nothing
            known[key] = held_then(text, figure, timeline, row, (came, then))
            unsaid.append(known[key] is None and row.outcome is Outcome.ANSWERED)
        return known[key]

    last, first = turn(timeline.rows, before, said)
    return Claim(
        text,
        "broken",
        _in_a_line(values),
        last,
        first,
        timeline.entry(last).id if last else "",
        timeline.entry(first).id if first else "",
        partly_known=any(unsaid),
        values=values,
        clocks=_clocks(timeline, last, first),
        asked=timeline.rows[0] if timeline.rows else None,
    )


def _stand_over(text: str, timeline: Timeline, lookup: Lookup, past: Past | None) -> Claim:
    """A claim over places; before: at the times of the first place's rows."""

    def held_by(find: Lookup) -> bool | None:
        try:
            return bool(expression(text)(find))
        except EmptyReference:
            return None

    state = held_by(lookup)
    if state is None:
        return Claim(text, "undecided", "open_at_places", over=True)
    if state or past is None:
        return Claim(text, "holds" if state else "broken", "", over=True)
    unsaid: list[bool] = []

    def before(row: ObservationRow) -> bool | None:
        then = held_by(past.lookup(row))
        unsaid.append(then is None)
        return then

    last, first = turn(timeline.rows, before, all_said(past, [text]))
    held_id, since_id = (timeline.entry(row).id if row else "" for row in (last, first))
    return Claim(
        text,
        "broken",
        "",
        last,
        first,
        held_id,
        since_id,
        partly_known=any(unsaid),
        over=True,
        clocks=_clocks(timeline, last, first),
        asked=next(iter(timeline.rows), None),
    )


def _clocks(timeline: Timeline, last: ObservationRow | None, first: ObservationRow | None) -> bool:
    return bool(last and first and timeline.clocks_disagree(last, first))


def held_then(
    text: str,
    figure: Figure,
    timeline: Timeline,
    row: ObservationRow,
    known: tuple[Came, Lookup],
) -> bool | None:
    """Whether a claim held for a row, which may be of a question that the place asked before.

    That it did not hold says nothing where another question was asked, or another version of the
    reader has read the answer.

    :raises ClaimError: for an expression that is wrong whatever was observed.
    """
    came, then = known
    hold = held(text, figure, timeline.facts(row), came, then)
    if hold or row.outcome is not Outcome.ANSWERED:
        return hold
    return hold if not row.question and timeline.as_now(row) else None


def all_said(past: Past | None, every: Sequence[str]) -> Callable[[ObservationRow], object]:
    """What a row says, with all else that these claims rest on.

    That is what the definitions that they name said then, and the time, where they name ``at``.
    """
    timed = any(one.id == AT for text in every for one in expression(text).references)
    if timed:
        return lambda row: row
    if past is None or not past.of_others:
        return says
    return lambda row: (says(row), past.key(row))


def _nothing(reference: Reference) -> Any:  # noqa: ANN401  # never anything
    raise EmptyReference(f"{reference} is not known of then")


def held(text: str, figure: Figure, facts: Facts | None, came: Came, lookup: Lookup) -> bool | None:
    """Whether a claim holds for one observation; None where that cannot be said.

    :raises ClaimError: for an expression that is wrong whatever was observed.
    """
    if came[0] is Outcome.NOT_MEASURED:
        return None
    kind = figure.node.definition.kind
    own = kind.facts.__struct_fields__
    touched: list[Any] = []

    def find(reference: Reference) -> Any:  # noqa: ANN401  # a fact
        if reference.stem is not None or reference.id not in (*own, *OF_OBSERVATION):
            return lookup(reference)
        if reference.id in OF_OBSERVATION:
            return came[OF_OBSERVATION.index(reference.id)]
        if facts is None:
            raise EmptyReference(f"{reference} was not observed")
        if reference.id in kind.unknown(facts):
            raise EmptyReference(f"{reference} could not be found out")
        touched.append(getattr(facts, reference.id))
        return touched[-1]

    try:
        return bool(expression(text)(find))
    except EmptyReference as error:
        cause = error.__cause__
        if cause is None:
            return None
        missing = isinstance(cause, jinja2.UndefinedError | LookupError)
        if missing or any(value in (None, "", [], {}) for value in touched):
            return False  # it speaks of what is not there
        raise ClaimError(str(error)) from error


def _open(text: str, figure: Figure, facts: Facts | None) -> bool:
    """Whether a claim names a field that a failed question left open."""
    unknown = figure.node.definition.kind.unknown(facts)
    return any(one.id in unknown for one in expression(text).references if not one.stem)


def _values(
    text: str, figure: Figure, facts: Facts | None, came: Came
) -> tuple[tuple[str, str], ...]:
    """The fields of its own facts that a claim names, and their values: plain text."""
    own = figure.node.definition.kind.facts.__struct_fields__
    shown = []
    for name in dict.fromkeys(one.id for one in expression(text).references if not one.stem):
        if name in OF_OBSERVATION:
            value: Any = came[OF_OBSERVATION.index(name)]
            value = f"{value:%Y-%m-%d %H:%M} UTC" if name == AT else value
        elif name in own and facts is not None:
            value = getattr(facts, name)
        else:
            continue
        shown.append((name, plain(msgspec.to_builtins(value)) or "–"))
    return tuple(sorted(shown))


def _in_a_line(values: Iterable[tuple[str, str]]) -> str:
    """``addresses: 192.0.2.1; rcode: NOERROR``."""
    return "; ".join(f"{name}: {value}" for name, value in values)
