"""Text of others in tables and in JSON that people open: nothing that acts, hides or deceives.

A spreadsheet takes a cell for a formula that begins with ``=``, ``+``, ``-`` or ``@``, in Japan
also with their full-width forms; it may cut a line at ``;`` and begin a new cell there; and what
is too long for a cell may go on in the next.
"""

import json
import re
import unicodedata
from typing import Any

from sotokara.core.display import visible

LONGEST_CELL = 32_000
"""Characters of a cell, in UTF-16 as spreadsheets count them (32,767 is the most)."""
_FORMULA = re.compile("(^|;)(?=[ \u3000\"']*[=+\\-@＝＋－＠])")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def cell(text: str) -> str:
    """A text for a cell of CSV, with an apostrophe before what would be a formula.

    >>> cell("=1+1"), cell("a;-b"), cell("v=spf1 -all")
    ("'=1+1", "a;'-b", 'v=spf1 -all')
    """
    formula = text[:1] in ("\t", "\r")
    text = visible(text)
    if len(text) > LONGEST_CELL // 2 and len(text.encode("utf-16-le")) > LONGEST_CELL * 2:
        text = f"{text[: LONGEST_CELL // 2]}… (+{len(text) - LONGEST_CELL // 2})"
    text = _FORMULA.sub(r"\1'", text)
    return f"'{text}" if formula else text


def plain_json(value: Any, indent: int | None = None) -> str:  # noqa: ANN401  # plain JSON
    """JSON that a reader can read, with every character escaped that does not show itself."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if text.isascii() else "".join(map(_plain, text))


def _plain(char: str) -> str:
    if char.isascii() or unicodedata.category(char) not in _HIDDEN:
        return char
    return json.dumps(char)[1:-1]
