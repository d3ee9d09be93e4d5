"""Windows ``pathping``: the hops, then a table of losses that names them again."""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.asked import asked_target
from sotokara.kinds.traceroute.readers.languages import DONE
from sotokara.kinds.traceroute.readers.paths import (
    HopReply,
    ListedHop,
    ListedPath,
    parse_hop_host,
    path_listing,
)

_HOP = re.compile(r"^\s{0,6}(?P<ttl>\d{1,3})\s{1,6}(?P<rest>\S.*)$")
_SILENT = re.compile(r"^\*(?:\s+\*){0,2}(?:\s+\D.*)?$")
_NAMED = re.compile(r"(?P<name>[\w.-]+) \[(?P<address>[0-9A-Fa-f.:%]+)\]")
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z.:-]*[0-9A-Za-z]")
_LOSS = re.compile(r"\d+/\s*\d+\s*=")
_ABOVE = 2
BEGINS = re.compile(r"^\s{0,6}0\s{1,6}\S")
ABOVE = 4


def read_pathping(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One trace: it begins with the author's own host as hop 0."""
    cursor = Cursor(lines, at)
    over: list[str] = []
    while len(over) < _ABOVE and cursor.peek().strip() and not _HOP.match(cursor.peek()):
        over.append(cursor.take())
    cursor.blank()
    first = _HOP.match(cursor.peek())
    if not over or first is None or first["ttl"] != "0" or parse_hop_host(first["rest"]) is None:
        return None
    target, address = _target(" ".join(over), typed)
    if not target:
        return None
    hops: list[ListedHop] = []
    while cursor.more and (match := _HOP.match(cursor.peek())):
        rest = match["rest"].rstrip()
        number = int(match["ttl"])
        if _LOSS.search(rest) or number > len(hops):
            break
        found = ("", "", []) if _SILENT.match(rest) else parse_hop_host(rest)
        if found is None:
            cursor.skip_unread()
            continue
        cursor.take()
        for word in found[2]:
            cursor.mask(word)
        replies = (HopReply(found[1], found[0]),) if any(found[:2]) else ()
        hops.append(ListedHop(number, replies, None))
    complete = _rest(cursor)
    own = hops[1:]
    if not own:
        return None
    path = ListedPath(tuple(own), target, address, "icmp", complete=complete)
    return path_listing(cursor, "pathping", path, typed)


def _target(text: str, typed: Command | None) -> tuple[str, str]:
    if named := _NAMED.search(text):
        return named["name"], named["address"]
    asked = asked_target(typed)
    words = {one for one in _WORD.findall(text) if is_address(one) or one == asked}
    return (words.pop(), "") if len(words) == 1 else ("", "")


def _rest(cursor: Cursor) -> bool:
    """Take the table of losses; whether the trace says that it came to its end."""
    ahead, after = 0, 0
    while cursor.at + ahead < len(cursor.lines) and ahead - after < 8:  # noqa: PLR2004
        text = cursor.peek(ahead)
        ahead += 1
        if DONE.match(text):
            while ahead:
                cursor.take()
                ahead -= 1
            return True
        if _LOSS.search(text):
            after = ahead
    for _ in range(after):
        cursor.take()
    return False
