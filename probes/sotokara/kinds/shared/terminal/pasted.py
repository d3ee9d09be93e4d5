"""Pasted text made plain again: encodings, quoting, escaping, typographic marks, tabs.

What comes in is what somebody once copied from a terminal into a mail, a forum or an article. The
lines keep their numbers, so that whatever is not understood later can be named by its line.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sotokara.kinds.shared.terminal.commands import Command
from sotokara.kinds.shared.terminal.mangled import (
    by_phrases,
    html_lines,
    is_html,
    narrowed,
    wide_encoding,
    without_clocks,
    without_counts,
)

LARGEST = 1 << 20
"""Bytes of the largest text that is read."""
LONGEST = 20_000
"""Characters of the longest line that is looked at; longer ones are unread."""
MOST_LINES = 20_000
"""The lines of a text that are looked at; those below them are unread."""

_ISO_2022 = re.compile(rb"\x1b(?:\$[@B]|\([BJI])")
_LONGEST_MASKED = 1000
MOST_BLANKS = 120
_LEAST_APART = 4
_WIDE_RUN = " " * (MOST_BLANKS + 1)
_BLANKS = re.compile(r" +")
_COLOUR = re.compile(r"\x1b\[[0-9;?]{0,20}[A-Za-z]|\x1b[()][A-Z0-9]")
_FENCE = re.compile(r"\s{0,3}(?:```+|~~~+)[\w. -]{0,30}$")
_TOO_LONG = "\N{REPLACEMENT CHARACTER}"
"""Stands for a line that is too long to be a terminal's: no reader takes it."""
_QUOTE = re.compile(r"^\s{0,3}[>│]\s?")
_PROMPTED = re.compile(r"\s{0,3}>\s?(?:set\s+\w+|server\s|exit\s*$)")
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
    typed: Command | None = None
    """The command that the line is, where the tools are known."""


class TooLarge(ValueError):  # noqa: N818  # the text's fault, not an error of ours
    """The text is no terminal's listing; the message says why."""


def decode(content: bytes) -> str:
    """Text of bytes in UTF-8, UTF-16 or a code page of Windows, also mixed line by line.

    Which code page it is, the phrases of the tools tell; of Japanese ones also the kana.

    :raises TooLarge: for more than ``LARGEST`` bytes.
    """
    if len(content) > LARGEST:
        message = f"{len(content)} bytes are no listing; the largest that is read has {LARGEST}"
        raise TooLarge(message)
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", "replace")
    if encoding := wide_encoding(content):
        return content.decode(encoding, "replace")
    try:
        if not _ISO_2022.search(content):
            return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if not _ISO_2022.search(content) and (said := by_phrases(content)):
        return said
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


def physical_lines(text: str) -> list[str]:
    """The text's lines as they stand."""
    given = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if given and not given[-1]:
        given.pop()
    return given


def lines(text: str) -> list[PastedLine]:
    """The text's lines, made plain. A line of HTML with breaks becomes several of one number.

    What follows ``MOST_LINES`` stands together in one last line, which no reader takes.
    """
    given = physical_lines(text)
    below = given[MOST_LINES:]
    del given[MOST_LINES:]
    rest = [PastedLine(MOST_LINES + 1, _TOO_LONG, "\n".join(below))] if below else []
    numbered = list(enumerate(given, 1))
    if is_html(text):
        pieces = html_lines(given)
        numbered = [(at, piece) for at, several in enumerate(pieces, 1) for piece in several]
    plain = [_plain(one) for _, one in numbered]
    for prefix, least in ((_QUOTE, 2), (_QUOTE, 2), (_QUOTE, 2), (_COMMENT, 3)):
        plain = _without(prefix, least, plain)
    plain = without_counts(without_clocks([_bare(one) for one in plain]))
    shown = [
        PastedLine(at, one, given[at - 1]) for one, (at, _) in zip(plain, numbered, strict=True)
    ]
    return [*without_gaps(shown), *rest]


def without_gaps(shown: list[PastedLine]) -> list[PastedLine]:
    """Lines without the empty ones that a mailer or a form put between all of them."""
    full = [at for at, one in enumerate(shown) if one.text.strip()]
    apart = all(below - above > 1 for above, below in pairwise(full))
    return [shown[at] for at in full] if apart and len(full) >= _LEAST_APART else shown


def unfolded(text: str) -> str:
    """HTML as the lines that a browser shows; other text as it is."""
    if not is_html(text):
        return text
    pieces = html_lines(physical_lines(text))
    return "\n".join(piece for several in pieces for piece in several)


