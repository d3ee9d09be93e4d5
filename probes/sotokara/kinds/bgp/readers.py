"""Readers of what routers, looking glasses and RIPEstat print."""

import re
from collections.abc import Sequence
from typing import Any

from sotokara.kinds.bgp.kept import MOST_ROUTES, MOST_UPDATES, Route, Routes, Update
from sotokara.kinds.bgp.numbers import Prefix, as_number, prefix_of
from sotokara.kinds.bgp.parse import prefix_facts
from sotokara.kinds.bgp.ripestat import of_data
from sotokara.kinds.shared.terminal.documents import json_document
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import PastedLine

# `show ip bgp` of Cisco, FRR, Arista and looking glasses: one prefix, or a table of them.

_ENTRY = re.compile(r"\s*BGP routing table entry for (?P<prefix>[0-9A-Fa-f.:]{2,45}/\d{1,3})\b")
_COUNT = re.compile(r"\s*Paths: \((?P<count>\d{1,5}) available\b")
_PATH = re.compile(r"\s{1,4}(?P<path>[\d{][\d{}, ]{0,2000}?)(?:, \(.*)?$")
_FROM = re.compile(r"\s+\S{1,60} (?:\([^)]{0,60}\) )?from (?P<peer>\S{1,60})")
_HEAD = re.compile(r"\s*Network\s+Next Hop\s.*\bPath\s*$")
_ROW = re.compile(r"\s{0,3}[*sdhrSRxVIN=>?i ]{1,6}?\s*(?P<prefix>[0-9A-Fa-f.:]{2,45}/\d{1,3})?\s")
_ORIGIN = re.compile(r"(?P<path>.*?)\s*[ie?]\s*$")
_NUMBERS = re.compile(r"\d{1,10}|\{[\d, ]{1,200}\}")
_SAID_OF_TABLE = ("origins", "paths", "more_specifics")


