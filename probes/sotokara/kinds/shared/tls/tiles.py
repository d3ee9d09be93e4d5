"""Whether a log of static tiles has a certificate (C2SP static-ct-api, tlog-checkpoint).

Such a log proves nothing itself: it serves its tree as tiles of 256 hashes, and whoever wants a
proof makes it. A timestamp of such a log says at which place the entry stands. Pure: checkpoint
and tiles are kept, so that anybody can make the proof again.
"""

import struct
from base64 import b64decode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from sotokara.kinds.shared.tls.inclusion import (
    INCLUDED,
    NO_ANSWER,
    NOT_INCLUDED,
    WRONG_HEAD,
    WRONG_PROOF,
)
from sotokara.kinds.shared.tls.signatures import verifies

HEIGHT, WIDTH, HASH = 8, 256, 32
_LEVELS = 6
_LEAF_INDEX = 0
_NOTE_TYPE = b"\x05"
"""Of signatures over RFC 6962's tree heads."""
_MOST_SIGNATURES = 32


class Tiled(NamedTuple):
    """What a log of tiles answered: its checkpoint, and tiles by their paths below ``tile/``."""

    checkpoint: str = ""
    tiles: Mapping[str, bytes] = {}


class Tile(NamedTuple):
    """One tile: its level, its number there, how many hashes it has."""

    level: int
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Where it is below ``tile/``: ``0/x001/x234/067``, ``0/273.p/112``."""
        digits = f"{self.number:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join([*(f"x{one}" for one in groups[:-1]), groups[-1]])
        return f"{self.level}/{path}" + (f".p/{self.width}" if self.width < WIDTH else "")


def index_in(extensions: bytes) -> int | None:
    """The place in the log that a timestamp's extensions name; None where they name none."""
    at = 0
    while at + 3 <= len(extensions):
        kind, length = extensions[at], int.from_bytes(extensions[at + 1 : at + 3], "big")
        content = extensions[at + 3 : at + 3 + length]
        if kind == _LEAF_INDEX and len(content) == length == 5:  # noqa: PLR2004  # uint40
            return int.from_bytes(content, "big")
        at += 3 + length
    return None


def head_in(checkpoint: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint. :raises ValueError: for what is none."""
    body, _, _ = checkpoint.partition("\n\n")
    lines = body.split("\n")
    if len(lines) != 3 or not lines[1].isascii() or not lines[1].isdigit():  # noqa: PLR2004
        raise ValueError("no checkpoint")
    size, root = int(lines[1]), b64decode(lines[2], validate=True)
    if not 0 < size < 1 << 40 or len(root) != HASH:
        raise ValueError("no checkpoint")
    return size, root


def needed(index: int, size: int) -> Iterator[Tile]:
    """The tiles that a proof is made of: those over the entry, and those at the tree's end."""
    for level in range(_LEVELS):
        count = size >> HEIGHT * level
        if not count:
            return
        last, rest = divmod(count, WIDTH)
        over = (index >> HEIGHT * level) // WIDTH
        if over < last:
            yield Tile(level, over)
        if rest:
            yield Tile(level, last, rest)


def standing_in(
    answer: Tiled, key: bytes, leaf: bytes, extensions: bytes
) -> tuple[str, int | None, int]:
    """Of STANDINGS, the place in the log, and the size of the tree that it was proven in."""
    index = index_in(extensions)
    try:
        size, root = head_in(answer.checkpoint)
    except ValueError:
        return NO_ANSWER, None, 0
    if not _signed(answer.checkpoint, key, size, root):
        return WRONG_HEAD, None, size
    if index is None:
        return NO_ANSWER, None, size
    if index >= size:
        return NOT_INCLUDED, index, size
    tree = _Tree(answer.tiles, size)
    try:
        led = tree.root(leaf, index, 0, size)
    except KeyError:
        return NO_ANSWER, index, size
    return (INCLUDED if led == root else WRONG_PROOF), index, size


class _Tree:
    """A tree of which some tiles are known. Raises KeyError for what is in none of them."""

    def __init__(self, tiles: Mapping[str, bytes], size: int) -> None:
        self._tiles, self._size = tiles, size

    def root(self, leaf: bytes, index: int, start: int, end: int) -> bytes:
        """The hash over entries, where the one at ``index`` is ``leaf`` (RFC 6962, 2.1)."""
        if end - start == 1:
            return leaf
        half = start + (1 << (end - start - 1).bit_length() - 1)
        if index < half:
            left, right = self.root(leaf, index, start, half), self.over(half, end)
        else:
            left, right = self.over(start, half), self.root(leaf, index, half, end)
        return sha256(b"\1" + left + right).digest()

    def over(self, start: int, end: int) -> bytes:
        """The hash over entries: read from a tile where one has it, else made of two."""
        count = end - start
        height = count.bit_length() - 1
        if count == 1 << height and height % HEIGHT == 0:
            return self._read(height // HEIGHT, start >> height)
        half = start + (1 << (count - 1).bit_length() - 1)
        return sha256(b"\1" + self.over(start, half) + self.over(half, end)).digest()

    def _read(self, level: int, number: int) -> bytes:
        tile, at = divmod(number, WIDTH)
        last, rest = divmod(self._size >> HEIGHT * level, WIDTH)
        content = self._tiles[Tile(level, tile, rest if tile == last else WIDTH).path]
        found = content[at * HASH : at * HASH + HASH]
        if len(found) != HASH:
            raise KeyError(number)
        return found


def _signed(checkpoint: str, key: bytes, size: int, root: bytes) -> bool:
    """Whether one of the checkpoint's signatures is the log's (RFC6962NoteSignature)."""
    body, _, notes = checkpoint.partition("\n\n")
    origin = body.split("\n")[0]
    hashed = origin.encode() + b"\n" + _NOTE_TYPE + sha256(key).digest()
    own = sha256(hashed).digest()[:4]
    for line in notes.split("\n")[:_MOST_SIGNATURES]:
        dash, _, rest = line.partition(" ")
        name, _, text = rest.rpartition(" ")
        if dash != "—" or name != origin:
            continue
        try:
            blob = b64decode(text, validate=True)
        except ValueError:
            continue
        if blob[:4] != own or len(blob) < 16:  # noqa: PLR2004  # id, time, algorithms, length
            continue
        moment = struct.unpack(">Q", blob[4:12])[0]
        if verifies(key, blob[16:], b"\0\1" + struct.pack(">QQ", moment, size) + root):
            return True
    return False
