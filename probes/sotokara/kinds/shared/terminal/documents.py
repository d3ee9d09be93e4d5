"""JSON documents among pasted lines: a tool's machine-readable output."""

import json
import re
from collections.abc import Sequence
from typing import Any

from sotokara.kinds.shared.terminal.pasted import PastedLine

DOCUMENT = re.compile(r"^\s*[{\[]")
"""Where one may begin."""
_MOST_LINES = 20_000
_MOST_DEPTH_ERRORS = (ValueError, RecursionError)


def json_document(lines: Sequence[PastedLine], at: int) -> tuple[Any, int] | None:  # noqa: C901  # one branch a form
    """The JSON object or array that begins at a line, and the index behind its last line.

    None where none begins there, where it does not end, or where other text follows on its line.
    """
    if lines[at].given.lstrip()[:1] not in ("{", "["):
        return None
    given: list[str] = []
    depth = 0
    quoted = escaped = False
    for index in range(at, min(len(lines), at + _MOST_LINES)):
        text = lines[index].given
        given.append(text)
        for char in text:
            if escaped:
                escaped = False
            elif quoted:
                escaped, quoted = char == "\\", char != '"'
            elif char == '"':
                quoted = True
            elif char in "{[":
                depth += 1
            elif char in "}]":
                depth -= 1
        if quoted or depth < 0:
            return None
        if depth == 0:
            try:
                return json.loads("\n".join(given)), index + 1
            except _MOST_DEPTH_ERRORS:
                return None
    return None
