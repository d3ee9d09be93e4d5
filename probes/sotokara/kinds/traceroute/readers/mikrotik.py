"""MikroTik RouterOS ``/tool traceroute``: a table that the router prints again and again."""

import re
from collections.abc import Sequence

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import (
    HopReply,
    ListedHop,
    ListedPath,
    parse_hop_host,
    path_listing,
)

_HEAD = re.compile(r"^\s*#\s+(?:ADDRESS|HOST)\s+(?:LOSS|RT1|STATUS)\b.*$")
_COLUMNS = re.compile(r"^\s*Columns: ADDRESS, .*$")
BEGINS = any_of(_HEAD, _COLUMNS)
_ROW = re.compile(
    r"^\s{0,4}(?P<ttl>\d{1,3})\s+(?:(?P<place>[^\s%]+)\s+)?(?:\d{1,3}%\s+\d+\b|\d+(?:ms|us)\b)"
    r"(?P<rest>[^\[\]]*(?:<MPLS:[^<>]*>)?)$"
)
_SILENT = re.compile(
    r"^\s{0,4}(?P<ttl>\d{1,3})\s+(?:0\.0\.0\.0\s+)?(?:timeout.*|(?:\d{1,3}%\s+\d+\s+)?timeout)$"
)
_MORE = re.compile(r"^\s*-- \[Q quit.*$")


def read_mikrotik(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One table; of those that were printed again below it the last one is read."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    read: list[ListedHop] = []
    while cursor.more and (_HEAD.match(cursor.peek()) or _COLUMNS.match(cursor.peek())):
        while cursor.more and (_HEAD.match(cursor.peek()) or _COLUMNS.match(cursor.peek())):
            cursor.take()
        hops: list[ListedHop] = []
        while cursor.more:
            text = cursor.peek()
            if _MORE.match(text):
                cursor.take()
                continue
            hop = _hop(text, cursor)
            if hop is None or (hops and hop.ttl <= hops[-1].ttl):
                break
            cursor.take()
            hops.append(hop)
        read = hops or read
        if re.match(r"^\s{0,4}\d{1,3}\s+\S", cursor.peek()):
            cursor.skip_unread()
            break
    if not read:
        return None
    path = ListedPath(tuple(read), protocol="icmp")
    return path_listing(cursor, "mikrotik", path, typed)


def _hop(text: str, cursor: Cursor) -> ListedHop | None:
    if match := _SILENT.match(text):
        return ListedHop(int(match["ttl"]), (), None)
    match = _ROW.match(text)
    if match is None:
        return None
    if not match["place"] or "timeout" in match["rest"]:
        return ListedHop(int(match["ttl"]), (), None) if not match["place"] else None
    found = parse_hop_host(match["place"])
    if found is None:
        return None
    for word in found[2]:
        cursor.masked.append((cursor.number(), word))
    return ListedHop(int(match["ttl"]), (HopReply(found[1], found[0]),), None)