def read_show_bgp(
    lines: Sequence[PastedLine], at: int, _typed: Command | None = None
) -> Parsed | None:
    """An entry or a table, from its first line."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    if entry := _ENTRY.match(cursor.peek()):
        prefix = prefix_of(entry["prefix"])
        return _entry(cursor, prefix) if prefix is not None else None
    return _table(cursor) if _HEAD.match(cursor.peek()) else None


def _entry(cursor: Cursor, prefix: Prefix) -> Parsed | None:
    cursor.take()
    routes: list[Route] = []
    told, path = 0, None
    while cursor.more and cursor.typed is None and not _ENTRY.match(cursor.peek()):
        text = cursor.peek()
        if not text.strip():
            if path is None:
                break
            cursor.blank()
            continue
        if match := _COUNT.match(text):
            told = int(match["count"])
        elif match := _PATH.match(text):
            path = match["path"]
        elif path is not None and (match := _FROM.match(text)):
            routes.append((match["peer"], str(prefix), hops_in(path)))
        elif not text[:1].isspace() and path is not None:
            break
        cursor.take()
    doubts = () if not told or told == len(routes) else ("cut",)
    return _read(cursor, routes, prefix, doubts) if routes else None


def _table(cursor: Cursor) -> Parsed | None:
    column = cursor.take().rstrip().rindex("Path")
    routes: list[Route] = []
    prefix: Prefix | None = None
    while cursor.more and cursor.typed is None and len(routes) < MOST_ROUTES:
        text = cursor.peek()
        row = _ROW.match(text)
        if row is None:
            break
        if row["prefix"]:
            prefix = prefix_of(row["prefix"])
        path = _ORIGIN.match(text[column:])
        if prefix is None or path is None:
            cursor.skip_unread()
            continue
        routes.append((f"path {len(routes)}", str(prefix), hops_in(path["path"])))
        cursor.take()
    first = prefix_of(routes[0][1]) if routes else None
    return _read(cursor, routes, first, ()) if first is not None else None


def hops_in(text: str) -> list[Any]:
    """A path as routers print it, in the form that is kept."""
    found: list[Any] = []
    for one in _NUMBERS.findall(text):
        if one.startswith("{"):
            members = [as_number(member) for member in re.findall(r"\d{1,10}", one)]
            found.append([member for member in members if member is not None])
        elif (number := as_number(one)) is not None:
            found.append(number)
    return found


def _read(cursor: Cursor, routes: list[Route], prefix: Prefix, doubts: tuple[str, ...]) -> Parsed:
    outer = min(
        (net for _, text, _ in routes if (net := prefix_of(text)) is not None),
        key=lambda one: one.prefixlen,
        default=prefix,
    )
    facts = prefix_facts(Routes(before=[one for one in routes if one[2]]), outer)
    return cursor.listing("show bgp", "bgp", str(outer), doubts, facts=facts, said=_SAID_OF_TABLE)


# `bgpdump -m`: one route or update a line, its fields between bars.

_LEAST_FIELDS, _LEAST_OF_PATH = 6, 7


def read_bgpdump(
    lines: Sequence[PastedLine], at: int, _typed: Command | None = None
) -> Parsed | None:
    """Lines of a table or of updates."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    before: list[Route] = []
    then: list[Update] = []
    prefixes: list[Prefix] = []
    times: list[int] = []
    while cursor.more and len(prefixes) < MOST_UPDATES:
        fields = cursor.peek().strip().split("|")
        prefix = prefix_of(fields[5]) if len(fields) >= _LEAST_FIELDS else None
        if prefix is None or not fields[1].isdecimal() or fields[2] not in ("A", "B", "W"):
            break
        when, peer = int(fields[1][:12]), f"{fields[3][:60]} AS{fields[4][:10]}"
        path = hops_in(fields[6]) if len(fields) >= _LEAST_OF_PATH and fields[2] != "W" else None
        if fields[2] == "B" and path:
            before.append((peer, str(prefix), path))
        elif fields[2] == "W" or path:
            then.append((when, peer, str(prefix), path, False))
        prefixes.append(prefix)
        times.append(when)
        cursor.take()
    if not prefixes:
        return None
    outer = min(prefixes, key=lambda one: one.prefixlen)
    since, until = (min(times), max(times)) if then else (0, 0)
    then.sort(key=lambda one: one[0])
    kept = Routes(time=max(times), since=since, until=until, before=before, then=then)
    facts = prefix_facts(kept, outer)
    return cursor.listing("bgpdump", "bgp", str(outer), facts=facts, said=_SAID)


# RIPEstat's JSON, pasted: `bgp-state` and `bgplay`.

_SAID = ("origins", "paths", "more_specifics", "timeline", "since", "until", "moment")


def read_stat(lines: Sequence[PastedLine], at: int, _typed: Command | None = None) -> Parsed | None:
    """A whole answer, or its ``data`` alone."""
    found = json_document(lines, at)
    if found is None or not isinstance(found[0], dict):
        return None
    document, after = found
    data = document.get("data", document)
    if not isinstance(data, dict) or not {"bgp_state", "initial_state"} & set(data):
        return None
    kept: Routes = of_data(data)
    prefixes = [net for _, text, _ in kept.before if (net := prefix_of(text)) is not None]
    prefixes += [net for _, _, text, _, _ in kept.then if (net := prefix_of(text)) is not None]
    if not prefixes:
        return None
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    while cursor.at < after:
        cursor.take()
    outer = min(prefixes, key=lambda one: one.prefixlen)
    facts = prefix_facts(kept, outer)
    return cursor.listing("RIPEstat", "bgp", str(outer), facts=facts, said=_SAID)


READERS = (
    TranscriptReader(
        "show bgp",
        (),
        read_show_bgp,
        begins=re.compile(r"BGP routing table entry for |^\s*Network\s+Next Hop\s"),
    ),
    TranscriptReader(
        "bgpdump",
        ("bgpdump",),
        read_bgpdump,
        begins=re.compile(r"^\s*(?:TABLE_DUMP2?|BGP4MP(?:_ET)?)\|"),
    ),
    TranscriptReader("RIPEstat", (), read_stat, begins=re.compile(r"^\s*\{")),
)
"""In the order in which they are tried."""
