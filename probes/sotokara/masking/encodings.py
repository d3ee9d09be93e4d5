"""How a word to be hidden may be spelled: other encodings, escapes, compressed IPv6 addresses."""

import codecs
import re
from collections.abc import Iterator, Sequence

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


_OF_PYTHON = frozenset({"punycode", "idna", "undefined", "unicode-escape", "raw-unicode-escape"})
"""No text is in these; some of them cost the square of its length."""


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
    if found.name in _OF_PYTHON:
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


_POINTER = rb"[\xc0-\xff]."
_MOST_LABELS = 128


def mask_compressed(wire: bytes, labels: Sequence[bytes]) -> bytes:
    """A message in which the labels that stand before a pointer to the rest of a name are masked.

    ``labels``: the name that is hidden. Its end, which the pointer leads to, may be part of other
    names and stays; no length changes.
    """
    pattern = b""
    for label in reversed(labels[:-1]):
        head = bytes([len(label)]) + label
        pattern = re.escape(head) + (b"(?:%b|%b)" % (_POINTER, pattern) if pattern else _POINTER)
    if not pattern:
        return wire
    for match in re.finditer(pattern, wire, re.IGNORECASE | re.DOTALL):
        start, end = match.start(), match.end() - 2
        given = 0
        for length in map(len, labels):  # how many labels stand before the pointer
            if start >= end:
                break
            start, given = start + 1 + length, given + 1
        rest = [label.lower() for label in labels[given:]]
        if _labels(wire, end)[: len(rest)] == rest:
            wire = wire[: match.start()] + _shape(labels[:given]) + wire[end:]
    return wire


def _shape(labels: Sequence[bytes]) -> bytes:
    return b"".join(bytes([len(label)]) + b"x" * len(label) for label in labels)


def _labels(wire: bytes, at: int) -> list[bytes]:
    """The labels of the name at an offset, in lower case; as far as it can be followed."""
    found: list[bytes] = []
    while at + 1 < len(wire) and wire[at] and len(found) < _MOST_LABELS:
        if wire[at] >= 0xC0:  # noqa: PLR2004  # a pointer: two bits, then the offset
            target = int.from_bytes(wire[at : at + 2], "big") & 0x3FFF
            if target >= at:  # only backwards, so this ends
                break
            at = target
            continue
        found.append(wire[at + 1 : at + 1 + wire[at]].lower())
        at += 1 + wire[at]
    return found
