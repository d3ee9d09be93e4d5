"""What the person who pasted a listing added to it: remarks behind lines, and masks.

``Address: 221.246.251.104  <本体`` has a remark; ``********``, ``192.168.xxx.254`` and ``[******]``
are masks. Both are taken as what they are; a mask becomes a redacted value, never a guess.
"""

import re
from typing import NamedTuple

_ARROW = re.compile(
    r"(?:\s+|(?<=[\])\w.。]))(?:<[=-]{1,3}|<{2,}|[←⇐⇦◀◄]+[-ー―─]*)\s*(?P<remark>\S.*)$"
)
_LESS = re.compile(r"\s+<\s*(?P<remark>[^\s\d<>@=-][^<>@]*|[^\s<>@=-][^<>@]*[^\x00-\x7f][^<>@]*)$")
_HASH = re.compile(r"\s+(?:#|//|※|--)\s*(?P<remark>[^\s#].*)$")
_PARENTHESIS = re.compile(r"\s*[(（](?P<remark>[^()（）]*[^\x00-\x7f()（）][^()（）]*)[)）]$")
_MASK = re.compile(
    r"(?<![\w.*-])(?:"
    r"[\w.*-]*\*{2,}(?:\.[\w-]+)+"  # ***.vectant.ne.jp
    r"|\[?\*{3,}\]?"  # ********, [******]
    r"|(?:[\d*xX_?]{1,4}\.){1,3}(?:\*+|[xX_?]{1,4})(?:\.(?:\d{1,3}|\*+|[xX_?]{1,4}))*"  # 10.x.x.1
    r"|(?:[xX*]{1,4}[:.]){3,7}[xX*]{1,4}"
    r"|[■●○×＊伏]{2,}|\[?(?:REDACTED|redacted|masked|snip|省略|伏せ字)\]?"
    r")(?![\w*-])"
)


class Remark(NamedTuple):
    """A remark: the line it stands behind, that line's own text, and what it says."""

    line: int
    text: str
    remark: str


def split(text: str, *, hashes: bool = True, parentheses: bool = True) -> tuple[str, str]:
    """A line without the remark behind it, and the remark (empty where there is none).

    ``hashes``: ``#`` and ``//`` begin remarks; ``parentheses``: brackets with text that is not
    ASCII at the line's end are a remark.
    """
    if "<<>>" in text or "->>HEADER<<-" in text or text.startswith(">>>"):  # the tools' own
        return text, ""
    for pattern in (
        _ARROW,
        _LESS,
        _HASH if hashes else None,
        _PARENTHESIS if parentheses else None,
    ):
        match = pattern.search(text) if pattern else None
        if match and match.start() > 0 and text[: match.start()].strip():
            return text[: match.start()].rstrip(), match["remark"].strip().rstrip(">").strip()
    return text, ""


def masks(text: str) -> list[str]:
    """The masked words in a line."""
    return [match[0] for match in _MASK.finditer(text)]


def redacted(mask: str) -> str:
    """A mask as a redacted value: every character that hides something becomes ``x``.

    >>> redacted("192.168.***.254")
    '192.168.xxx.254'
    """
    text = mask.strip("[]()")
    return re.sub(r"[^0-9A-Za-z.:-]", "x", text).replace("X", "x")


def is_masked(word: str) -> bool:
    """Whether the whole of a word is a mask."""
    return _MASK.fullmatch(word) is not None
