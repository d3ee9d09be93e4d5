"""Pasted text made plain again: encodings, quoting, escaping, typographic marks, tabs.

What comes in is what somebody once copied from a terminal into a mail, a forum or an article. The
lines keep their numbers, so that whatever is not understood later can be named by its line.
"""

import html
import re
from typing import NamedTuple

LARGEST = 1 << 20
"""Bytes of the largest text that is read."""
LONGEST = 20_000
"""Characters of the longest line that is looked at; longer ones are unread."""

_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|nbsp|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_BREAK = re.compile(
    r"\s*<(?:br|/?p|/?pre|/?code)\s*/?>\s*$|^\s*</?(?:pre|code|p)\s*>", re.IGNORECASE
)
_QUOTE = re.compile(r"^\s{0,3}[>│]\s?")
_COMMENT = re.compile(r"^\s*#\s?")
_PLAIN = str.maketrans(
    {
        "\u00a0": " ",
        "\u2002": " ",
        "\u2003": " ",
        "\u200b": "",
        "\ufeff": "",
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "\t": "        ",
        "\v": " ",
        "\f": " ",
        "\0": "",
    }
)


class PastedLine(NamedTuple):
    """One line: its number in the text given (from 1), made plain, and as it stood."""

    number: int
    text: str
    given: str


class TooLarge(ValueError):  # noqa: N818  # the text's fault, not an error of ours
    """The text is no terminal's listing; the message says why."""


def decode(content: bytes) -> str:
    """Text of bytes in UTF-8, UTF-16, ISO-2022-JP, Shift_JIS or EUC-JP, also mixed line by line.

    :raises TooLarge: for more than ``LARGEST`` bytes.
    """
    if len(content) > LARGEST:
        message = f"{len(content)} bytes are no listing; the largest that is read has {LARGEST}"
        raise TooLarge(message)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    try:
        if not _ISO_2022.search(content):
            return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    for whole in _candidates(content):
        return whole
    return "\n".join(_line(line) for line in re.split(rb"\r\n|\n|\r", content))


def _candidates(content: bytes) -> list[str]:
    """The whole text in each Japanese encoding it is valid in, the likelier first."""
    encodings = ["iso2022_jp_ext"] if _ISO_2022.search(content) else ["cp932", "euc_jp"]
    found = []
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "iso2022_jp_ext" or _japanese(text) > 0:
            found.append(text)
    return sorted(found, key=_japanese, reverse=True)


def _japanese(text: str) -> int:
    """How much a decoding looks like Japanese: kana weigh most, half-width kana against it."""
    score = 0
    for char in text:
        if "\u3040" <= char <= "\u30ff":
            score += 3
        elif (
            "\u4e00" <= char <= "\u9fff"
            or "\u3000" <= char <= "\u303f"
            or "\uff01" <= char <= "\uff5e"
        ):
            score += 1
        elif "\uff61" <= char <= "\uff9f" or "\ue000" <= char <= "\uf8ff":
            score -= 3
    return score


def _line(content: bytes) -> str:
    """One line of a text whose lines differ in encoding."""
    if not _ISO_2022.search(content):
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return next(iter(_candidates(content)), content.decode("cp1252", "replace"))


def lines(text: str) -> list[PastedLine]:
    """The text's lines, made plain."""
    given = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if given and not given[-1]:
        given.pop()
    plain = [one.translate(_PLAIN)[:LONGEST] for one in given]
    if _ENTITY.search(text):
        plain = [html.unescape(one).translate(_PLAIN) for one in plain]
    plain = [_BREAK.sub("", one).rstrip() for one in plain]
    for prefix, least in ((_QUOTE, 2), (_QUOTE, 2), (_QUOTE, 2), (_COMMENT, 3)):
        plain = _without(prefix, least, plain)
    return [
        PastedLine(at, one, old) for at, (one, old) in enumerate(zip(plain, given, strict=True), 1)
    ]


def _without(prefix: re.Pattern[str], least: int, plain: list[str]) -> list[str]:
    """Lines without the mark that quotes them, in runs of ``least`` such lines, or if all have it.

    A single line with the mark is a prompt or an arrow.
    """
    if all(prefix.match(one) for one in plain if one.strip()):
        least = 1
    shown: list[str] = []
    run: list[str] = []
    for one in [*plain, "end"]:
        if prefix.match(one) or (run and not one.strip()):
            run.append(one)
            continue
        marked = sum(prefix.match(quoted) is not None for quoted in run)
        if any(quoted.strip() == "#" for quoted in run):  # a registry's own comments
            marked = 0
        shown += [prefix.sub("", quoted) for quoted in run] if marked >= least else run
        shown.append(one)
        run = []
    return shown[:-1]


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
