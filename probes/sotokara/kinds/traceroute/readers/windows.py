"""PowerShell's ``Test-NetConnection -TraceRoute``: the hops as one property of an object."""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, ListedPath, path_listing

_PROPERTY = re.compile(r"^\s{0,4}(?P<key>[A-Z]\w+(?: \(RTT\))?)\s*: ?(?P<value>.*)$")
BEGINS = re.compile(r"^\s{0,4}ComputerName\s*:")
_MORE = re.compile(r"^\s{8,}(?P<value>\S.*)$")
_SILENT = re.compile(r"^(?:0\.0\.0\.0|::)?\s*(?:\(?TimedOut\)?)?$")


def read_test(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One object that has the property ``TraceRoute``."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    first = _PROPERTY.match(cursor.peek())
    if first is None or first["key"] != "ComputerName":
        return None
    values: dict[str, list[str]] = {}
    key = ""
    while cursor.more:
        text = cursor.peek()
        if match := _PROPERTY.match(text):
            if (key := match["key"]) in values:
                break
            values[key] = [match["value"].strip()]
        elif key and (match := _MORE.match(text)):
            values[key].append(match["value"].strip())
        else:
            break
        cursor.take()
    if "TraceRoute" not in values:
        return None
    hops = []
    for number, value in enumerate(values["TraceRoute"], 1):
        if not is_address(value) and not _SILENT.match(value):
            return None
        silent = bool(_SILENT.match(value)) or value in ("0.0.0.0", "::")  # noqa: S104  # no socket
        hops.append(ListedHop(number, () if silent else (HopReply(value),), None))
    address = values.get("RemoteAddress", [""])[0]
    path = ListedPath(tuple(hops), first["value"].strip(), address, "icmp")
    return path_listing(cursor, "Test-NetConnection", path, typed)
