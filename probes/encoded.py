"""Hidden words in text that is not UTF-8, and in the spellings that are ASCII.

Masked character by character in the text's own encoding: no length changes, and what is left
decodes as before.
"""

import codecs
import re
from collections.abc import Iterator

_ESCAPE = re.compile(rb"(?:\x1b[\x20-\x2f]+[\x30-\x7e])+")
"""ISO 2022's changes of the character set."""
_DECLARED = re.compile(r"charset=[\"']?([\w.:-]+)", re.ASCII)
_ISO_2022 = "iso2022_jp_ext"
_UNDECLARED = ("euc_jp", "cp932", "iso8859_1")
_WIDER = {"shift_jis": "cp932", "iso2022_jp": _ISO_2022}
"""What is sent under these names has more characters than they have."""
_KANA = re.compile("[\uff61-\uff9f]")


def spellings(word: str) -> Iterator[tuple[bytes, bytes]]:
    """A word as UTF-8 and, where it is not ASCII, as in JSON and in DNS; with the mask of each."""
    plain = word.encode()
    yield plain, re.sub(rb"[0-9A-Za-z\x80-\xff]", b"x", plain)
    if word.isascii():
        return
    units = word.encode("utf-16-be").hex(" ", 2).split()
    escaped = "".join(
        chr(int(unit, 16)) if int(unit, 16) < 0x80 else f"\\u{unit}"  # noqa: PLR2004  # ASCII
        for unit in units
    )
    yield escaped.encode(), b"x" * len(escaped)
    try:
        name = word.encode("idna")
    except UnicodeError:
        return
    yield name, re.sub(rb"[0-9A-Za-z]", b"x", name)


def encodings(content: bytes, media_type: str) -> list[str]:
    """The encodings other than UTF-8 that text may be in, by what is declared and what it is."""
    if _ESCAPE.search(content):
        return [_ISO_2022]
    try:
        content.decode()
    except UnicodeDecodeError:
        declared = _DECLARED.search(media_type)
        return [*dict.fromkeys([*_known(declared[1] if declared else ""), *_UNDECLARED])]
    return []


def _known(name: str) -> list[str]:
    try:
        found = codecs.lookup(name)
    except LookupError:
        return []
    text = found._is_text_encoding and found.incrementaldecoder is not None  # noqa: SLF001
    return [_WIDER.get(found.name, found.name)] if text else []


def mask_encoded(content: bytes, encoding: str, words: re.Pattern[str]) -> bytes:
    """As many bytes, in which the words are masked, found in the text that the bytes stand for."""
    if not words.search(content.decode(encoding, "replace")):
        return content
    text, spans = _spans(content, encoding)
    masked = bytearray(content)
    for match in words.finditer(text):
        for char, (start, end) in zip(match[0], spans[match.start() : match.end()], strict=True):
            if char.isascii() and not char.isalnum():
                continue
            if escape := _ESCAPE.match(content, start, end):
                start = escape.end()  # noqa: PLW2901  # it belongs to what follows too
            masked[start:end] = _mask(char, end - start, encoding)
    return bytes(masked)


def _mask(char: str, length: int, encoding: str) -> bytes:
    if encoding != _ISO_2022:
        return b"x" * length
    if _KANA.match(char):
        return b"0"  # a long vowel's mark in that set
    return b"x" if length == 1 else b"#x" * (length // 2)  # a wide x


def _spans(content: bytes, encoding: str) -> tuple[str, list[tuple[int, int]]]:
    """The text, and from where to where in the bytes each of its characters is."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    text: list[str] = []
    spans: list[tuple[int, int]] = []
    start = 0
    for end in range(1, len(content) + 1):
        for char in decoder.decode(content[end - 1 : end], final=end == len(content)):
            text.append(char)
            spans.append((start, end))
            start = end
    return "".join(text), spans
