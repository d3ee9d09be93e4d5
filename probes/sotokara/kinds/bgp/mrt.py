"""Dumps of route collectors: MRT (RFC 6396), read as a stream, whatever their size.

Of its types those are read that collectors write today: TABLE_DUMP_V2 for tables, BGP4MP and
BGP4MP_ET for messages, with their forms for additional paths (RFC 8050). A record is looked into
only where it can speak of the prefix asked for.
"""

import bz2
import gzip
import struct
import time
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import BinaryIO, cast

from sotokara.kinds.bgp.numbers import Hops, Prefix
from sotokara.kinds.bgp.sightings import Sighting

_HEAD = struct.Struct("!IHHI")
_LARGEST = 8 * 1024 * 1024
"""Bytes of a record. The longest that collectors write have some hundred kilobytes."""
_TABLE_DUMP_V2, _BGP4MP, _BGP4MP_ET = 13, 16, 17
_PEERS = 1
_RIBS = {2: (4, False), 4: (6, False), 8: (4, True), 10: (6, True)}
"""Subtype → IP version, whether paths have ids."""
_MESSAGES = {
    1: (2, False),
    4: (4, False),
    6: (2, False),
    7: (4, False),
    8: (2, True),
    9: (4, True),
    10: (2, True),
    11: (4, True),
}
"""Subtype → bytes of an AS number, whether paths have ids."""
_STATES = {0: 2, 5: 4}
_UPDATE, _ESTABLISHED = 2, 6
_AS_PATH, _MP_REACH, _MP_UNREACH, _AS4_PATH = 2, 14, 15, 17
_SET, _SEQUENCE = 1, 2
_AS_TRANS = 23456
_EXTENDED = 0x10
_LOOK = 50_000
"""Records between two looks at the clock."""


