"""A set of ROAs from a validator, by the RPKI to Router protocol (RFC 8210; RFC 6810 of old ones).

A cache says what holds now: one Reset Query, and all it knows. Nothing is kept in step with it; the
time of the set is when its end had come.
"""

import asyncio
import hashlib
import math
import struct
import time
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from sotokara.core.observation import ProbeFailure
from sotokara.kinds.bgp.numbers import Prefix
from sotokara.kinds.bgp.rpki import MOST, Roa, RoaSet
from sotokara.network.errors import failure_of
from sotokara.network.network import Network

PORT = 323
STEP = "rtr"
_HEAD = struct.Struct("!BBHI")
_NOTIFY, _RESET_QUERY, _RESPONSE, _IPV4, _IPV6, _END, _KEY, _ERROR = 0, 2, 3, 4, 6, 7, 9, 10
_NO_DATA, _UNSUPPORTED = 2, 4
_LENGTHS = {_NOTIFY: {12}, _RESPONSE: {8}, _IPV4: {20}, _IPV6: {32}, _END: {12, 24}}
_LONGEST = 65536
"""Bytes of a PDU whose length varies: a router's key, an error."""
_MOST_BYTES = 128 * 1024 * 1024
_PIECE = 65536


class OlderError(Exception):
    """The cache speaks version 0 alone (RFC 8210, 7)."""


class Cache:
    """What a cache answers to a Reset Query, piece by piece. ``done``: its end has come."""

    def __init__(self, wanted: Prefix, version: int) -> None:
        self._version, self._buffer = version, b""
        self._six, self._own = wanted.version == 6, int(wanted.network_address)  # noqa: PLR2004
        self._length, self._bits = wanted.prefixlen, wanted.max_prefixlen
        self._session: int | None = None
        self._digest = hashlib.sha256()
        self._found: set[tuple[str, int, int]] = set()
        self._count = self._serial = 0
        self.done = False

    def feed(self, piece: bytes) -> None:
        """Take what came.

        :raises ValueError: where it is not what the protocol has here; the text says why.
        :raises OlderError: where the cache speaks version 0 alone.
        """
        data, at = self._buffer + piece, 0
        while not self.done and len(data) - at >= _HEAD.size:
            version, kind, field, length = _HEAD.unpack_from(data, at)
            self._check(version, kind, length)
            if len(data) - at < length:
                break
            self._take(kind, field, data[at : at + length])
            at += length
        self._buffer = data[at:]

    def _check(self, version: int, kind: int, length: int) -> None:
        if version < self._version and self._session is None:
            raise OlderError
        if version != self._version:
            raise ValueError(f"version {version} in the middle of an answer")
        fits = _LENGTHS.get(kind)
        if not (length in fits if fits else kind in (_KEY, _ERROR) and 8 <= length <= _LONGEST):  # noqa: PLR2004
            raise ValueError(f"no PDU of RTR: type {kind}, length {length}")

    def _take(self, kind: int, field: int, pdu: bytes) -> None:
        if kind == _ERROR:
            if field == _UNSUPPORTED and self._version and self._session is None:
                raise OlderError
            said = "no data available" if field == _NO_DATA else f"error {field}"
            raise ValueError(f"the cache reports: {said}")
        if kind == _NOTIFY:  # may come at any time, and asks for nothing
            return
        if kind == _RESPONSE:
            if self._session is not None:
                raise ValueError("a second answer in the middle of one")
            self._session = field
        elif self._session is None:
            raise ValueError("prefixes before the answer begins")
        elif kind == _END:
            if field != self._session:
                raise ValueError("the session changed in the middle of the answer")
            self._serial = int.from_bytes(pdu[8:12])
            self.done = True
        elif kind in (_IPV4, _IPV6):
            self._prefix(pdu, six=kind == _IPV6)

    def _prefix(self, pdu: bytes, *, six: bool) -> None:
        announced, length, longest = pdu[8] & 1, pdu[9], pdu[10]
        bits = 128 if six else 32
        own, asn = int.from_bytes(pdu[12:-4]), int.from_bytes(pdu[-4:])
        if not announced:
            raise ValueError("a prefix is taken back that was never given")
        if not length <= longest <= bits or own & ((1 << (bits - length)) - 1):
            raise ValueError("a prefix that is none")
        self._count += 1
        self._digest.update(pdu)
        if six is not self._six:
            return
        shared = self._bits - min(length, self._length)
        if own >> shared == self._own >> shared:
            net = IPv6Network((own, length)) if six else IPv4Network((own, length))
            self._found.add((str(net), asn, longest))
            if len(self._found) > MOST:
                raise ValueError(f"more than {MOST} ROAs cover it")

    def set_of(self, moment: int) -> RoaSet:
        """What came of the prefix. ``moment``: when its end had come, in seconds since 1970."""
        roas = [Roa(*one) for one in sorted(self._found)]
        told = {"session": self._session or 0, "serial": self._serial, "count": self._count}
        return RoaSet(moment, self._digest.hexdigest(), roas, **told)


