"""Styles of kind ``ct``: a table, and a list."""

from sotokara.core.display import with_unicode
from sotokara.kinds.ct.facts import CtFacts, LogEntry
from sotokara.kinds.shared.view import Conclusion, Table, View

_MOST_ROWS, _MOST_NAMES = 40, 4


def table(view: View) -> Table:
    """A row for each certificate, the newest first."""
    facts: CtFacts = view.facts
    words = view.words
    header = [words["ct_first_seen"], words["ct_issuer"], words["ct_names"], words["ct_until"]]
    rows = [
        [one.first_seen, one.issuer, _names(one), one.expires]
        for one in facts.certificates[:_MOST_ROWS]
    ]
    if facts.count > len(rows):
        rows.append(["", words["ct_more"].format(count=facts.count - len(rows)), "", ""])
    return Table(header, rows or [["", words["ct_none"], "", ""]])


def _names(one: LogEntry) -> str:
    shown = ", ".join(map(with_unicode, one.names[:_MOST_NAMES]))
    return f"{shown} … ({len(one.names)})" if one.names[_MOST_NAMES:] else shown


def listing(view: View) -> list[str]:
    """A line for each certificate, and what they come to."""
    facts: CtFacts = view.facts
    words = view.words
    lines = [
        f"{one.first_seen}  {one.issuer}  {_names(one)}  {one.serial}"
        for one in facts.certificates[:_MOST_ROWS]
    ]
    if not facts.count:
        return [Conclusion(f"=> {words['ct_none']}")]
    said = words["ct_sum"].format(
        count=facts.count, issuers=", ".join(facts.issuers[:8]), since=facts.first_seen
    )
    return [*lines, Conclusion(f"=> {said}")]


STYLES = {"table": table, "list": listing}
