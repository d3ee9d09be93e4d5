"""The two shapes that registries write in: ``key: value`` objects, and ``[label] value`` lines."""

import codecs
import re
from typing import NamedTuple

Object = list[tuple[str, str]]
"""One paragraph of ``key: value`` lines; keys in lower case, in the server's order."""

_PAIR = re.compile(r"^\s{0,12}([A-Za-z][A-Za-z0-9 ./()_-]{0,48}?)\s?\.*\s*:(?:\s+|$)(.*)$")
_BRACKETED = re.compile(r"^(?:([a-z])\. )?\[([^\]\n]{1,60})\]\s*(.*)$")
_BANNER = re.compile(r"^\[ .* \]$|^\[ .*\s{2,}\]$")
_BREAK = re.compile(r"\r*\n|\r")
LONGEST_LINE = 2000
"""Characters of a line (and of a value joined of several) that are read; no real one is as long."""
MOST_LINES = 3000
"""Lines that are read of one answer; real ones have under two thousand."""
MOST_OBJECTS = 1000
"""Paragraphs that are read of one answer; real ones have under a hundred."""
_COMMENT = ("%", "#", ">>>", "//")


def lines_of(text: str) -> list[str]:
    """The lines that are read, none longer than what is read of one; ``\\r\\r\\n`` ends one."""
    lines = _BREAK.split(text, maxsplit=MOST_LINES)[:MOST_LINES]
    return [line[:LONGEST_LINE] for line in lines]


def objects(text: str) -> list[Object]:
    """Every paragraph with at least one pair. Comments are left out, continued lines joined."""
    found: list[Object] = []
    current: Object = []
    for line in lines_of(text):
        if not line.strip():
            if current:
                found.append(current)
            current = []
            if len(found) >= MOST_OBJECTS:
                break
            continue
        if line.startswith(_COMMENT):
            continue
        if match := _PAIR.match(line):
            current.append((match[1].strip().lower(), match[2].strip()))
        elif current and line[0] in " \t+":
            key, value = current[-1]
            current[-1] = key, f"{value} {line.strip(' +')}".strip()[:LONGEST_LINE]
    return [*found, current] if current else found


def first(one: Object, *keys: str) -> str:
    """The first non-empty value under any of the keys, the keys in order of preference."""
    for key in keys:
        for name, value in one:
            if name == key and value:
                return value
    return ""


def every(one: Object, *keys: str) -> list[str]:
    """Every non-empty value under any of the keys, in the server's order."""
    return [value for name, value in one if name in keys and value]


class Bracketed(NamedTuple):
    """One line of JPNIC's or JPRS's layouts."""

    letter: str
    """``a`` … ``z`` in the lettered layout, else empty."""
    label: str
    value: str


def bracketed(text: str) -> list[Bracketed]:
    """The ``[label] value`` lines, without the banner; continued values joined with a space."""
    found: list[Bracketed] = []
    for line in lines_of(text):
        if is_banner(line):
            continue
        if match := _BRACKETED.match(line):
            found.append(Bracketed(match[1] or "", match[2].strip(), match[3].strip()))
        elif found and line.startswith(" " * 8) and line.strip():
            last = found[-1]
            joined = f"{last.value} {line.strip()}".strip()[:LONGEST_LINE]
            found[-1] = last._replace(value=joined)
        elif found and not line.startswith(" "):
            found.append(Bracketed("", "", line))
    return [one for one in found if one.label]


def is_banner(line: str) -> bool:
    """Whether this is a line of the notice that JPNIC and JPRS put above every answer."""
    return bool(_BANNER.match(line.rstrip()))


def without_banner(text: str) -> list[str]:
    """The registry's lines without its notices: comments, JPNIC's frame, Verisign's terms."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith((">>>", "NOTICE:", "TERMS OF USE:", "For more information on Whois")):
            break
        if line.startswith(("%", "#")) or is_banner(line):
            continue
        blank = not line.strip()
        if blank and (not lines or not lines[-1].strip()):
            continue
        lines.append(line.rstrip())
    while lines and not lines[-1]:
        lines.pop()
    return lines


_JAPANESE = ("whois.nic.ad.jp", "whois.jprs.jp")
_KNOWN = {
    "whois.kisa.or.kr": "euc-kr",
    "whois.nic.or.kr": "euc-kr",
    "whois.krnic.net": "euc-kr",
    "whois.twnic.net": "big5",
    "whois.twnic.net.tw": "big5",
    "whois.lacnic.net": "iso-8859-1",
    "whois.registro.br": "iso-8859-1",
}
"""What a server sends where it is not UTF-8."""
_ESCAPE = re.compile(rb"\x1b\$[@B]|\x1b\([BJ]")
_DECLARED = re.compile(
    rb"^[%#\[; ]*(?:encoding|charset)[ =:]+([A-Za-z0-9_-]{3,20})", re.IGNORECASE | re.MULTILINE
)
_SAMPLE = 100_000


def charset(server: str, answer: bytes) -> str:
    """The name of the character set of an answer (an IANA name that Python knows too)."""
    sample = answer[:_SAMPLE]
    if _ESCAPE.search(sample):
        return "iso-2022-jp"
    if sample.isascii():
        return "us-ascii"
    candidates = ["utf-8"]
    if (match := _DECLARED.search(sample)) and (name := _name(match[1].decode())):
        candidates.insert(0, name)
    if server in _JAPANESE:
        candidates += _japanese(sample)
    candidates += [_KNOWN[server]] if server in _KNOWN else []
    for name in candidates:
        try:
            answer.decode(name)
        except UnicodeDecodeError:
            continue
        return name
    return "iso-8859-1"


def _name(text: str) -> str:
    """The normal name of a declared character set; empty for one that does not exist.

    Sets of more than text (``rot13``, ``zlib``) are none, nor are those that are never sent.
    """
    try:
        found = codecs.lookup(text)
    except LookupError:
        return ""
    odd = found.name.startswith(("utf-7", "idna", "unicode", "raw", "mbcs", "oem"))
    return "" if odd or not found._is_text_encoding else found.name  # noqa: SLF001


def _japanese(sample: bytes) -> list[str]:
    """EUC-JP and Shift_JIS, the likelier first: in EUC-JP every byte of a character has bit 7."""
    high = sum(byte >= 0x80 for byte in sample)  # noqa: PLR2004
    pairs = sum(len(run) for run in re.findall(rb"(?:[\xa1-\xfe]{2})+", sample))
    return ["euc-jp", "shift_jis"] if pairs >= high * 0.9 else ["shift_jis", "euc-jp"]


def decode_answer(answer: bytes, name: str) -> str:
    """The answer as text; bytes that the set does not have become ``\\xNN``."""
    return answer.decode(name, "backslashreplace")


def of_media_type(media_type: str) -> str:
    """The character set named in a media type, ``utf-8`` where there is none."""
    name = media_type.partition("charset=")[2]
    return _name(name) or "utf-8"
