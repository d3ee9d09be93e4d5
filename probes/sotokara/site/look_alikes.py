"""Fences and blocks whose names are nearly ours: Markdown shows them as code, or as a bare box."""

import difflib
import re
from collections.abc import Iterator

from sotokara.core.said import said
from sotokara.core.signs import ascii_signs
from sotokara.definitions.source import fences, without_comments
from sotokara.kinds import KINDS
from sotokara.site.blocks import BLOCKS

_INFO = re.compile(r"^[\s>]*[`~]{3,}\s*(?:\{\s*)?\.?([A-Za-z-]+)")
_OPENING = re.compile(
    r"^[\s>]*(?P<marks>[^\w\s#>*+\-]{2,8})\s*(?:\{\s*)?\.?(?P<name>[\w-]+)(?P<rest>.*)$"
)
_BLOCK = re.compile(r"^\s*(?:[!?]{3}\+?|:::+|/{3,})\s+([A-Za-z]+)\s*(?:\"[^\"]*\")?$")
_KEY = re.compile(r"[\s>]*\"?(\w+)\"?\s*:")
_ALIKE = 0.75


def look_alikes(text: str) -> Iterator[tuple[int, str, str]]:
    """The 1-based line of each, what stands there, and what to write.

    A fence counts only where it begins as a definition does; a block only on a page with a probe,
    since another site's own blocks may well have such a name.
    """
    lines = "".join(without_comments(text)).splitlines()
    inside: set[int] = set()
    for opened, body in fences(text, "[A-Za-z-]+"):
        inside.update(range(opened, opened + len(body) + 2))
        match = _INFO.match(lines[opened - 1])
        name = match[1] if match else ""
        if name != "probe" and _asks(body) and _near(name, ("probe",)):
            yield opened, said("a fence `{}` is shown as code", name), said("write `probe`")
        elif name == "probe" and ":" in lines[opened - 1].partition("probe")[2]:
            what = said("the definition begins in the line that opens the fence")
            yield opened, what, said("write it below, each key in a line of its own")
    for opened, body in fences(text, ""):
        inside.update(range(opened, opened + len(body) + 2))
    yield from _unopened(lines, inside)
    if not fences(text):
        return
    for number, line in enumerate(lines, 1):
        match = _BLOCK.match(line)
        if match is None or number in inside or match[1] in BLOCKS:
            continue
        if near := _near(match[1], BLOCKS):
            yield number, said("no block is named `{}`", match[1]), said("write `{}`", near)


def _unopened(lines: list[str], inside: set[int]) -> Iterator[tuple[int, str, str]]:
    """Definitions that stand in no fence: its marks are others, too few, or never closed."""
    for number, line in enumerate(lines, 1):
        match = _OPENING.match(line)
        if match is None or number in inside or "prob" not in ascii_signs(line).casefold():
            continue
        if not _near(ascii_signs(match["name"]), ("probe",)):
            continue
        if not _asks([match["rest"], *lines[number : number + 3]]):
            continue
        if re.match(r"[\s>]*(?:`{3}|~{3})", line):
            yield number, said("this fence is not closed"), said("write ``` in a line below it")
        else:
            what = said("{} opens no fence, and nothing is measured", f"`{match['marks']}`")
            yield number, what, said("write ```probe")


def _asks(body: list[str]) -> bool:
    """Whether a text begins as a definition does: with a kind, or with a key before one."""
    for line in filter(None, map(str.strip, body[:4])):
        match = _KEY.match(ascii_signs(line))
        if match is None:
            return False
        if match[1].casefold() in KINDS:
            return True
    return False


def _near(name: str, ours: tuple[str, ...]) -> str:
    return next(iter(difflib.get_close_matches(name.casefold(), ours, 1, _ALIKE)), "")
