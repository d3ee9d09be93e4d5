"""dublin-traceroute: one list of hops for each flow; together they are the paths to one target."""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, Path, path_listing

_START = re.compile(r"^\s*Starting dublin-traceroute\s*$")
_TO = re.compile(
    r"^\s*Traceroute from \S+ to (?P<address>[0-9A-Fa-f.:]+?):\d+(?:~\d+)? \(probing "
    r"(?:\d+ paths?|.*)"
    r".*max TTL is (?P<max>\d+).*$"
)
BEGINS = any_of(_START, _TO)
_FLOW = re.compile(r"^\s*== Flow ID \d+ ==\s*$")
_HOP = re.compile(
    r"^\s{0,4}(?P<ttl>\d{1,3})\s+(?P<address>[0-9A-Fa-f.:]+) \((?P<name>[^()]*)\),? (?P<rest>.*)$"
)
_SILENT = re.compile(r"^\s{0,4}(?P<ttl>\d{1,3})\s+\*\s*$")


def read_dublin(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:  # noqa: C901  # one branch a form
    """All flows of one run."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    if _START.match(cursor.peek()):
        cursor.take()
    to = _TO.match(cursor.peek())
    if to is None:
        return None
    cursor.take()
    found: dict[int, dict[str, HopReply]] = {}
    while cursor.more:
        text = cursor.peek()
        if match := _HOP.match(text):
            if not is_address(match["address"]):
                break
            replies = found.setdefault(int(match["ttl"]), {})
            replies[match["address"]] = HopReply(match["address"], match["name"])
        elif match := _SILENT.match(text):
            found.setdefault(int(match["ttl"]), {})
        elif text.strip() and not _FLOW.match(text):
            if not re.match(r"^\s{0,4}\d{1,3}\s", text):
                break
            cursor.skip_unread()
            continue
        elif not text.strip():
            below = cursor.next_text()
            if not (_FLOW.match(below) or _HOP.match(below) or _SILENT.match(below)):
                break
        cursor.take()
    hops = tuple(
        ListedHop(ttl, tuple(replies.values()), None) for ttl, replies in sorted(found.items())
    )
    address = to["address"]
    path = Path(hops, address, address, "udp", int(to["max"]))
    return path_listing(cursor, "dublin-traceroute", path, typed) if hops else None
