"""Styles of kind ``rdap``: a table, JPNIC's layout out of facts, the JSON itself."""

import json

from sotokara.core.observation import Failure
from sotokara.kinds.shared.rdap.message import content
from sotokara.kinds.shared.rdap.objects import LOOKUP
from sotokara.kinds.shared.registry import styles
from sotokara.kinds.shared.view import View

table, jpnic = styles.table, styles.rebuilt
_LEFT_OUT = ("notices", "rdapConformance", "links", "lang")


def raw(view: View) -> list[str]:
    """The last object as indented JSON, without notices and links."""
    for one in reversed(view.observation.exchanges):
        found = content(one) if one.step == LOOKUP else {}
        if isinstance(found, Failure) or not found:
            continue
        shown = {key: value for key, value in found.items() if key not in _LEFT_OUT}
        text = json.dumps(shown, ensure_ascii=False, indent=2)
        return [f"[{one.server}]", *text.splitlines()]
    return [": ".join(row) for row in table(view).rows]


STYLES = {"table": table, "jpnic": jpnic, "raw": raw}
