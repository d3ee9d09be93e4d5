"""Styles of kind ``cited``: a row for each report, as a table or as lines; or what a file is."""

from datetime import datetime

from sotokara.core.times import spaced
from sotokara.kinds.cited.facts import CitedFacts, Report
from sotokara.kinds.cited.file import text_of
from sotokara.kinds.shared.view import PathRow, Picture, Table, View

_MOST_ROWS = 100


def table(view: View) -> Table:
    """When, which probe and where, what it reports; of another file, whose it is and of when."""
    words = view.words
    if view.facts.sha256 and not view.facts.reports:
        return Table([words["name"], words["value"]], _file(view))
    header = [words["cited_probe"], words["cited_place"], words["cited_at"], words["cited_said"]]
    facts: CitedFacts = view.facts
    return Table(header, [_row(one) for one in facts.reports])


def lines(view: View) -> list[str]:
    """The same, a line each; of another file its text, where it is one and was kept."""
    facts: CitedFacts = view.facts
    if facts.sha256 and not facts.reports:
        text = text_of(view.exchanges)
        return text.splitlines() or [": ".join(row) for row in _file(view)]
    return ["  ".join(filter(None, _row(one))) for one in facts.reports]


def _file(view: View) -> list[list[str]]:
    facts, words = view.facts, view.words
    said = {
        "by": facts.platform,
        "published": facts.published,
        "link": facts.link,
        "file": facts.measurement,
        "size": f"{facts.size:,} B",
        "sha256": facts.sha256,
    }
    return [[words[f"cited_{name}"], value] for name, value in said.items() if value]


def _row(one: Report) -> list[str]:
    place = " ".join(filter(None, (one.country, one.network)))
    said = one.said or f"({one.failure})"
    through = f" @{one.through}" if one.through else ""
    when = " - ".join(spaced(time) for time in (one.at, one.until) if time)
    return [one.probe, place, when, f"{said}{through}"]


def timeline(view: View) -> Picture | Table:
    """A row for each report, its bar from when it was so until when; a mark where it was once."""
    facts: CitedFacts = view.facts
    if not facts.first or facts.first == facts.last:
        return table(view)
    start, end = _seconds(facts.first), _seconds(facts.last)
    drawn = []
    for number, one in enumerate(facts.reports[:_MOST_ROWS], 1):
        since, until = _seconds(one.at or facts.first), _seconds(one.until or one.at or facts.first)
        span = tuple((time - start) / (end - start) * 100 for time in (since, until))
        when = " - ".join(spaced(time) for time in (one.at, one.until) if time)
        said = one.said or f"({one.failure})"
        drawn.append(PathRow(str(number), (said,), said=when, span=(span[0], span[1])))
    return Picture(drawn, ("", view.words["cited_said"], view.words["cited_when"]))


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


STYLES = {"table": table, "lines": lines, "timeline": timeline}
