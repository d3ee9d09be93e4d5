"""Readers of what an index of the logs shows."""

import re
from collections.abc import Sequence
from typing import Any

from sotokara.kinds.ct.entries import entries_of, log_rows
from sotokara.kinds.ct.facts import CtFacts, LogEntry
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import PastedLine

# crt.sh: its JSON, and its table as copied out of a browser.

_HEAD = re.compile(r"\s*(?:Certificates\s+)?crt\.sh ID\b.*Logged At.*Issuer Name\s*$")
_IDENTITY = re.compile(
    r"\s*(?:Criteria\s+)?Type:\s*Identity\s+Match:\s*\S+\s+Search:\s*'([^']+)'.*$"
)
_ROW = re.compile(
    r"\s*(?P<id>\d{4,12})\s+(?P<seen>\d{4}-\d\d-\d\d)\s+(?P<from>\d{4}-\d\d-\d\d)\s+"
    r"(?P<until>\d{4}-\d\d-\d\d)\s+(?P<names>\S+(?:\s+\S+)*?)"
    r"(?:\s+(?P<issuer>[A-Z]{1,3}=.*))?\s*$"
)
_NAME = re.compile(r"\s*([\w*-]+(?:\.[\w-]+)+)(?:\s+(?P<issuer>[A-Z]{1,3}=.*))?\s*$")
_JSON = re.compile(r"\s*\[\s*\{\s*\"issuer_ca_id\"")
_MOST_LINES, _LONGEST = 5000, 2000


def read_crtsh(
    lines: Sequence[PastedLine], at: int, _typed: Command | None = None
) -> Parsed | None:
    """A table or JSON of crt.sh."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    first = cursor.peek()
    if _JSON.match(first):
        return _json(cursor)
    target = ""
    if match := _IDENTITY.match(first):
        target = match[1].strip("%.").lower()
        cursor.take()
        cursor.blank()
    if not cursor.more or not _HEAD.match(cursor.peek()):
        return None
    cursor.take()
    return _table(cursor, target)


def _json(cursor: Cursor) -> Parsed | None:
    text = ""
    for ahead in range(_MOST_LINES):
        if cursor.at + ahead >= len(cursor.lines) or cursor.lines[cursor.at + ahead].typed:
            break
        text += cursor.lines[cursor.at + ahead].text + "\n"
        if text.rstrip().endswith("]"):
            try:
                entries = entries_of(log_rows(text.encode()), "")
            except (ValueError, RecursionError):
                continue
            for _ in range(ahead + 1):
                cursor.take()
            return cursor.listing("crt.sh", "ct", "", facts=_facts(entries), said=_SAID)
    return None


def _table(cursor: Cursor, target: str) -> Parsed | None:
    rows: list[dict[str, Any]] = []
    while cursor.more and cursor.typed is None:
        text = cursor.peek()[:_LONGEST]
        if match := _ROW.match(text):
            names = {word for word in match["names"].split() if "." in word}
            rows.append(
                {
                    "id": int(match["id"]),
                    "entry_timestamp": match["seen"],
                    "not_before": match["from"],
                    "not_after": match["until"],
                    "names": sorted(names),
                    "issuer_name": (match["issuer"] or "").strip(),
                    "serial_number": "",
                }
            )
        elif rows and (match := _NAME.match(text)):
            rows[-1]["names"] = sorted({*rows[-1]["names"], match[1]})
            rows[-1]["issuer_name"] = rows[-1]["issuer_name"] or (match["issuer"] or "").strip()
        else:
            break
        cursor.take()
    if not rows:
        return None
    entries = entries_of(rows, "")
    said = tuple(one for one in _SAID if one != "count")  # a pair is two rows of the table
    return cursor.listing("crt.sh", "ct", target, facts=_facts(entries), said=said)


_SAID = ("count", "issuers", "names", "first_seen", "latest")


def _facts(entries: list[LogEntry]) -> CtFacts:
    days = sorted(one.first_seen for one in entries if one.first_seen)
    return CtFacts(
        count=len(entries),
        certificates=entries,
        issuers=sorted({one.issuer for one in entries}),
        names=sorted({name for one in entries for name in one.names}),
        first_seen=days[0] if days else "",
        latest=days[-1] if days else "",
    )


READERS = (TranscriptReader("crt.sh", (), read_crtsh),)
"""In the order in which they are tried."""