def _plain(given: str) -> str:
    """One line without typographic marks, colours and long runs of blanks."""
    if len(given) > LONGEST:
        return _TOO_LONG
    text = given.translate(_PLAIN)
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if _WIDE_RUN in text:  # a reader's patterns look for blanks: they need not be many
        text = _BLANKS.sub(lambda run: run[0][:MOST_BLANKS], text)
    return narrowed(text).rstrip()


def _bare(text: str) -> str:
    """A line without Markdown's marks for code."""
    if _FENCE.match(text):
        return ""
    if len(text) > 2 and text[0] == text[-1] == "`" and "`" not in text[1:-1]:  # noqa: PLR2004
        return text[1:-1]
    return text


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
        if any(quoted.strip() == "#" or _PROMPTED.match(quoted) for quoted in run):
            marked = 0  # a registry's own comments; nslookup's own prompt
        shown += [prefix.sub("", quoted) for quoted in run] if marked >= least else run
        shown.append(one)
        run = []
    return shown[:-1]


_ARROW = re.compile(
    r"(?:(?<=\s)|(?<=[\])\w.。]))(?:<[=-]{1,3}|<{2,}|[←⇐⇦◀◄]+[-ー―─]*)\s*(?P<remark>\S.*)$"
)
_TIME = re.compile(r"\d+ ?(?:мс|毫秒|ミリ秒|밀리초)")
_ARROWS = re.compile("[<←⇐⇦◀◄]")
_HASHES = re.compile("#|//|※|--")
MARKED = re.compile("[<←⇐⇦◀◄#※)）]|//|--")
"""What every remark has a mark of."""
_HASH = re.compile(r"(?<=\s)(?:#|//|※|--)\s*(?P<remark>[^\s#].*)$")


def _less(text: str) -> tuple[str, str] | None:
    """A remark behind a single ``<``."""
    head, mark, tail = text.rpartition("<")
    remark = tail.strip()
    if not mark or not head[-1:].isspace() or not remark or ">" in tail or "@" in tail:
        return None
    if remark[0] in "=-" or (remark[0].isdigit() and (remark.isascii() or _TIME.match(remark))):
        return None
    return head, remark


def _parenthesis(text: str, *, ascii_too: bool) -> tuple[str, str] | None:
    """Brackets with text at the line's end: text that is not ASCII, or words of any kind."""
    if text[-1:] not in (")", "）"):
        return None
    at = max(text.rfind("("), text.rfind("（"))
    remark = text[at + 1 : -1]
    if at < 0 or ")" in remark or "）" in remark:
        return None
    if remark.isascii() and not (ascii_too and _WORDS.match(remark) and text[at - 1].isspace()):
        return None
    return text[:at], remark


_WORDS = re.compile(r"[A-Za-z]{2}(?![\w.-]*\.\w+$)")
"""How words in brackets begin; a host's name, which ends in a dot and letters, does not."""


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


@lru_cache(maxsize=1024)
def split_remark(
    text: str, *, hashes: bool = True, parentheses: bool = True, words: bool = False
) -> tuple[str, str]:
    """A line without the remark behind it, and the remark (empty where there is none).

    ``hashes``: ``#`` and ``//`` begin remarks; ``parentheses``: brackets with text that is not
    ASCII at the line's end are a remark. ``words``: those with words of any kind, too, since the
    tool itself writes no brackets.

    >>> split_remark("Address: 192.0.2.1  # ours"), split_remark('text = "v=1 # no remark"')
    (('Address: 192.0.2.1', 'ours'), ('text = "v=1 # no remark"', ''))
    """
    if "<<>>" in text or "->>HEADER<<-" in text or text.startswith(">>>"):  # the tools' own
        return text, ""
    found: list[tuple[str, str] | None] = []
    if _ARROWS.search(text):
        match = _ARROW.search(text)
        found += [(text[: match.start()], match["remark"]) if match else None, _less(text)]
    if hashes and _HASHES.search(text) and (match := _hash(text)):
        found.append((text[: match.start()], match["remark"]))
    found.append(_parenthesis(text, ascii_too=words) if parentheses else None)
    for one in found:
        if one is not None and one[0].strip():
            return one[0].rstrip(), one[1].strip().rstrip(">").strip()
    return text, ""


_MOST_HASHES = 5
"""Marks of remarks that are looked at in one line."""


def _hash(text: str) -> re.Match[str] | None:
    """A remark behind ``#`` or ``//``, which inside quotes are a text's own (``text = " #"``)."""
    at = 0
    for _ in range(_MOST_HASHES):
        match = _HASH.search(text, at)
        if match is None or not text[: match.start()].replace('\\"', "").count('"') % 2:
            return match
        at = match.start() + 1
    return None


def masked_words(text: str) -> list[str]:
    """The masked words in a line."""
    if len(text) > _LONGEST_MASKED:
        return []
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
    return len(word) <= _LONGEST_MASKED and _MASK.fullmatch(word) is not None
