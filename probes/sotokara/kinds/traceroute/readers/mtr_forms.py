"""``mtr --csv`` and ``--xml`` of its versions, and WinMTR's table as text and as it is copied."""

import csv
import re
from collections.abc import Sequence

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, Path, path_listing, place

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


def read_csv(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:
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
        found = ("", "", []) if place_ == "???" else place(place_)
        if (hops and (ttl <= hops[-1].ttl or host != target)) or found is None:
            break
        cursor.take()
        target = host
        replies = (HopReply(found[1], found[0]),) if found[0] or found[1] else ()
        hops.append(ListedHop(ttl, replies, None))
    path = Path(tuple(hops), target, "", "icmp")
    return path_listing(cursor, "mtr", path, typed) if hops else None


def _fields(text: str) -> str:
    return next(csv.reader([text]), [""])[0] if text else ""


def read_xml(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:
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
            found = ("", "", []) if silent else place(match["host"])
            if found is None or int(match["ttl"]) != len(hops) + 1:
                return None
            hops.append(
                ListedHop(len(hops) + 1, () if silent else (HopReply(*found[1::-1]),), None)
            )
        cursor.take()
        if _XML_END.match(text):
            break
    path = Path(tuple(hops), begin["target"], "", "icmp")
    return path_listing(cursor, "mtr", path, typed) if hops else None


def read_winmtr(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:
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
            found = ("", "", []) if silent else place(match["place"])
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


def _winmtr(cursor: Cursor, hops: list[ListedHop], typed: Command | None) -> Read | None:
    return path_listing(cursor, "winmtr", Path(tuple(hops), protocol="icmp"), typed)
