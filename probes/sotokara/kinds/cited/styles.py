"""Styles of kind ``cited``: a row for each report, as a table or as lines; or what a file is."""

from sotokara.core.times import spaced
from sotokara.kinds.cited.facts import CitedFacts, Report
from sotokara.kinds.cited.file import text_of
from sotokara.kinds.shared.view import Table, View


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
    return [one.probe, place, spaced(one.at), f"{said}{through}"]


STYLES = {"table": table, "lines": lines}
