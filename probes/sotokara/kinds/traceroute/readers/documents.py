"""Paths as JSON: ``mtr --json``, RIPE Atlas, Globalping; each must hold one path alone."""

import re
from collections.abc import Sequence
from typing import Any

from sotokara.core.addresses import is_address
from sotokara.kinds.shared.terminal.documents import json_document
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import (
    HopReply,
    ListedHop,
    ListedPath,
    parse_hop_host,
    path_listing,
)

_MARKS = {"N": "!N", "H": "!H", "P": "!P", "A": "!X", "p": "!", "h": "!H", "n": "!N"}


def read_document(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One document that begins at a line."""
    found = json_document(lines, at)
    if found is None:
        return None
    document, after = found
    for tool, form in (("mtr", _mtr), ("RIPE Atlas", _atlas), ("Globalping", _globalping)):
        try:
            path = form(document)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
        if path is not None and path.hops:
            cursor = Cursor(lines, at, hashes=False, parentheses=False)
            while cursor.at < after:
                cursor.take()
            cursor.remarks.clear()
            return path_listing(cursor, tool, path, typed)
    return None


def _mtr(document: Any) -> ListedPath | None:  # noqa: ANN401  # what a JSON document holds
    report = document["report"]
    hops = []
    for number, hub in enumerate(report["hubs"], 1):
        if int(hub["count"]) != number:
            return None
        found = ("", "", []) if hub["host"] == "???" else parse_hop_host(hub["host"])
        if found is None:
            return None
        replies = (HopReply(found[1], found[0]),) if any(found[:2]) else ()
        hops.append(ListedHop(number, replies, None))
    return ListedPath(tuple(hops), str(report["mtr"]["dst"]), "", "icmp")


def _atlas(document: Any) -> ListedPath | None:  # noqa: ANN401  # what a JSON document holds
    one = document if isinstance(document, dict) else _only(document)
    if one["type"] != "traceroute":
        return None
    hops = []
    for hop in one["result"]:
        replies, silent = [], 0
        for reply in hop["result"]:
            if "from" in reply and "late" not in reply:
                mark = _MARKS.get(str(reply["err"]), "!?") if "err" in reply else ""
                replies.append(HopReply(_address(reply["from"]), "", reply.get("rtt"), mark))
            else:
                silent += 1
        hops.append(ListedHop(int(hop["hop"]), tuple(replies), silent))
    address = str(one.get("dst_addr", ""))
    target = str(one.get("dst_name", "")) or address
    return ListedPath(tuple(hops), target, address, str(one.get("proto", "")).lower())


def _globalping(document: Any) -> ListedPath | None:  # noqa: ANN401  # what a JSON document holds
    result, target = document, ""
    if "results" in document:
        if document["type"] not in ("traceroute", "mtr"):
            return None
        result, target = _only(document["results"])["result"], str(document["target"])
    if result["status"] != "finished":
        return None
    hops = []
    for number, hop in enumerate(result["hops"], 1):
        address = hop.get("resolvedAddress")
        replies = (HopReply(_address(address)),) if address else ()
        hops.append(ListedHop(number, replies, None))
    address = str(result.get("resolvedAddress") or "")
    return ListedPath(tuple(hops), target or address, address, "icmp")


def _only(several: Any) -> Any:  # noqa: ANN401  # what a JSON document holds
    (one,) = several
    return one


def _address(text: Any) -> str:  # noqa: ANN401  # what a JSON document holds
    if not is_address(str(text)):
        raise ValueError(str(text))
    return str(text)


# dublin-traceroute: one list of hops for each flow; together they are the paths to one target.

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


def read_dublin(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:  # noqa: C901  # one branch a form
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
    path = ListedPath(hops, address, address, "udp", int(to["max"]))
    return path_listing(cursor, "dublin-traceroute", path, typed) if hops else None
