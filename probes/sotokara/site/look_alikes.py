"""Fences and blocks whose names are nearly ours: Markdown shows them as code, or as a bare box."""

import difflib
import re
from collections.abc import Iterator

from sotokara.definitions.source import fences
from sotokara.kinds import KINDS
from sotokara.site.blocks import BLOCKS

_INFO = re.compile(r"^[\s>]*[`~]{3,}\s*(?:\{\s*)?\.?([A-Za-z-]+)")
_BLOCK = re.compile(r"^[!?]{3}\+?\s+([A-Za-z]+)\s*$")
_ALIKE = 0.75


def look_alikes(text: str) -> Iterator[tuple[int, str, str]]:
    """The 1-based line of each, what stands there, and what to write.

    A fence counts only where it begins as a definition does; a block only on a page with a probe,
    since another site's own blocks may well have such a name.
    """
    lines = text.splitlines()
    inside: set[int] = set()
    for opened, body in fences(text, "[A-Za-z-]+"):
        inside.update(range(opened, opened + len(body) + 2))
        match = _INFO.match(lines[opened - 1])
        name = match[1] if match else ""
        first = next(filter(None, body), "").partition(":")[0]
        if name != "probe" and first in KINDS and _near(name, ("probe",)):
            yield opened, f"a fence `{name}` is shown as code", "write `probe`"
    if not fences(text):
        return
    for number, line in enumerate(lines, 1):
        match = _BLOCK.match(line)
        if match is None or number in inside or match[1] in BLOCKS:
            continue
        if near := _near(match[1], BLOCKS):
            yield number, f"no block is named `{match[1]}`", f"write `{near}`"


def _near(name: str, ours: tuple[str, ...]) -> str:
    return next(iter(difflib.get_close_matches(name.casefold(), ours, 1, _ALIKE)), "")
