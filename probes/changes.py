"""What has changed on the whole site: every pair of neighbouring answers whose facts differ."""

from typing import NamedTuple

from probes.figures import Figure
from probes.kinds.interface import Kind
from probes.ledger.timeline import Row, Timeline

MOST = 20
"""Of one question; the newest."""


class Change(NamedTuple):
    """Two observations of one question, with nothing known between them, whose facts differ."""

    figure: Figure
    before: Row
    after: Row
    before_id: str
    after_id: str


def changes(figure: Figure, timeline: Timeline) -> list[Change]:
    """The changes of one question, newest first.

    RTTs, TTLs, order and ids are no facts; what else is no change, its kind says (``Kind.same``).
    Where the one before left a fact open, the last one that did not is compared too.

    :raises LedgerError: when the evidence cannot be read.
    """
    rows = timeline.answered()
    found: list[Change] = []
    alike: dict[tuple[int | None, int | None], bool] = {}
    kind = figure.node.definition.kind

    def same(before: Row, after: Row) -> bool:
        pair = (before.facts, after.facts)
        if pair not in alike:
            old, new = timeline.facts(before), timeline.facts(after)
            alike[pair] = old is not None and new is not None and kind.same(old, new)
        return alike[pair]

    for number in range(len(rows) - 1, 0, -1):
        before, after = rows[number - 1], rows[number]
        if before.facts == after.facts:
            continue
        if same(before, after):
            known = _known(rows, number - 1, timeline, kind)
            if known is None or kind.unknown(timeline.facts(after)) or same(known, after):
                continue
            before = known
        ids = timeline.entry(before).id, timeline.entry(after).id
        found.append(Change(figure, before, after, *ids))
        if len(found) == MOST:
            break
    return found


def _known(rows: list[Row], number: int, timeline: Timeline, kind: type[Kind]) -> Row | None:
    """Where this row left a fact open: the last row before it that did not."""
    for earlier in range(number, -1, -1):
        if not kind.unknown(timeline.facts(rows[earlier])):
            return rows[earlier] if earlier < number else None
    return None
