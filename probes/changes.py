"""What has changed on the whole site: every pair of neighbouring answers whose facts differ."""

from typing import NamedTuple

from probes.figures import Figure
from probes.ledger.timeline import Row, Timeline

MOST = 20
"""Of one question; the newest."""


class Change(NamedTuple):
    """Two observations of one question, one right after the other, whose facts differ."""

    figure: Figure
    before: Row
    after: Row
    before_id: str
    after_id: str


def changes(figure: Figure, timeline: Timeline) -> list[Change]:
    """The changes of one question, newest first.

    RTTs, TTLs, order and ids are no facts; what else is no change, its kind says (``Kind.same``).

    :raises LedgerError: when the evidence cannot be read.
    """
    rows = timeline.answered()
    found: list[Change] = []
    alike: dict[tuple[int | None, int | None], bool] = {}
    kind = figure.node.definition.kind
    for before, after in zip(rows[-2::-1], rows[:0:-1], strict=True):
        if before.facts == after.facts:
            continue
        pair = (before.facts, after.facts)
        if pair not in alike:
            old, new = timeline.facts(before), timeline.facts(after)
            alike[pair] = old is not None and new is not None and kind.same(old, new)
        if alike[pair]:
            continue
        ids = timeline.entry(before).id, timeline.entry(after).id
        found.append(Change(figure, before, after, *ids))
        if len(found) == MOST:
            break
    return found
