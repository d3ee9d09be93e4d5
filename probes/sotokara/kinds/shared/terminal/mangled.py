"""What web pages, editors and loggers put into a pasted listing, taken out again.

HTML, full-width letters, line numbers, and clocks in front of each line. Each is taken out only
where the whole text has it, so that a listing's own numbers and times stay.
"""

import html
import re
from collections.abc import Iterable

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,6}|#x[0-9A-Fa-f]{1,5});")
_MARKUP = re.compile(r"<(?:br|p|pre|code|div|td|tr|table|html|body|span|li|tt)\b", re.IGNORECASE)
_NEW_LINE = re.compile(
    r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/?pre|/?blockquote|/?ul|/?table)(?:\s[^<>]{0,400})?/?>",
    re.IGNORECASE,
)
_CELL = re.compile(r"</t[dh]>", re.IGNORECASE)
_TAG = re.compile(
    r"</?(?:a|abbr|article|aside|b|big|body|center|code|col|dd|div|dl|dt|em|font|footer|h[1-6]|head"
    r"|header|hr|html|i|img|kbd|li|link|main|mark|meta|nav|nobr|ol|p|s|samp|section|small|span"
    r"|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul|var|wbr)"
    r"(?:\s[^<>]{0,400})?/?>|<!DOCTYPE[^<>]{0,400}>|<!--[^<>]{0,400}-->",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"<(?P<tag>script|style|head|svg)\b", re.IGNORECASE)
_COUNT = re.compile(r"\s{0,8}(?P<count>\d{1,4})(?:[:|.)]\s?|\s|$)\s{0,3}(?P<rest>.*)$")
_HOP = re.compile(r"\d\s?ms\b|msec|\*|%|^\|--")
_CLOCK = re.compile(
    r"\s{0,4}\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"(?:Z| ?[+-]\d\d:?\d\d| UTC| JST)?\]?(?:\s|$)"
)
_LEAST = 3
_PHRASES = re.compile(
    "名前|サーバー|権限のない|トレース|経由する|ミリ秒|Имя|Сервер|Не заслуживающий|Трассировка"
    "|прыжков|запроса"
    "|名称|服务器|非权威|跃点|跟踪|毫秒|请求超时|名稱|伺服器|未經授權|追蹤|要求等候|이름|서버|권한|추적|홉"
    "|Réponse|Détermination|Itinéraire|délai d|Délai|für|über maximal|Zeitüberschreitung|máximo"
    "|Não|dirección|concluído"
)
_CODE_PAGES = (
    *("cp932", "euc_jp", "gbk", "cp949", "big5", "cp1251", "cp866", "koi8_r", "cp850", "cp437"),
    "cp1252",
)
_MOST_DECODED = 1 << 18
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


def by_phrases(content: bytes) -> str:
    """The text in the code page in which most of the tools' own phrases show; empty without any."""
    best, most = "", 0
    for encoding in _CODE_PAGES:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        found = len(_PHRASES.findall(text[:_MOST_DECODED]))
        if found > most:
            best, most = text, found
    return best


def wide_encoding(content: bytes) -> str:
    """UTF-16 without a byte order mark: nearly every second byte of a listing is zero."""
    head = content[:2000]
    if len(head) < 8:  # noqa: PLR2004  # a listing is longer
        return ""
    even, odd = head[::2].count(0) / len(head[::2]), head[1::2].count(0) / len(head[1::2])
    if max(even, odd) < 0.6 or min(even, odd) > 0.1:  # noqa: PLR2004  # most letters are ASCII
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def is_html(text: str) -> bool:
    """Whether a text has marks of HTML, or its entities."""
    return bool(_MARKUP.search(text) or _ENTITY.search(text))


def html_lines(given: Iterable[str]) -> list[list[str]]:
    """For each line of HTML the lines that a browser shows of it: one, or more where it breaks."""
    shown: list[list[str]] = []
    hidden = ""
    for line in given:
        visible = ""
        rest = line
        while rest:
            if hidden:
                _, end, rest = _cut(rest, f"</{hidden}")
                hidden = "" if end else hidden
                rest = rest.partition(">")[2] if end else ""
                continue
            match = _HIDDEN.search(rest)
            visible += rest[: match.start()] if match else rest
            hidden = match["tag"].lower() if match else ""
            rest = rest[match.end() :] if match else ""
        shown.append([_shown(one) for one in _broken(visible)])
    return shown


def _cut(text: str, mark: str) -> tuple[str, str, str]:
    at = text.lower().find(mark)
    return (text, "", "") if at < 0 else (text[:at], mark, text[at + len(mark) :])


def _broken(line: str) -> list[str]:
    pieces = _NEW_LINE.split(line)
    if len(pieces) > 1 and not pieces[-1].strip():
        pieces.pop()
    if len(pieces) > 1 and not pieces[0].strip():
        pieces.pop(0)
    return pieces


def _shown(text: str) -> str:
    text = _CELL.sub("  ", text)
    text = _TAG.sub("", text)
    return html.unescape(text) if "&" in text else text


def narrowed(text: str) -> str:
    """A line of full-width letters in ASCII; one with other text keeps them."""
    wide = sum(1 for char in text if "\uff01" <= char <= "\uff5e") if not text.isascii() else 0
    if not wide:
        return text
    plain = text.translate(_WIDE)
    letters = len(text.replace(" ", "").replace("\u3000", ""))
    return plain if plain.isascii() and 2 * wide >= letters else text


def without_counts(plain: list[str]) -> list[str]:
    """Lines without the numbers that an editor put in front of each, if all have one in order."""
    found = [_COUNT.match(one) for one in plain]
    if len(plain) < _LEAST or not all(found):
        return plain
    counts = [int(match["count"]) for match in found if match]
    rests = [match["rest"] for match in found if match]
    in_order = counts == list(range(counts[0], counts[0] + len(counts)))
    if not in_order or not rests[0].strip() or _HOP.search(rests[0]):
        return plain
    starts = [match.start("rest") for match in found if match]
    least = min(start for start, rest in zip(starts, rests, strict=True) if rest)
    return [one[min(least, len(one)) :] for one in plain]


def without_clocks(plain: list[str]) -> list[str]:
    """Lines without the time that a logger put in front of each, if all have one."""
    full = [one for one in plain if one.strip()]
    if len(full) < _LEAST or not all(_CLOCK.match(one) for one in full):
        return plain
    return [_CLOCK.sub("", one, count=1) for one in plain]
