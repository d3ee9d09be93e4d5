"""``bgpdump -m``: one route or update a line, its fields between bars."""

from collections.abc import Sequence

from sotokara.kinds.bgp.kept import MOST_UPDATES, Route, Routes, Update
from sotokara.kinds.bgp.numbers import Prefix, prefix_of
from sotokara.kinds.bgp.parse import facts_of
from sotokara.kinds.bgp.readers.looking_glass import hops_in
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine

_LEAST_FIELDS, _LEAST_OF_PATH = 6, 7
_SAID = ("origins", "paths", "more_specifics", "timeline", "since", "until", "moment")


def read_bgpdump(
    lines: Sequence[PastedLine], at: int, _typed: Command | None = None
) -> Read | None:
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
    facts = facts_of(kept, outer)
    return cursor.listing("bgpdump", "bgp", str(outer), facts=facts, said=_SAID)
