"""Paths as JSON: ``mtr --json``, RIPE Atlas, Globalping; each must hold one path alone."""

from collections.abc import Sequence
from typing import Any

from sotokara.core.addresses import is_address
from sotokara.kinds.shared.terminal.documents import json_document
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, Path, path_listing, place

_MARKS = {"N": "!N", "H": "!H", "P": "!P", "A": "!X", "p": "!", "h": "!H", "n": "!N"}


def read_document(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Read | None:
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


def _mtr(document: Any) -> Path | None:  # noqa: ANN401  # what a JSON document holds
    report = document["report"]
    hops = []
    for number, hub in enumerate(report["hubs"], 1):
        if int(hub["count"]) != number:
            return None
        found = ("", "", []) if hub["host"] == "???" else place(hub["host"])
        if found is None:
            return None
        replies = (HopReply(found[1], found[0]),) if any(found[:2]) else ()
        hops.append(ListedHop(number, replies, None))
    return Path(tuple(hops), str(report["mtr"]["dst"]), "", "icmp")


def _atlas(document: Any) -> Path | None:  # noqa: ANN401  # what a JSON document holds
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
    return Path(tuple(hops), target, address, str(one.get("proto", "")).lower())


def _globalping(document: Any) -> Path | None:  # noqa: ANN401  # what a JSON document holds
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
    return Path(tuple(hops), target or address, address, "icmp")


def _only(several: Any) -> Any:  # noqa: ANN401  # what a JSON document holds
    (one,) = several
    return one


def _address(text: Any) -> str:  # noqa: ANN401  # what a JSON document holds
    if not is_address(str(text)):
        raise ValueError(str(text))
    return str(text)
