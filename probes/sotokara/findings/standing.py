"""How a blog stands: what needs a person, the most urgent first.

Plain lists out of a finished build; ``sotokara status`` prints them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sotokara.core.observation import Outcome
from sotokara.engine.figure import Figure
from sotokara.engine.recall import Recall
from sotokara.findings.evaluate import Findings
from sotokara.ledger.turns import turn

URGENT = ("mistake", "broken", "too_old", "failing")
"""What needs a person now, in this order."""
KINDS = (*URGENT, "dead", "never_answered", "old", "silent", "undecided", "unread", "never_asked")
"""Everything that is told, in the order in which it is told."""
DEAD_DAYS = 90
"""A figure that has had no answer for so long is one to pin."""
SILENT_DAYS = 30
"""A figure that nobody has asked for so long."""


class Item(NamedTuple):
    """One thing that is so."""

    what: str
    """One of KINDS."""
    place: str
    """``page#id``; ``page:LINE`` of a mistake."""
    page: str
    asked: str
    """The kind and the target."""
    said: str
    """The particulars: the claim, the failure."""
    since: datetime | None = None
    vantage: str = ""


def standing(
    found: Iterable[tuple[Figure, Findings]], recall: Recall, today: datetime
) -> list[Item]:
    """Every figure that is not as it should be, the most urgent first, the oldest first."""
    items = [
        item for figure, findings in found for item in _of_figure(figure, findings, recall, today)
    ]
    return sorted(items, key=_order)


def _order(item: Item) -> tuple[int, float, str]:
    since = item.since.timestamp() if item.since else 0.0
    return KINDS.index(item.what), since, item.place


def _of_figure(
    figure: Figure, findings: Findings, recall: Recall, today: datetime
) -> Iterator[Item]:
    definition = figure.node.definition
    asked = f"{definition.kind.name} {figure.target}"

    def item(what: str, said: str = "", since: datetime | None = None) -> Item:
        seen = figure.now or figure.last
        vantage = seen.vantage.name if seen else ""
        return Item(what, definition.place, definition.page, asked, said, since, vantage)

    for claim in findings.claims:
        if claim.state == "broken":
            yield item("broken", claim.text, claim.since.moment if claim.since else None)
        elif claim.state == "undecided" and not definition.common.pin:
            yield item("undecided", f"{claim.text} ({claim.now})")
    if definition.common.pin or figure.question is None:
        return
    if findings.overdue:
        limit = "too_old" if findings.overdue.grade == "error_after" else "old"
        answered = figure.last or figure.now
        yield item(limit, findings.overdue.grade, answered.start if answered else None)
    for when in findings.unread[-1:]:
        yield item("unread", "kept by a newer version", when)
    yield from _silences(figure, item, recall, today)


def _silences(
    figure: Figure, item: Callable[..., Item], recall: Recall, today: datetime
) -> Iterator[Item]:
    """No answer, and since when; nobody has asked; nobody ever did."""
    rows = recall.timeline(figure).rows
    looked = [row for row in rows if row.outcome is not Outcome.NOT_MEASURED]
    if not looked:
        yield item("never_asked")
        return
    newest = looked[-1]
    if (today - newest.moment).days >= SILENT_DAYS:
        yield item("silent", "not asked since", newest.moment)
    if newest.outcome is Outcome.ANSWERED:
        return
    last, first = turn(looked, lambda row: row.outcome is Outcome.ANSWERED)
    name = figure.now.failure.name if figure.now and figure.now.failure else ""
    since = first.moment if first else newest.moment
    if last is None:
        yield item("never_answered", name, looked[0].moment)
    elif (today - since).days >= DEAD_DAYS:
        yield item("dead", f"{name}; pin: {last.moment:%Y-%m-%d} keeps its last answer", since)
    else:
        yield item("failing", name, since)


def needs_somebody(items: Iterable[Item]) -> bool:
    """Whether anything is urgent."""
    return any(item.what in URGENT for item in items)


def as_plain(items: Iterable[Item], authors: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """For programs; times are ISO 8601, UTC."""
    return [
        {
            **item._asdict(),
            "since": item.since.strftime("%Y-%m-%dT%H:%M:%SZ") if item.since else None,
            "authors": authors.get(item.page, []),
        }
        for item in items
    ]