class CacheAddress(NamedTuple):
    """Where a cache listens."""

    host: str
    port: int


def place_of(text: str) -> CacheAddress:
    """``cache.example.net``, with a port or without; an IPv6 address in brackets.

    :raises ValueError: for anything else.
    """
    host, mark, port = text.strip().rpartition(":") if _has_port(text) else (text.strip(), "", "")
    number = int(port) if mark and port.isascii() and port.isdigit() else PORT
    host = host.removeprefix("[").removesuffix("]")
    if not host or any(one.isspace() or one in "/@" for one in host) or len(host) > 253:  # noqa: PLR2004
        raise ValueError(text)
    if mark and not (port.isascii() and port.isdigit() and 0 < number < 1 << 16):
        raise ValueError(text)
    return CacheAddress(host, number)


def _has_port(text: str) -> bool:
    return "]:" in text if "[" in text else text.count(":") == 1


async def fetch(net: Network, place: CacheAddress, wanted: Prefix) -> RoaSet:
    """All that a cache says of a prefix now.

    :raises ProbeFailure: where policy refuses, nothing answers, or what answers is no such cache.
    """
    last = ProbeFailure("dns_no_answer", STEP, "the server's name has no address")
    for address in (await net.addresses(place.host))[:4]:
        try:
            async with asyncio.timeout(max(0.01, min(net.left(), net.settings.timeout))):
                try:
                    return await _asked(net, address, place, wanted, 1)
                except OlderError:
                    return await _asked(net, address, place, wanted, 0)
        except ProbeFailure as failed:
            last = failed
        except TimeoutError:
            raise ProbeFailure("source_unavailable", STEP, "no whole set in time") from None
        except (ValueError, OlderError) as error:
            raise ProbeFailure("source_unavailable", STEP, str(error)[:100]) from error
        except (OSError, EOFError) as error:
            last = ProbeFailure("source_unavailable", STEP, failure_of(error, STEP).name)
    raise last


async def _asked(
    net: Network, address: str, place: CacheAddress, wanted: Prefix, version: int
) -> RoaSet:
    loop = asyncio.get_running_loop()
    cache, heard = Cache(wanted, version), 0
    connection = await net.open(address, place.port, STEP)
    try:
        await loop.sock_sendall(connection, _HEAD.pack(version, _RESET_QUERY, 0, _HEAD.size))
        while not cache.done:
            piece = await loop.sock_recv(connection, _PIECE)
            if not piece:
                raise ValueError("the connection ended before the set did")
            heard += len(piece)
            if heard > _MOST_BYTES:
                raise ValueError(f"more than {_MOST_BYTES >> 20} MiB")
            cache.feed(piece)
    finally:
        connection.close()
    return cache.set_of(math.ceil(time.time()))
