"""Fences and blocks whose names are nearly ours: Markdown shows them as code, or as a bare box."""

import difflib
import re
from collections.abc import Iterator

from sotokara.core.said import said
from sotokara.core.signs import ascii_signs
from sotokara.definitions.source import fences, without_comments
from sotokara.kinds import KINDS
from sotokara.site.blocks import BLOCKS

_OURS = re.compile(r"\{\s*\.probe(?:\s[^{}]*)?\}|\.?probe(?:\s+\w+(?:=(?:\"[^\"]*\"|'[^']*'))?)*")
"""What SuperFences takes for a fence of this name: options have quotation marks."""
_INLINE = re.compile(r"`\s*([#＃]?\s*[!！]\s*([A-Za-zＡ-ｚ-]+)(?:[\s\u3000:：][^`]*)?)`")
_OPENING = re.compile(
    r"^[\s>]*(?P<marks>[^\w\s#>*+\-]{2,8})\s*(?:\{\s*)?\.?(?P<name>[\w-]+)(?P<rest>.*)$"
)
_BLOCK = re.compile(r"^\s*([!?！？]{3}\+?|:::+|/{3,})\s+([A-Za-z]+)\s*(?:\"[^\"]*\")?$")
_KEY = re.compile(r"[\s>]*\"?(\w+)\"?\s*:")
_ALIKE = 0.75
_NAMES = ("probe", "プローブ")


def look_alikes(text: str) -> Iterator[tuple[int, str, str]]:
    """The 1-based line of each, what stands there, and what to write.

    A fence counts only where it begins as a definition does; a block only on a page with a probe,
    since another site's own blocks may well have such a name.
    """
    lines = "".join(without_comments(text)).splitlines()
    inside: set[int] = set()
    for opened, body in fences(text, ""):
        inside.update(range(opened, opened + len(body) + 2))
        info = lines[opened - 1].lstrip(" \t>`~").rstrip()
        bare = re.sub(r"\"[^\"]*\"|'[^']*'", "", ascii_signs(info))
        words = re.findall(r"[^\W_][\w-]*", bare)
        if words[:1] == ["probe"] and ":" in bare:
            what = said("the definition begins in the line that opens the fence")
            yield opened, what, said("write it below, each key in a line of its own")
        elif _OURS.fullmatch(info) or not _asks(body):
            continue
        elif any(_near(word, _NAMES) for word in words):
            yield opened, said("a fence `{}` is shown as code", info[:60]), said("write `probe`")
    yield from _unopened(lines, inside)
    if not fences(text):
        return
    for number, line in enumerate(lines, 1):
        if number in inside:
            continue
        yield from _inline(number, line)
        match = _BLOCK.match(line)
        near = _near(match[2], BLOCKS) if match else ""
        if match and near and not match[1].isascii():
            instead = said("write `{}`", ascii_signs(match[1]))
            yield number, said("`{}` opens no block", match[1]), instead
        elif match and near and match[2] not in BLOCKS:
            yield number, said("no block is named `{}`", match[2]), said("write `{}`", near)


def _inline(number: int, line: str) -> Iterator[tuple[int, str, str]]:
    """References in prose that Markdown shows as code, since their sign or name is nearly ours."""
    for text, name in _INLINE.findall(line) if "`" in line else ():
        if not re.match(r"#!probe(\s|$)", text) and _near(ascii_signs(name), ("probe",)):
            what = said("`{}` is shown as code", text.strip())
            yield number, what, said("write `#!probe id.field`")


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
            what = said("{} opens no fence, and nothing is measured", _shown(match["marks"]))
            yield number, what, said("write ```probe")


def _shown(marks: str) -> str:
    return marks if "`" in marks else f"`{marks}`"


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
