"""Linux's error queue: which router sent which ICMP error for a packet of this socket.

``recvmsg`` with ``MSG_ERRQUEUE`` gives the quoted packet's remains, ``sock_extended_err`` with the
offender's address (ip(7), ipv6(7)), the reply's TTL and the kernel's receive timestamp.
"""

import socket
import struct
import time
from typing import NamedTuple

IP_RECVERR, IPV6_RECVERR = 11, 25
IP_RECVTTL, IPV6_RECVHOPLIMIT = 12, 51
IP_TTL, IPV6_HOPLIMIT = 2, 52
SO_TIMESTAMPNS = 35
MSG_ERRQUEUE = 0x2000
_ICMP = (2, 3)
_EXTENDED = struct.Struct("=IBBBxII")
_OFFENDER_AT = _EXTENDED.size
_SPACE = 512
_QUOTE = 1280


class Arrival(NamedTuple):
    """Something that came back. ``received``: seconds by the wall clock.

    ``type`` is None for a packet that is no ICMP error; ``address`` is empty for an error of this
    machine's own, which has ``errno`` alone.
    """

    content: bytes
    address: str
    received: float
    type: int | None = None
    code: int | None = None
    info: int = 0
    reply_ttl: int | None = None
    errno: int = 0


def prepare(one: socket.socket, *, v6: bool) -> None:
    """Make a socket keep errors, timestamps and the replies' TTL."""
    one.setblocking(False)  # noqa: FBT003  # the library's own signature
    if v6:
        one.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
        one.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
    else:
        one.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
        one.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    one.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)


def set_ttl(one: socket.socket, ttl: int, *, v6: bool) -> None:
    """TTL, or hop limit, of what is sent from now on."""
    if v6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    else:
        one.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)


def receive_error(one: socket.socket, *, errors: bool) -> Arrival | None:
    """The next error, or the next packet, that has come to a socket; None when there is none.

    An error that is pending on the socket is cleared: it stands in the queue as well.
    """
    flags = MSG_ERRQUEUE if errors else 0
    for _ in range(64):
        try:
            content, ancillary, _, sender = one.recvmsg(_QUOTE, _SPACE, flags)
            break
        except BlockingIOError:
            return None
        except OSError:
            continue
    else:
        return None
    return _read(content, ancillary, sender[0] if sender else "")


def _read(content: bytes, ancillary: list[tuple[int, int, bytes]], sender: str) -> Arrival:
    arrival = Arrival(content, sender.partition("%")[0], time.time())
    for level, kind, value in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack("=qq", value[:16])
            arrival = arrival._replace(received=seconds + nanoseconds / 1e9)
        elif (level, kind) in ((socket.IPPROTO_IP, IP_TTL), (socket.IPPROTO_IPV6, IPV6_HOPLIMIT)):
            arrival = arrival._replace(reply_ttl=struct.unpack("=i", value[:4])[0])
        elif (level, kind) in (
            (socket.IPPROTO_IP, IP_RECVERR),
            (socket.IPPROTO_IPV6, IPV6_RECVERR),
        ):
            arrival = _error(arrival, value)
    return arrival


def _error(arrival: Arrival, value: bytes) -> Arrival:
    errno, origin, icmp_type, code, info, _ = _EXTENDED.unpack_from(value)
    if origin not in _ICMP:
        return arrival._replace(address="", errno=errno)
    offender = value[_OFFENDER_AT:]
    (family,) = struct.unpack_from("=H", offender)
    packed = offender[4:8] if family == socket.AF_INET else offender[8:24]
    return arrival._replace(
        address=socket.inet_ntop(family, packed), type=icmp_type, code=code, info=info, errno=errno
    )
