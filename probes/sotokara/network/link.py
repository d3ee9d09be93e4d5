"""What the system tells of our own way out: its interface went down, its route was taken away.

Linux tells over rtnetlink (rtnetlink(7)), without privileges; elsewhere nothing is known. A carrier
that is back within a second may go untold (the kernel gathers such events), but is counted.
Only the interfaces that the default routes lead through count: others come and go as containers do.
The system also tells by which way it would send to an address; nothing is sent to find out.
"""

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

_GROUPS = 0x1 | 0x10 | 0x100 | 0x40 | 0x400
"""Of links, IPv4 and IPv6 addresses, IPv4 and IPv6 routes (linux/rtnetlink.h, RTMGRP_*)."""
_NEW_LINK, _DELETED_LINK, _DELETED_ADDRESS, _DELETED_ROUTE = 16, 17, 21, 25
_RUNNING = 0x40
"""IFF_RUNNING: up, and with a carrier."""
_HEAD, _LINK = struct.Struct("=IHHII"), struct.Struct("=BxHiII")
_ADDRESS, _ROUTE = struct.Struct("=BBBBI"), struct.Struct("=BBBB4xI")
_KIND_AT = 7
"""Where a route's message says whether it leads to others (rtm_type)."""
_ATTRIBUTE = struct.Struct("=HH")
_OUT_BY, _THERE, _GATEWAY = 4, 1, 5
"""RTA_OIF: the interface of a route; RTA_DST: where it leads; RTA_GATEWAY: by whom."""
_NEW_ROUTE, _GET_ROUTE, _UNICAST = 24, 26, 1
_CARRIER_LOST = 48
"""IFLA_CARRIER_DOWN_COUNT: how often the carrier was lost since the interface was made."""
_GET_LINK, _REQUEST = 18, 1
_LONGEST = 65536
_PROC = Path("/proc/net")


def outward() -> frozenset[int]:
    """The interfaces that the default routes lead through."""
    names: set[str] = set()
    for file, column, default in (("route", 0, "0" * 8), ("ipv6_route", 9, "00")):
        with contextlib.suppress(OSError):
            rows = [line.split() for line in (_PROC / file).read_text("ascii").splitlines()]
            names |= {row[column] for row in rows if len(row) > column and row[1] == default}
    found = set()
    for name in names - {"lo"}:
        with contextlib.suppress(OSError):
            found.add(socket.if_nametoindex(name))
    return frozenset(found)


def lost(content: bytes, ours: frozenset[int]) -> bool:
    """Whether the kernel says that a way out by ``ours`` was lost: link, address or route."""
    return any(_loses(kind, body, ours) for kind, body in _messages(content))


def _messages(content: bytes) -> Iterator[tuple[int, bytes]]:
    while len(content) >= _HEAD.size:
        length, kind, *_ = _HEAD.unpack_from(content)
        if not _HEAD.size <= length <= len(content):
            return
        yield kind, content[_HEAD.size : length]
        content = content[(length + 3) & ~3 :]


def _loses(kind: int, body: bytes, ours: frozenset[int]) -> bool:
    if kind in (_NEW_LINK, _DELETED_LINK) and len(body) >= _LINK.size:
        _, _, index, flags, _ = _LINK.unpack_from(body)
        return index in ours and (kind == _DELETED_LINK or not flags & _RUNNING)
    if kind == _DELETED_ADDRESS and len(body) >= _ADDRESS.size:
        return _ADDRESS.unpack_from(body)[4] in ours
    if kind == _DELETED_ROUTE and len(body) >= _ROUTE.size:
        default = body[1] == 0  # the length of the destination's prefix
        return default and _number(body[_ROUTE.size :], _OUT_BY) in ours
    return False


def _number(content: bytes, wanted: int) -> int:
    return int.from_bytes(_attribute(content, wanted)[:4], sys.byteorder)


def _attribute(content: bytes, wanted: int) -> bytes:
    """An attribute's value; nothing where there is none."""
    while len(content) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(content)
        if length < _ATTRIBUTE.size:
            break
        if kind == wanted:
            return content[_ATTRIBUTE.size : length]
        content = content[(length + 3) & ~3 :]
    return b""


def carrier_losses(ours: frozenset[int]) -> int:
    """How often the interfaces of ``ours`` have lost their carrier so far; from Linux 4.16 on."""
    total = 0
    with contextlib.suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as asked:
        asked.settimeout(1)  # the kernel answers within the call that asks it
        for index in sorted(ours):
            link = _LINK.pack(socket.AF_UNSPEC, 0, index, 0, 0)
            asked.send(_HEAD.pack(_HEAD.size + len(link), _GET_LINK, _REQUEST, 1, 0) + link)
            for kind, body in _messages(asked.recv(_LONGEST)):
                if kind == _NEW_LINK:
                    total += _number(body[_LINK.size :], _CARRIER_LOST)
    return total


def way_out(address: str) -> tuple[int, bytes] | None:
    """The interface that packets to an address leave by, and the gateway; none for a neighbour.

    None where the system does not tell, has no route, or is itself meant.
    """
    if not sys.platform.startswith("linux"):
        return None
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    there = socket.inet_pton(family, address)
    body = _ROUTE.pack(family, len(there) * 8, 0, 0, 0)
    body += _ATTRIBUTE.pack(_ATTRIBUTE.size + len(there), _THERE) + there
    with contextlib.suppress(OSError), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as asked:
        asked.settimeout(1)  # the kernel answers within the call that asks it
        asked.send(_HEAD.pack(_HEAD.size + len(body), _GET_ROUTE, _REQUEST, 1, 0) + body)
        for kind, told in _messages(asked.recv(_LONGEST)):
            if kind == _NEW_ROUTE and len(told) >= _ROUTE.size and told[_KIND_AT] == _UNICAST:
                attributes = told[_ROUTE.size :]
                return _number(attributes, _OUT_BY), _attribute(attributes, _GATEWAY)
    return None


class LinkWatch:
    """Calls ``told`` whenever our own way out was lost. Lives in the loop that makes it."""

    def __init__(self, told: Callable[[], None]) -> None:
        self._told, self._ours = told, outward()
        self._socket: socket.socket | None = None
        self._loop = asyncio.get_running_loop()
        self._losses = 0
        if not sys.platform.startswith("linux") or not self._ours:
            return
        with contextlib.suppress(OSError):
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            self._socket.setblocking(False)  # noqa: FBT003  # the library's own signature
            self._socket.bind((0, _GROUPS))
            self._loop.add_reader(self._socket, self._read)
            self._losses = carrier_losses(self._ours)

    def look(self) -> None:
        """Hear now what the system has told or counted until now."""
        if self._socket is None:
            return
        while self._read():
            pass
        losses, self._losses = self._losses, carrier_losses(self._ours)
        if self._losses > losses:
            self._told()

    def _read(self) -> bool:
        assert self._socket is not None  # noqa: S101  # it is the reader's own
        try:
            content = self._socket.recv(_LONGEST)
        except BlockingIOError:
            return False
        except OSError:  # more came than there was room for: it is not known what
            self._told()
            return True
        if lost(content, self._ours):
            self._told()
        return True

    def close(self) -> None:
        """Look no more."""
        if self._socket is not None:
            self._loop.remove_reader(self._socket)
            self._socket.close()
            self._socket = None
