"""What is masked of a visit, and then kept: pictures and text, and of bodies their hashes, or all.

Nothing is hashed before it is masked.
"""

import json
import struct
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from zlib import crc32

from msgspec.structs import replace

from sotokara.core.observation import Exchange
from sotokara.kinds.page.facts import DOCUMENT, TEXT, VISIT
from sotokara.kinds.shared.web.masking import mask_message, without_addresses, without_cookies
from sotokara.kinds.shared.web.message import HttpMessage, format_message, parse_message

MOST, MOST_IN_ALL = 512 * 1024, 4 * 1024 * 1024
"""Bytes of one body, and of all of a page's, that are kept; what is longer is hashed."""


def shortened(exchanges: Sequence[Exchange], keep: str) -> list[Exchange]:
    """The exchanges as ``keep`` says: all, picture or text."""
    text = next((one.received or b"" for one in exchanges if one.step == TEXT), b"")
    left = MOST_IN_ALL if keep == "all" else 0
    found = []
    for one in exchanges:
        if one.step.startswith("picture "):
            found.append(_picture(one, text, keep))
        elif one.step == DOCUMENT:
            short = one.received if keep == "all" else _head(one.received or b"")
            found.append(replace(one, received=short))
        elif (message := parse_message(one.received or b"")) and one.step.startswith("resource "):
            fits = len(message.body) <= min(MOST, left)
            left -= len(message.body) if fits else 0
            found.append(replace(one, received=format_message(_noted(message, keep, fits=fits))))
        else:
            found.append(one)
    return found


def _picture(one: Exchange, text: bytes, keep: str) -> Exchange:
    """A picture, where all that it shows as text may be shown."""
    shows = one.sent != sha256(text).digest()
    gone = keep == "text" or shows
    why = b"not kept: it shows what is hidden" if shows else b""
    return replace(one, sent=why, received=None if gone else one.received)


def _head(document: bytes) -> bytes:
    """Of a document what its title and its makers' names are read from."""
    end = document.lower().find(b"</head>")
    return document[: min(end + 7, MOST)] if end >= 0 else b""


def _noted(message: HttpMessage, keep: str, *, fits: bool) -> HttpMessage:
    notes = dict(message.notes)
    if "not_kept" not in notes:
        notes |= {"size": str(len(message.body)), "sha256": sha256(message.body).hexdigest()}
        if not fits and keep == "all":
            notes["not_kept"] = "more than is kept of one page"
    notes["kept"] = keep if keep == "all" else "hash"
    return message._replace(notes=notes, body=message.body if fits and keep == "all" else b"")


# PNG (ISO 15948): its size, and its picture without anything that is written beside it.

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_SHOWN = frozenset({b"IHDR", b"PLTE", b"tRNS", b"sRGB", b"IDAT", b"IEND"})
_MOST_PIXELS = 1 << 26


def size_of(picture: bytes) -> tuple[int, int] | None:
    """Width and height; None for what is no whole PNG, or a larger one than is ever made here."""
    chunks = list(_chunks(picture))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        return None
    width, height = struct.unpack(">II", chunks[0][1][:8])
    return (width, height) if 0 < width * height <= _MOST_PIXELS else None


def bare(picture: bytes) -> bytes:
    """The picture alone: no text, no time, no profile; as it is where it is no PNG."""
    kept = [_chunk(name, content) for name, content in _chunks(picture) if name in _SHOWN]
    return _SIGNATURE + b"".join(kept) if kept else picture


def _chunk(name: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", crc32(name + content))
    )


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each chunk with its name, up to the first that is not whole."""
    at = len(_SIGNATURE)
    while picture.startswith(_SIGNATURE) and at + 12 <= len(picture):
        length = int.from_bytes(picture[at : at + 4], "big")
        name, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        sum_ = picture[at + 8 + length : at + 12 + length]
        if sum_ != struct.pack(">I", crc32(name + content)):
            return
        yield name, content
        at += 12 + length


# What a visit tells of who made it, masked before anything is read or kept of it.
#
# Text is masked in the page before its picture is taken (`network/mask.js`). Where more of it is
# masked afterwards, the picture shows what it should not, and is not kept.


def hidden(exchanges: Sequence[Exchange], *, addresses: bool) -> list[Exchange]:
    """The exchanges with cookies, headers and echoed addresses masked.

    A picture's ``sent`` has the hash of the text beside it as it was, for ``shortened``, which
    takes it away.
    """
    visit = next((one for one in exchanges if one.step == VISIT), None)
    asked = [str(one.get("address", "")) for one in connections(visit)]
    text = next((one.received or b"" for one in exchanges if one.step == TEXT), b"")
    return [_hidden(one, asked, sha256(text).digest(), addresses=addresses) for one in exchanges]


def _hidden(one: Exchange, asked: Sequence[str], text: bytes, *, addresses: bool) -> Exchange:
    if one.step.startswith("picture "):
        return replace(one, sent=text, received=bare(one.received or b""))
    received, sent = one.received, without_cookies(one.sent)
    if not addresses:
        sent = without_addresses(sent, asked)
    if one.step.startswith("resource "):
        message = parse_message(received or b"")
        if message is not None:
            url = message.notes.get("url", "")
            if not addresses:
                url = without_addresses(url.encode(), asked).decode()
            message = mask_message(message, asked, addresses=addresses)
            received = format_message(message._replace(notes={**message.notes, "url": url}))
    elif one.step in (DOCUMENT, TEXT, VISIT) and not addresses:
        received = without_addresses(received or b"", asked)
    return replace(one, sent=sent, received=received)


def connections(visit: Exchange | None) -> list[dict[str, Any]]:
    """The connections that were wanted, as a visit has them."""
    told = told_of(visit).get("connections", [])
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def told_of(visit: Exchange | None) -> dict[str, Any]:
    """What a visit says of itself; nothing where it says nothing that can be read."""
    try:
        told = json.loads((visit.received if visit else b"") or b"{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
