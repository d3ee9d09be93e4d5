"""A mail's header as it may be kept: masked lines, one a field, and what is read of them. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sotokara.kinds.mailfile.facts import AuthResult
from sotokara.kinds.mailfile.masking import MASK, mask_field

# A mail's header fields, as they stand: bounds first, linear time after (RFC 5322, 2.2).
#
# The file is data. Nothing in it is decoded, followed or opened; its parts and attachments are only
# hashed, for DKIM.

LARGEST = 32 * 1024 * 1024
"""Bytes of a mail that are read."""
_LARGEST_HEADER = 4 * 1024 * 1024
MOST_FIELDS = 20_000
LONGEST_FIELD = 64 * 1024
"""Bytes of one field that are looked at; a longer one is passed over, and counted."""
_NAME = re.compile(rb"[!-9;-~]{1,76}(?=[ \t]*:)")
_SPACE = re.compile(r"\s+")


class UnreadableMail(ValueError):  # noqa: N818  # the file's fault; the text says what is wrong
    """The file is no mail that is read here."""


class RawField(NamedTuple):
    """One header field: its name in lower case, and its bytes as they stand, folds and all."""

    name: str
    raw: bytes

    @property
    def value(self) -> str:
        """What stands behind the colon, unfolded; bytes beyond UTF-8 are replaced."""
        return _SPACE.sub(" ", self.raw.partition(b":")[2].decode("utf-8", "replace")).strip()


class ParsedMail(NamedTuple):
    """A mail taken apart. ``body`` is None where the file has header fields alone."""

    fields: list[RawField]
    body: bytes | None
    too_long: int = 0
    """Fields that are passed over for their length or number."""


def taken_apart(content: bytes) -> ParsedMail:
    """The fields and the body, with line ends as they are on the wire.

    :raises Unreadable: for what is no mail, or has a header beyond all measure.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise UnreadableMail("it is UTF-16; save the mail as the server gave it")
    content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if content.startswith((b"From ", b">From ")):  # a mailbox's own line
        content = content.partition(b"\r\n")[2]
    content = content.lstrip(b"\r\n")
    head, end, body = content.partition(b"\r\n\r\n")
    if len(head) > _LARGEST_HEADER:
        raise UnreadableMail(f"its header has more than {_LARGEST_HEADER // 1024} KiB")
    fields, too_long = _fields(head)
    if not fields:
        raise UnreadableMail("no header field stands at its beginning")
    return ParsedMail(fields, body if end else None, too_long)


def _fields(head: bytes) -> tuple[list[RawField], int]:
    found: list[RawField] = []
    too_long = 0
    lines: list[bytes] = []

    def close() -> None:
        nonlocal too_long
        if not lines:
            return
        raw = b"\r\n".join(lines) + b"\r\n"
        name = _NAME.match(raw)
        if name is None:
            return
        if len(raw) > LONGEST_FIELD or len(found) >= MOST_FIELDS:
            too_long += 1
        else:
            found.append(RawField(name[0].decode("ascii").lower(), raw))

    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and lines:
            lines.append(line)
            continue
        close()
        lines = []
        if _NAME.match(line):
            lines = [line]
        elif not found:
            raise UnreadableMail("its first line is no header field")
    close()
    return found, too_long


_MOST_SAID = 100
_PAIR = re.compile(r"(\S+?)=(\S+)")
_PROPERTIES = ("header.d", "smtp.mailfrom", "header.from", "header.i", "smtp.helo")
_SAYS = ("authentication-results", "arc-authentication-results", "received-spf")


class HeaderField(NamedTuple):
    """A field as it is kept: its name in lower case, its masked value."""

    name: str
    value: str


def kept_lines(fields: Sequence[RawField]) -> list[HeaderField]:
    """The fields of which something is kept, masked."""
    every = ((one.name, mask_field(one.name, one.value)) for one in fields)
    return [HeaderField(name, value) for name, value in every if value is not None]


def format_header(lines: Sequence[HeaderField]) -> str:
    """The lines as text."""
    return "".join(f"{_titled(one.name)}: {one.value}\n" for one in lines)


def _titled(name: str) -> str:
    special = {"dkim-signature": "DKIM-Signature", "received-spf": "Received-SPF"}
    title = "-".join(part.capitalize() for part in name.split("-"))
    return special.get(name) or title.replace("Arc-", "ARC-")


def parse_header(text: str) -> list[HeaderField]:
    """The lines out of their text again."""
    found = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found.append(HeaderField(name.strip().lower(), value.strip()))
    return found


def values(lines: Sequence[HeaderField], name: str) -> list[str]:
    """What stands in the fields of a name, from the top."""
    return [one.value for one in lines if one.name == name]


def domain_of(value: str) -> str:
    """The one domain in a masked From or Return-Path; empty where there is none, or several."""
    found = {one.rpartition("@")[2] for one in value.split(", ") if "@" in one}
    return found.pop() if len(found) == 1 and MASK not in found else ""


def tags_of(value: str) -> dict[str, str]:
    """A kept signature's tags."""
    pairs = (one.partition("=") for one in value.split("; "))
    return {name: content for name, _, content in pairs if content}


def auth_results(lines: Sequence[HeaderField], trusted_until: int) -> list[AuthResult]:
    """What fields say of checks. ``trusted_until``: lines of the recipient's side, from the top.

    A server writes its results above its own Received line (RFC 8601, 4.1): what stands below the
    last line that the recipient's side has written came with the mail.
    """
    found: list[AuthResult] = []
    passed = 0
    for line in lines:
        passed += line.name == "received"
        if line.name in _SAYS and len(found) < _MOST_SAID:
            trusted = line.name != "arc-authentication-results" and passed < trusted_until
            found += _said(line, trusted=trusted)
    return found[:_MOST_SAID]


def _said(line: HeaderField, *, trusted: bool) -> Iterator[AuthResult]:
    first, *parts = line.value.split("; ")
    if line.name == "received-spf":
        pairs = dict(_PAIR.findall(" ".join([first, *parts])))
        domain = pairs.get("envelope-from", "") or pairs.get("helo", "")
        yield AuthResult("", "spf", first.split()[0], domain if domain != MASK else "", trusted)
        return
    if first.startswith("i=") and parts:
        first, *parts = parts
    for part in parts:
        every = _PAIR.findall(part)
        if not every or "." in every[0][0]:
            continue
        (method, result), rest = every[0], dict(every[1:])
        domain = next((rest[one] for one in _PROPERTIES if rest.get(one, MASK) != MASK), "")
        yield AuthResult(first, method, result, domain, trusted)
