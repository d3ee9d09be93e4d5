"""What is kept of a hop: its hash and what is read from it, and the body where that is wanted.

This runs once the hop is masked, so that nothing hidden enters a hash.
"""

import json
from base64 import encodebytes
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from sotokara.core.observation import Exchange
from sotokara.kinds.shared.web.message import HttpMessage, format_message, parse_message
from sotokara.kinds.shared.web.page import read_page

MOST = 512 * 1024
"""Bytes of a body that are kept, where any are; a longer one is hashed and not kept."""


def shortened(exchanges: Sequence[Exchange], keep: str) -> list[Exchange]:
    """The exchanges with bodies measured, and kept as ``keep`` says: hash, text or all."""
    found = []
    for one in exchanges:
        message = parse_message(one.received or b"")
        if message is not None and (one.step.startswith("hop ") or one.step == "favicon"):
            short = format_message(_noted(message, keep, icon=one.step == "favicon"))
            found.append(msgspec.structs.replace(one, received=short))
        else:
            found.append(one)
    return found


def _noted(message: HttpMessage, keep: str, *, icon: bool) -> HttpMessage:
    body = message.body
    notes = {**message.notes, "size": str(len(body)), "sha256": sha256(body).hexdigest()}
    text = b""
    if icon:
        notes["favicon"] = str(favicon_hash(body))
    else:
        page = read_page(body, message.header("content-type"))
        text = page.text.encode("utf-8", "replace")
        notes |= {
            "charset": page.charset,
            "title": page.title,
            "generator": page.generator,
            "text_sha256": sha256(text).hexdigest() if text else "",
            "trackers": json.dumps([[one.service, one.id] for one in page.trackers]),
            "promised": "yes" if page.promised else "no",
        }
    left = {"hash": b"", "text": text, "all": body}[keep]
    if len(left) > MOST:
        notes["not_kept"] = f"more than {MOST // 1024} KiB"
        left = b""
    notes["kept"] = keep
    return message._replace(notes={key: one for key, one in notes.items() if one}, body=left)


# The number that Shodan and others find an icon by: MurmurHash3 (x86, 32 bits) of its base64.
#
# The base64 is as Python's `encodebytes` writes it, in lines of 76, which is how the number came
# about. MurmurHash3 is Austin Appleby's, in the public domain; written here from its description.

_BITS = 0xFFFFFFFF
_C1, _C2, _M5, _N = 0xCC9E2D51, 0x1B873593, 5, 0xE6546B64


def favicon_hash(icon: bytes) -> int:
    """The number, signed as it is written in searches.

    >>> favicon_hash(b"")
    0
    """
    number = murmur3(encodebytes(icon))
    return number - (1 << 32) if number >> 31 else number


def murmur3(content: bytes) -> int:
    """The hash with seed 0, unsigned.

    >>> murmur3(b"Hello, world!"), murmur3(b"test")
    (3224780355, 3127628307)
    """
    state, whole = 0, len(content) & ~3
    for at in range(0, whole, 4):
        state ^= _mixed(int.from_bytes(content[at : at + 4], "little"))
        state = (_rotated(state, 13) * _M5 + _N) & _BITS
    if rest := content[whole:]:
        state ^= _mixed(int.from_bytes(rest, "little"))
    state ^= len(content)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        state = ((state ^ state >> shift) * factor) & _BITS
    return state ^ state >> 16


def _mixed(part: int) -> int:
    return _rotated(part * _C1 & _BITS, 15) * _C2 & _BITS


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> (32 - by)) & _BITS
