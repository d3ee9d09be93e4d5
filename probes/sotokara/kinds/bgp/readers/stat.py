"""RIPEstat's JSON, pasted: ``bgp-state`` and ``bgplay``."""

from collections.abc import Sequence

from sotokara.kinds.bgp.kept import Routes
from sotokara.kinds.bgp.numbers import prefix_of
from sotokara.kinds.bgp.parse import facts_of
from sotokara.kinds.bgp.ripestat import of_data
from sotokara.kinds.shared.terminal.documents import json_document
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine

_SAID = ("origins", "paths", "more_specifics", "timeline", "since", "until", "moment")


def read_stat(lines: Sequence[PastedLine], at: int, _typed: Command | None = None) -> Read | None:
    """A whole answer, or its ``data`` alone."""
    found = json_document(lines, at)
    if found is None or not isinstance(found[0], dict):
        return None
    document, after = found
    data = document.get("data", document)
    if not isinstance(data, dict) or not {"bgp_state", "initial_state"} & set(data):
        return None
    kept: Routes = of_data(data)
    prefixes = [net for _, text, _ in kept.before if (net := prefix_of(text)) is not None]
    prefixes += [net for _, _, text, _, _ in kept.then if (net := prefix_of(text)) is not None]
    if not prefixes:
        return None
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    while cursor.at < after:
        cursor.take()
    outer = min(prefixes, key=lambda one: one.prefixlen)
    facts = facts_of(kept, outer)
    return cursor.listing("RIPEstat", "bgp", str(outer), facts=facts, said=_SAID)
