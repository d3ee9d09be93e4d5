"""PNG (ISO 15948): its size, and its picture without anything that is written beside it."""

import struct
from collections.abc import Iterator
from zlib import crc32

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
