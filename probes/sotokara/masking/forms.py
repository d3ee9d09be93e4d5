"""Other forms of what is hidden: addresses in names and numbers, words in mail and on the web."""

import binascii
import quopri
import re
import unicodedata
from base64 import b64decode
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from urllib.parse import quote

Hides = Callable[[str], bool]
_DASHED = re.compile(rb"(?<!\d)(?<!\d-)\d{1,3}(?:-\d{1,3}){3}(?!-?\d)")
_HEX = re.compile(rb"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?![0-9A-Fa-f])")
_DIGITS = re.compile(rb"[0-9A-Fa-f]{8}")
"""What a number has to have, in either base."""
_DECIMAL = re.compile(rb"(?<![\d.])\d{8,10}(?![\d.])")
_ENCODED_WORD = re.compile(rb"=\?([\w-]{1,40})(?:\*[\w-]{1,20})?\?([BbQq])\?([^?\s]{1,2000})\?=")
_SHAPE = re.compile(rb"[0-9A-Za-z]")
_IN_TEXT = rb"(?:\"\s{0,4}\"|=\r?\n)"
"""Between two pieces of one text: the quotes of TXT strings, a soft line break."""
_ON_THE_WIRE = rb"[\x01-\xff]"
"""Between two TXT strings in a message: the second one's length."""
_LEAST = 4
"""Letters of a word that is looked for in pieces."""


def mask_addresses(content: bytes, hides: Hides) -> bytes:
    """IPv4 addresses with dashes, in hexadecimal, or as one number, masked."""

    def dashed(match: re.Match[bytes]) -> bytes:
        parts = [str(int(part)) for part in match[0].split(b"-")]
        hidden = hides(".".join(parts)) or hides(".".join(reversed(parts)))
        return re.sub(rb"\d", b"x", match[0]) if hidden else match[0]

    def number(match: re.Match[bytes], base: int) -> bytes:
        value = int(match[0], base)
        hidden = value < 1 << 32 and hides(str(IPv4Address(value)))
        return b"x" * len(match[0]) if hidden else match[0]

    if content.count(b"-") >= 3:  # noqa: PLR2004  # an address's
        content = _DASHED.sub(dashed, content)
    if not _DIGITS.search(content):  # most answers
        return content
    content = _HEX.sub(lambda match: number(match, 16), content)
    return _DECIMAL.sub(lambda match: number(match, 10), content)


def words(word: str) -> Iterator[bytes]:
    """A word as mail, the web and host names may write it."""
    for form in dict.fromkeys(unicodedata.normalize(name, word) for name in ("NFC", "NFD")):
        for one in dict.fromkeys((form, form.lower(), form.upper(), form.title())):
            content = one.encode()
            yield content
            yield quote(one, safe="").encode()
            yield quopri.encodestring(content, quotetabs=True).strip()
            if not one.isascii():
                yield "".join(f"&#{ord(char)};" for char in one).encode()
                yield "".join(f"&#x{ord(char):x};" for char in one).encode()
    yield "".join(f"%{byte:02x}" for byte in word.encode()).encode()
    if "@" in word:
        yield word.replace("@", "=").encode()  # VERP
    labels = word.rpartition("@")[2].strip(".").split(".")
    if len(labels) > 2 and word.isascii():  # noqa: PLR2004  # a host's name, not a domain's alone
        yield "-".join(labels).encode()
        yield ".".join(reversed(labels)).encode()


def in_pieces(word: bytes, *, wire: bool = False) -> re.Pattern[bytes] | None:
    """A word that is cut in two, in text or in a DNS message: each piece is a group."""
    between = _ON_THE_WIRE if wire else _IN_TEXT
    if len(word) < _LEAST:
        return None
    cuts = [
        b"(" + re.escape(word[:at]) + b")(" + between + b")(" + re.escape(word[at:]) + b")"
        for at in range(1, len(word))
    ]
    return re.compile(b"|".join(cuts), re.IGNORECASE)


def mask_pieces(pattern: re.Pattern[bytes], content: bytes) -> bytes:
    """A word that is cut in two, masked on both sides of the cut."""

    def masked(match: re.Match[bytes]) -> bytes:
        first, between, second = (group for group in match.groups() if group is not None)
        return b"x" * len(first) + between + b"x" * len(second)

    return pattern.sub(masked, content)


def mask_strings(pattern: re.Pattern[bytes], wire: bytes) -> bytes:
    """The same in a DNS message, where two TXT strings meet; a letter of a name is no cut in it."""
    at = 0
    while match := pattern.search(wire, at):
        start, at = match.start(), match.start() + 1
        first, between, second = (group for group in match.groups() if group is not None)
        word = (first + second).lower()
        for cut in range(1, len(word)):
            end = start + cut + len(between) + len(word) - cut
            pieces = wire[start : start + cut], wire[start + cut + 1 : end]
            if b"".join(pieces).lower() != word or not _strings_meet(wire, start, cut, len(word)):
                continue
            masked = [b"x" * len(one) for one in pieces]
            wire = (
                wire[:start]
                + masked[0]
                + wire[start + cut : start + cut + 1]
                + masked[1]
                + wire[end:]
            )
            break
    return wire


def _strings_meet(wire: bytes, start: int, first: int, whole: int) -> bool:
    """Whether a string ends after the ``first`` letters of a word, and another has its end.

    Each is preceded by its length (RFC 1035, 3.3.14); ``start``: where the word begins.
    """
    cut = start + first
    if wire[cut] < whole - first or cut + wire[cut] >= len(wire):
        return False
    return any(wire[at] == cut - at - 1 for at in range(max(0, cut - 256), start))


def encoded_words(content: bytes, mask: Callable[[bytes], bytes]) -> bytes:
    """Encoded words of mail headers (RFC 2047) that hold something hidden, masked."""

    def masked(match: re.Match[bytes]) -> bytes:
        charset, coding, coded = match.groups()
        try:
            raw = b64decode(coded) if coding in b"Bb" else quopri.decodestring(coded, header=True)
            text = raw.decode(charset.decode("ascii")).encode()
        except (LookupError, ValueError, binascii.Error):
            return match[0]
        if mask(text) == text:
            return match[0]
        start, end = match.start(3) - match.start(), match.end(3) - match.start()
        return match[0][:start] + _SHAPE.sub(b"x", coded) + match[0][end:]

    return _ENCODED_WORD.sub(masked, content) if b"=?" in content else content
