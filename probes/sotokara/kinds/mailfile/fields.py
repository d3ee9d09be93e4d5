"""A mail's header fields, as they stand: bounds first, linear time after (RFC 5322, 2.2).

The file is data. Nothing in it is decoded, followed or opened; its parts and attachments are only
hashed, for DKIM.
"""

import re
from typing import NamedTuple

LARGEST = 32 * 1024 * 1024
"""Bytes of a mail that are read."""
_LARGEST_HEADER = 4 * 1024 * 1024
MOST_FIELDS = 20_000
LONGEST_FIELD = 64 * 1024
"""Bytes of one field that are looked at; a longer one is passed over, and counted."""
_NAME = re.compile(rb"[!-9;-~]{1,76}(?=[ \t]*:)")
_SPACE = re.compile(r"\s+")


class Unreadable(ValueError):  # noqa: N818  # the file's fault; the text says what is wrong
    """The file is no mail that is read here."""


class Field(NamedTuple):
    """One header field: its name in lower case, and its bytes as they stand, folds and all."""

    name: str
    raw: bytes

    @property
    def value(self) -> str:
        """What stands behind the colon, unfolded; bytes beyond UTF-8 are replaced."""
        return _SPACE.sub(" ", self.raw.partition(b":")[2].decode("utf-8", "replace")).strip()


class Mail(NamedTuple):
    """A mail taken apart. ``body`` is None where the file has header fields alone."""

    fields: list[Field]
    body: bytes | None
    too_long: int = 0
    """Fields that are passed over for their length or number."""


def taken_apart(content: bytes) -> Mail:
    """The fields and the body, with line ends as they are on the wire.

    :raises Unreadable: for what is no mail, or has a header beyond all measure.
    """
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Unreadable("it is UTF-16; save the mail as the server gave it")
    content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    if content.startswith((b"From ", b">From ")):  # a mailbox's own line
        content = content.partition(b"\r\n")[2]
    content = content.lstrip(b"\r\n")
    head, end, body = content.partition(b"\r\n\r\n")
    if len(head) > _LARGEST_HEADER:
        raise Unreadable(f"its header has more than {_LARGEST_HEADER // 1024} KiB")
    fields, too_long = _fields(head)
    if not fields:
        raise Unreadable("no header field stands at its beginning")
    return Mail(fields, body if end else None, too_long)


def _fields(head: bytes) -> tuple[list[Field], int]:
    found: list[Field] = []
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
            found.append(Field(name[0].decode("ascii").lower(), raw))

    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and lines:
            lines.append(line)
            continue
        close()
        lines = []
        if _NAME.match(line):
            lines = [line]
        elif not found:
            raise Unreadable("its first line is no header field")
    close()
    return found, too_long
