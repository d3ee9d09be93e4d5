"""Styles of kind ``cited``: a row for each report, as a table or as lines."""

from sotokara.core.times import spaced
from sotokara.kinds.cited.facts import CitedFacts, Report
from sotokara.kinds.shared.view import Table, View


def table(view: View) -> Table:
    """When, which probe and where, what it reports."""
    words = view.words
    header = [words["cited_probe"], words["cited_place"], words["cited_at"], words["cited_said"]]
    facts: CitedFacts = view.facts
    return Table(header, [_row(one) for one in facts.reports])


def lines(view: View) -> list[str]:
    """The same, a line each."""
    facts: CitedFacts = view.facts
    return ["  ".join(filter(None, _row(one))) for one in facts.reports]


def _row(one: Report) -> list[str]:
    place = " ".join(filter(None, (one.country, one.network)))
    said = one.said or f"({one.failure})"
    through = f" @{one.through}" if one.through else ""
    return [one.probe, place, spaced(one.at), f"{said}{through}"]


STYLES = {"table": table, "lines": lines}