class Dump:
    """One file. ``cut``: it ended in the middle of a record; ``unread``: records not understood."""

    def __init__(self, path: Path, wanted: Prefix, ends: float) -> None:
        """``wanted``: it and what is inside of it are reported; ``ends``: by ``time.monotonic``.

        :raises OSError: when the file cannot be opened.
        """
        self._path, self._wanted, self._ends = path, wanted, ends
        self._six = wanted.version == 6  # noqa: PLR2004
        self._length = wanted.prefixlen
        self._bits = int(wanted.network_address) >> (wanted.max_prefixlen - self._length)
        self._begins = wanted.network_address.packed[: self._length // 8]
        self._peers: list[str] = []
        self._up: dict[str, set[Prefix]] = {}
        self.cut = False
        self.unread = self.records = self.peers = 0
        self.first = self.last = 0

    def sightings(self) -> Iterator[Sighting]:
        """Every route in it, in the file's order.

        :raises TimeoutError: when the time is up.
        :raises ValueError: where a record is longer than any can be: this is no MRT.
        """
        with opened(self._path) as stream:
            while head := stream.read(12):
                if len(head) < _HEAD.size:
                    self.cut = True
                    return
                when, kind, subtype, length = _HEAD.unpack(head)
                if length > _LARGEST:
                    raise ValueError("no MRT record begins here")
                body = stream.read(length)
                if len(body) < length:
                    self.cut = True
                    return
                self.records += 1
                if self.records % _LOOK == 0 and time.monotonic() > self._ends:
                    raise TimeoutError
                self.first, self.last = self.first or when, max(self.last, when)
                try:
                    yield from self._of(when, kind, subtype, body)
                except (IndexError, struct.error, ValueError):
                    self.unread += 1

    def _of(self, when: int, kind: int, subtype: int, body: bytes) -> Iterator[Sighting]:
        if kind == _TABLE_DUMP_V2:
            if subtype == _PEERS:
                self._peers = _peers(body)
                self.peers = len(self._peers)
            elif subtype in _RIBS:
                version, several = _RIBS[subtype]
                if (version == 6) == self._six:  # noqa: PLR2004
                    yield from self._table(when, body, several=several)
            return
        if kind not in (_BGP4MP, _BGP4MP_ET):
            self.unread += 1
            return
        if kind == _BGP4MP_ET:
            body = body[4:]  # microseconds
        if subtype in _MESSAGES:
            if self._begins in body:
                size, several = _MESSAGES[subtype]
                yield from self._message(when, body, size, several=several)
        elif subtype in _STATES:
            yield from self._state(when, body, _STATES[subtype])

    def _table(self, when: int, body: bytes, *, several: bool) -> Iterator[Sighting]:
        length = body[4]
        if length < self._length:
            return
        size = (length + 7) // 8
        if int.from_bytes(body[5 : 5 + size], "big") >> (size * 8 - self._length) != self._bits:
            return
        prefix = self._prefix(body[5 : 5 + size], length)
        at = 5 + size
        (count,) = struct.unpack_from("!H", body, at)
        at += 2
        for _ in range(count):
            (peer,) = struct.unpack_from("!H", body, at)
            at += 6 + (4 if several else 0)
            (attributes,) = struct.unpack_from("!H", body, at)
            at += 2
            path = _attributes(body[at : at + attributes], 4)[0]
            at += attributes
            if path is not None:
                yield Sighting(when, self._peers[peer], prefix, path, table=True)

    def _message(self, when: int, body: bytes, size: int, *, several: bool) -> Iterator[Sighting]:
        peer, at = _peer_of(body, size)
        if body[at + 18] != _UPDATE:
            return
        end = at + int.from_bytes(body[at + 16 : at + 18], "big")
        at += 19
        withdrawn = int.from_bytes(body[at : at + 2], "big")
        taken = body[at + 2 : at + 2 + withdrawn]
        at += 2 + withdrawn
        length = int.from_bytes(body[at : at + 2], "big")
        path, reached, unreached = _attributes(body[at + 2 : at + 2 + length], size)
        given = body[at + 2 + length : end]
        back, there = (unreached, reached) if self._six else (taken, given)
        for prefix in self._prefixes(back, several=several):
            self._up.get(peer, set()).discard(prefix)
            yield Sighting(when, peer, prefix, None)
        if path is None:
            return
        for prefix in self._prefixes(there, several=several):
            self._up.setdefault(peer, set()).add(prefix)
            yield Sighting(when, peer, prefix, path)

    def _state(self, when: int, body: bytes, size: int) -> Iterator[Sighting]:
        """A session that ends takes all routes of its peer out of sight."""
        peer, at = _peer_of(body, size)
        old, new = struct.unpack_from("!HH", body, at)
        if old == _ESTABLISHED and new != _ESTABLISHED:
            for prefix in sorted(self._up.pop(peer, set()), key=str):
                yield Sighting(when, peer, prefix, None, lost=True)

    def _prefixes(self, content: bytes, *, several: bool) -> Iterator[Prefix]:
        """Of a list of prefixes (RFC 4271, 4.3) those that are asked for."""
        at = 0
        while at < len(content):
            at += 4 if several else 0
            length = content[at]
            size = (length + 7) // 8
            packed = content[at + 1 : at + 1 + size]
            at += 1 + size
            if length >= self._length and (
                int.from_bytes(packed, "big") >> (size * 8 - self._length) == self._bits
            ):
                yield self._prefix(packed, length)

    def _prefix(self, packed: bytes, length: int) -> Prefix:
        whole = int.from_bytes(packed.ljust(16 if self._six else 4, b"\0"), "big")
        form = IPv6Network if self._six else IPv4Network
        return form((whole, length), strict=False)


def opened(path: Path) -> BinaryIO:
    """A dump as a stream of bytes, unpacked where it is packed.

    :raises OSError: when it cannot be opened.
    """
    with path.open("rb") as file:
        begins = file.read(3)
    if begins[:2] == b"\x1f\x8b":
        return cast("BinaryIO", gzip.open(path))
    if begins == b"BZh":
        return cast("BinaryIO", bz2.open(path))
    return path.open("rb")


def _peers(body: bytes) -> list[str]:
    """The collector's peers (RFC 6396, 4.3.1): address and AS of each, one name."""
    name = int.from_bytes(body[4:6], "big")
    at = 6 + name
    (count,) = struct.unpack_from("!H", body, at)
    at += 2
    found = []
    for _ in range(count):
        kind = body[at]
        at += 5
        size = 16 if kind & 1 else 4
        address = body[at : at + size]
        at += size
        number = body[at : at + (4 if kind & 2 else 2)]
        at += len(number)
        found.append(f"{ip_address(address)} AS{int.from_bytes(number, 'big')}")
    return found


def _peer_of(body: bytes, size: int) -> tuple[str, int]:
    """The peer of a message, and where its content begins (RFC 6396, 4.4.2)."""
    number = int.from_bytes(body[:size], "big")
    at = 2 * size + 2
    (family,) = struct.unpack_from("!H", body, at)
    wide = 16 if family == 2 else 4  # noqa: PLR2004  # RFC 4760's number of IPv6
    at += 2
    return f"{ip_address(body[at : at + wide])} AS{number}", at + 2 * wide


def _attributes(content: bytes, size: int) -> tuple[Hops | None, bytes, bytes]:
    """The path, and the prefixes of IPv6 that are reached and no longer reached."""
    path: Hops | None = None
    newer: Hops | None = None
    reached = unreached = b""
    at = 0
    while at + 3 <= len(content):
        flags, kind = content[at], content[at + 1]
        wide = 2 if flags & _EXTENDED else 1
        length = int.from_bytes(content[at + 2 : at + 2 + wide], "big")
        value = content[at + 2 + wide : at + 2 + wide + length]
        at += 2 + wide + length
        if kind == _AS_PATH:
            path = _hops(value, size)
        elif kind == _AS4_PATH and size == 2:  # noqa: PLR2004
            newer = _hops(value, 4)
        elif kind == _MP_REACH and value[:3] == b"\0\x02\x01":
            reached = value[5 + value[3] :]
        elif kind == _MP_UNREACH and value[:3] == b"\0\x02\x01":
            unreached = value[3:]
    if path is not None and newer is not None and _AS_TRANS in path and len(newer) <= len(path):
        path = path[: len(path) - len(newer)] + newer  # RFC 6793, 4.2.3
    return path, reached, unreached


def _hops(value: bytes, size: int) -> Hops:
    path: list[int | tuple[int, ...]] = []
    at = 0
    while at + 2 <= len(value):
        kind, count = value[at], value[at + 1]
        at += 2
        numbers = [
            int.from_bytes(value[one : one + size], "big")
            for one in range(at, at + count * size, size)
        ]
        if at + count * size > len(value):
            raise ValueError("a path is cut")
        at += count * size
        if kind == _SEQUENCE:
            path += numbers
        elif kind == _SET:
            path.append(tuple(sorted(numbers)))
    return tuple(path)
