"""``mtr --report``: a table with loss and times per hop; ``???`` is a silent hop."""

import csv
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
) -> Parsed | None:
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
            and (found := parse_hop_host(match["place"]))
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
    path = ListedPath(tuple(hops), target, protocol="icmp")  # a cut report looks like a silent one
    return path_listing(cursor, "mtr", path, typed)


def _hop(cursor: Cursor, match: re.Match[str], ttl: int) -> ListedHop | None:
    if match.re is _NOBODY:
        cursor.take()
        return ListedHop(ttl, (), None)
    sent = int(match["sent"])
    if match["place"] == "???":
        cursor.take()
        return ListedHop(ttl, (), sent)
    found = parse_hop_host(match["place"])
    if found is None:
        return None
    cursor.take()
    name, address, hidden = found
    for word in hidden:
        cursor.mask(word)
    lost = round(sent * float(match["loss"]) / 100)
    times = [float(one) for one in match["times"].split()]
    return ListedHop(ttl, (HopReply(address, name, times[1] if len(times) > 1 else None),), lost)


def _table(cursor: Cursor, typed: Command | None) -> Parsed | None:
    """The report as this project's own style ``mtr`` prints it."""
    cursor.take()
    hops: list[ListedHop] = []
    while cursor.more and (match := _ROW.match(cursor.peek())):
        replies: list[HopReply] = []
        for text in match["place"].split(", "):
            found = parse_hop_host(text) if text != "-" else ("", "", [])
            if found is None:
                return None
            if text != "-":
                replies.append(HopReply(found[1], found[0]))
        cursor.take()
        silent = int(match["sent"]) - int(match["heard"]) if match["sent"] else None
        hops.append(ListedHop(int(match["ttl"]), tuple(replies), silent))
    return (
        path_listing(cursor, "mtr", ListedPath(tuple(hops), protocol="icmp", silent_on=True), typed)
        if hops
        else None
    )


# `mtr --csv` and `--xml` of its versions, and WinMTR's table as text and as it is copied.

_CSV_HEAD = re.compile(r"^\s*Mtr_Version[,;]Start_Time[,;]Status[,;]Host[,;]Hop[,;]Ip\b")
_CSV_ROW = re.compile(
    r"^\s*MTR\.[\w.-]{1,20}(?P<mark>[,;])\d+[,;]\w+[,;](?P<host>[^,;\s]+)[,;](?P<ttl>\d{1,3})[,;]"
    r"(?P<ip>[^,;]*)[,;](?P<rest>.*)$"
)
_WIN_HEAD = re.compile(r"^\s*\|[\s|-]{0,60}(?:WinMTR statistics|Host\s+-\s+%\s+\|)")
_WIN_RULE = re.compile(r"^\s*\|[-_|]{10,}\|?\s*$")
_WIN_ROW = re.compile(
    r"^\s*\|\s{0,80}(?P<place>\S+(?: \S+){0,6})\s+-\s{1,6}(?P<loss>\d{1,3})\s?\|"
    r"(?P<rest>[\s\d|]*)\s*$"
)
_WIN_FOOT = re.compile(r"^\s*WinMTR v\S+ .*$")
_XML_HEAD = re.compile(r"^\s*<\?xml [^<>]{0,80}\?>\s*$")
_XML_BEGIN = re.compile(r"^\s*<MTR SRC=\"[^\"<>]*\" DST=\"(?P<target>[^\"<>]+)\"[^<>]*>\s*$")
_XML_LINE = re.compile(r"^\s*(?:<[^<>]{1,200}>[^<>]{0,80}(?:</\w+>)?)?\s*$")
_XML_HUB = re.compile(r"^\s*<HUB COUNT=\"(?P<ttl>\d+)\" HOST=\"(?P<host>[^\"<>]+)\">\s*$")
_XML_END = re.compile(r"^\s*</MTR>\s*$")
WIN_BEGINS, CSV_BEGINS = _WIN_HEAD, any_of(_CSV_HEAD, _CSV_ROW)
XML_BEGINS = any_of(_XML_HEAD, _XML_BEGIN)
_SILENT = "No response from host"


def read_csv(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One report of comma- or semicolon-separated rows."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    if _CSV_HEAD.match(cursor.peek()):
        cursor.take()
    hops: list[ListedHop] = []
    target = ""
    while cursor.more and (match := _CSV_ROW.match(cursor.peek())):
        ttl = int(match["ttl"])
        host = _fields(match["host"])
        place_ = _fields(match["ip"])
        found = ("", "", []) if place_ == "???" else parse_hop_host(place_)
        if (hops and (ttl <= hops[-1].ttl or host != target)) or found is None:
            break
        cursor.take()
        target = host
        replies = (HopReply(found[1], found[0]),) if found[0] or found[1] else ()
        hops.append(ListedHop(ttl, replies, None))
    path = ListedPath(tuple(hops), target, "", "icmp")
    return path_listing(cursor, "mtr", path, typed) if hops else None


def _fields(text: str) -> str:
    return next(csv.reader([text]), [""])[0] if text else ""


def read_xml(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One report as XML, read line by line: it has nothing nested that matters."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    if _XML_HEAD.match(cursor.peek()):
        cursor.take()
    begin = _XML_BEGIN.match(cursor.peek())
    if begin is None:
        return None
    cursor.take()
    hops: list[ListedHop] = []
    while cursor.more and _XML_LINE.match(text := cursor.peek()):
        if match := _XML_HUB.match(text):
            silent = match["host"] == "???"
            found = ("", "", []) if silent else parse_hop_host(match["host"])
            if found is None or int(match["ttl"]) != len(hops) + 1:
                return None
            hops.append(
                ListedHop(len(hops) + 1, () if silent else (HopReply(*found[1::-1]),), None)
            )
        cursor.take()
        if _XML_END.match(text):
            break
    path = ListedPath(tuple(hops), begin["target"], "", "icmp")
    return path_listing(cursor, "mtr", path, typed) if hops else None


def read_winmtr(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """WinMTR's table. It does not say what was traced to."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    if not (_WIN_HEAD.match(cursor.peek()) or _WIN_HEAD.match(cursor.peek(1))):
        return None
    hops: list[ListedHop] = []
    while cursor.more:
        text = cursor.peek()
        if match := _WIN_ROW.match(text):
            told = match["place"]
            silent = told == _SILENT or (" " in told and match["loss"] == "100")
            found = ("", "", []) if silent else parse_hop_host(match["place"])
            if found is None:
                cursor.skip_unread()
                return None if not hops else _winmtr(cursor, hops, typed)
            cursor.take()
            replies = () if silent else (HopReply(found[1], found[0]),)
            hops.append(ListedHop(len(hops) + 1, replies, None))
        elif _WIN_HEAD.match(text) or _WIN_RULE.match(text):
            cursor.take()
        elif _WIN_FOOT.match(text):
            cursor.take()
            break
        else:
            break
    return _winmtr(cursor, hops, typed) if hops else None


def _winmtr(cursor: Cursor, hops: list[ListedHop], typed: Command | None) -> Parsed | None:
    return path_listing(cursor, "winmtr", ListedPath(tuple(hops), protocol="icmp"), typed)
