"""``mtr --report``: a table with loss and times per hop; ``???`` is a silent hop."""

import re
from collections.abc import Sequence

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, Path, path_listing, place

_SCREEN = re.compile(r"^\s*My traceroute\s+\[v[\d.]+\]\s*$")
_FROM_TO = re.compile(r"^\s*\S+ \([^()\s]+\) -> (?P<target>\S+)(?: \([^()\s]+\))?(?:\s.*)?$")
_MOST_HEADING = 8
_START = re.compile(r"^\s*Start:\s")
_HOST = re.compile(
    r"^\s*(?:HOST:\s*(?P<host>\S+)|Host)?\s+.*\bLoss%?\s+Snt\b.*$|^HOST:\s*(?P<h>\S+)\s+Loss%"
)
_HOP = re.compile(
    r"^\s*(?P<ttl>\d{1,3})\.\s*(?:\|--\s*)?(?:AS(?P<as>\d+|\?+)\s+)?(?P<place>\S+(?:\s+\([^)]+\))?)"
    r"\s+(?P<loss>\d+(?:\.\d+)?)%?\s+(?P<sent>\d+)(?P<times>(?:\s+\d+(?:\.\d+)?)*)$"
)
_OURS = re.compile(r"^\s*\S+\s{2,}\S+\s{2,}AS\s{2,}\S.*$")
_ROW = re.compile(
    r"^\s*(?P<ttl>\d{1,3})\s{2,}(?P<place>\S+(?: \S+)*)\s{2,}(?P<as>AS\d+(?:, AS\d+)*|-)\s{2,}"
    r"(?:(?P<heard>\d+)/(?P<sent>\d+)|-)\s{2,}(?P<rest>(?:\S+\s+){3}\S+)\s*$"
)
BEGINS = any_of(_SCREEN, _START, _HOST, _HOP, _OURS)
_ALSO = re.compile(r"^\s*\|?\s*[`|]?\|--\s*(?:AS\S+\s+)?(?P<place>\S+(?:\s+\([^)]+\))?)\s*$")
_UNREAD = re.compile(r"^\s*\d{1,3}\.\s?(?:\|--)?\s*\S")
_NOBODY = re.compile(r"^\s*(?P<ttl>\d{1,3})\.\s*(?:\|--\s*)?(?:\?{3}|\(waiting for reply\))\s*$")
"""A hop without numbers, as the screen shows one that nobody answers at."""
_ALSO_HERE = re.compile(
    r"^\s{3,12}(?P<place>[\da-fA-F:.]*[.:][\da-fA-F:.]+|[\w-]+(?:\.[\w-]+)+|\S+ \([^()\s]+\))\s*$"
)
"""Another address of the hop above it, as the screen shows it."""
_MPLS = re.compile(r"^\s*\[MPLS:|^\s*\|?\s*\+-+\[MPLS")


def read_mtr(  # noqa: C901, PLR0912  # one branch a form of line
    lines: Sequence[PastedLine], at: int, typed: Command | None
) -> Read | None:
    """One report that begins at a line."""
    cursor = Cursor(lines, at)
    target = ""
    if _START.match(cursor.peek()):
        cursor.take()
    elif _SCREEN.match(cursor.peek()):  # copied off the screen, with its keys and headings
        for _ in range(_MOST_HEADING):
            text = cursor.peek()
            if not cursor.more or _HOST.match(text) or _HOP.match(text):
                break
            target = to["target"] if (to := _FROM_TO.match(text)) else target
            cursor.take()
    if _OURS.match(cursor.peek()) and _ROW.match(cursor.peek(1)):
        return _table(cursor, typed)
    if _HOST.match(cursor.peek()):
        cursor.take()
    elif not (_HOP.match(cursor.peek()) and "." in cursor.peek()):
        return None
    hops: list[ListedHop] = []
    while cursor.more:
        text = cursor.peek()
        if match := _HOP.match(text) or _NOBODY.match(text):
            ttl = int(match["ttl"])
            if hops and ttl <= hops[-1].ttl:
                break
            hop = _hop(cursor, match, ttl)
            if hop is None:
                break
            hops.append(hop)
        elif (
            hops
            and (match := _ALSO.match(text) or _ALSO_HERE.match(text))
            and (found := place(match["place"]))
        ):
            cursor.take()
            replies = (*hops[-1].replies, HopReply(found[1], found[0]))
            hops[-1] = hops[-1]._replace(replies=replies)
        elif hops and _MPLS.match(text):
            cursor.take()
        elif hops and _UNREAD.match(text):
            cursor.skip_unread()
        else:
            break
    if not hops:
        return None
    path = Path(tuple(hops), target, protocol="icmp")  # a cut report looks like a silent one
    return path_listing(cursor, "mtr", path, typed)


def _hop(cursor: Cursor, match: re.Match[str], ttl: int) -> ListedHop | None:
    if match.re is _NOBODY:
        cursor.take()
        return ListedHop(ttl, (), None)
    sent = int(match["sent"])
    if match["place"] == "???":
        cursor.take()
        return ListedHop(ttl, (), sent)
    found = place(match["place"])
    if found is None:
        return None
    cursor.take()
    name, address, hidden = found
    for word in hidden:
        cursor.mask(word)
    lost = round(sent * float(match["loss"]) / 100)
    times = [float(one) for one in match["times"].split()]
    return ListedHop(ttl, (HopReply(address, name, times[1] if len(times) > 1 else None),), lost)


def _table(cursor: Cursor, typed: Command | None) -> Read | None:
    """The report as this project's own style ``mtr`` prints it."""
    cursor.take()
    hops: list[ListedHop] = []
    while cursor.more and (match := _ROW.match(cursor.peek())):
        replies: list[HopReply] = []
        for text in match["place"].split(", "):
            found = place(text) if text != "-" else ("", "", [])
            if found is None:
                return None
            if text != "-":
                replies.append(HopReply(found[1], found[0]))
        cursor.take()
        silent = int(match["sent"]) - int(match["heard"]) if match["sent"] else None
        hops.append(ListedHop(int(match["ttl"]), tuple(replies), silent))
    return (
        path_listing(cursor, "mtr", Path(tuple(hops), protocol="icmp", silent_on=True), typed)
        if hops
        else None
    )
