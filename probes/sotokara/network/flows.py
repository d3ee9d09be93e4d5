"""The flows of a trace: packets that differ in TTL alone for whoever balances by flow.

A probe's payload starts with a nonce of the series, so that a forged quote is told, and its length
is 10 + TTL, so that a quote of the bare UDP header still tells the probe where raw sockets show it.
"""

import errno
import socket
import struct
from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import NamedTuple, Protocol

from sotokara.network.errorqueue import Arrival, prepare
from sotokara.network.trace import TraceRequest

_NONCE = 8
_FIXED = 10
_ECHO, _ECHO6, _ECHO_REPLY, _ECHO6_REPLY = 8, 128, 0, 129
_TRIES = 64
_UDP_HEADER = 8
_IP6_HEADER = 40
_WHOLE_PORT = 0x10000
IP_HDRINCL, IPV6_HDRINCL = 3, 36


class Flow(Protocol):
    """One series' socket, and how its packets are made and told."""

    socket: socket.socket
    number: int
    """The source port, or the ICMP id."""
    nonce: bytes
    shared: bool
    """The socket sees other flows' packets too."""

    def __init__(self, request: TraceRequest, nonce: bytes) -> None: ...

    def bind(self, number: int) -> None:
        """Take this source port or ICMP id, or the next free one."""

    def packet(self, ttl: int, nth: int) -> bytes:
        """The packet for a TTL."""

    def identify(self, quote: bytes) -> int | None:
        """The TTL of the probe that an error quotes; 0: it does not say; None: it is no probe."""

    def answered(self, arrival: Arrival) -> int | None:
        """The same for a packet that is no error."""


def _bind(one: socket.socket, number: int) -> int:
    for step in range(_TRIES):
        try:
            one.bind(("", (number + step) % _WHOLE_PORT or 1))
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    else:
        one.bind(("", 0))
    name: tuple[str, int] = one.getsockname()
    return name[1]


class UdpFlow:
    """UDP from one port to one port."""

    def __init__(self, request: TraceRequest, nonce: bytes) -> None:
        family = socket.AF_INET6 if request.v6 else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.nonce, self.number, self.shared = nonce, 0, False

    def bind(self, number: int) -> None:
        """Take this source port, or the next free one."""
        self.number = _bind(self.socket, number)

    def packet(self, ttl: int, nth: int) -> bytes:
        """Nonce, TTL, series, and as many zeros as the TTL."""
        return self.nonce + bytes([ttl, nth]) + bytes(ttl)

    def identify(self, quote: bytes) -> int | None:
        """Read the TTL in the quoted payload."""
        if len(quote) <= _NONCE:
            return 0 if self.nonce.startswith(quote) else None
        return quote[_NONCE] if quote.startswith(self.nonce) else None

    def answered(self, arrival: Arrival) -> int | None:
        """A datagram from the target: an echo of the probe tells the TTL."""
        return self.identify(arrival.content) or 0


class IcmpFlow:
    """ICMP echo with one id and one checksum: a word of the payload makes up for the sequence."""

    def __init__(self, request: TraceRequest, nonce: bytes) -> None:
        self._v6 = request.v6
        family = socket.AF_INET6 if request.v6 else socket.AF_INET
        protocol = socket.IPPROTO_ICMPV6 if request.v6 else socket.IPPROTO_ICMP
        self.shared = False
        try:
            self.socket = socket.socket(family, socket.SOCK_DGRAM, protocol)
        except PermissionError:  # no ping group (net.ipv4.ping_group_range, icmp(7))
            self.socket = socket.socket(family, socket.SOCK_RAW, protocol)
            self.shared = True
        self.nonce, self.number = nonce, 0

    def bind(self, number: int) -> None:
        """Take this ICMP id, or the next free one."""
        self.number = number if self.shared else _bind(self.socket, number)

    def packet(self, ttl: int, nth: int) -> bytes:
        """An echo request; the kernel fills in the id, and the checksum."""
        sequence = ttl | nth << 8
        kind = _ECHO6 if self._v6 else _ECHO
        body = struct.pack("!8sHH", self.nonce, 0xFFFF - sequence, 0)
        head = struct.pack("!BBHHH", kind, 0, 0, self.number, sequence)
        if self.shared and not self._v6:
            head = struct.pack("!BBHHH", kind, 0, _checksum(head + body), self.number, sequence)
        return head + body

    def identify(self, quote: bytes) -> int | None:
        """Read the sequence number in the quoted ICMP header."""
        if len(quote) < 8:  # noqa: PLR2004  # ICMP's header
            return 0
        kind, _, _, number, sequence = struct.unpack_from("!BBHHH", quote)
        ours = kind == (_ECHO6 if self._v6 else _ECHO) and number == self.number
        nonce = quote[8:16]
        return sequence & 0xFF if ours and self.nonce.startswith(nonce) else None

    def answered(self, arrival: Arrival) -> int | None:
        """An echo reply of ours; a raw IPv4 socket shows the IP header before it."""
        content = arrival.content
        if self.shared and not self._v6:
            content = content[(content[0] & 15) * 4 :] if content else b""
        kind = _ECHO6_REPLY if self._v6 else _ECHO_REPLY
        if not content or content[0] != kind:
            return None
        return self.identify(bytes([_ECHO6 if self._v6 else _ECHO]) + content[1:])


class Quoted(NamedTuple):
    """What an error's whole quote tells of the probe."""

    nth: int
    """The series."""
    ttl: int | None
    """As ``Flow.identify``."""
    left: int
    """The TTL that the packet had left."""
    translated: bool
    """A NAT had rewritten its sender by then; False where the quote does not tell."""


class RawErrorSocket:
    """A raw socket that sees every error about one target with its whole quote; privileged."""

    def __init__(self, request: TraceRequest) -> None:
        self._v6, self._udp = request.v6, request.protocol == "udp"
        family = socket.AF_INET6 if request.v6 else socket.AF_INET
        icmp = socket.IPPROTO_ICMPV6 if request.v6 else socket.IPPROTO_ICMP
        self._protocol = socket.IPPROTO_UDP if self._udp else icmp
        self.socket = socket.socket(family, socket.SOCK_RAW, self._protocol)
        try:
            if request.v6:
                self.socket.setsockopt(socket.IPPROTO_IPV6, IPV6_HDRINCL, 1)
            else:
                self.socket.setsockopt(socket.IPPROTO_IP, IP_HDRINCL, 1)
            prepare(self.socket, v6=request.v6)
            self.socket.connect((request.address, 0))
        except OSError:
            self.socket.close()
            raise

    def read(self, quote: bytes, flows: Sequence[Flow]) -> Quoted | None:
        """What a quote tells; None where the packet is not ours."""
        length = _IP6_HEADER if self._v6 else (quote[0] & 15) * 4 if quote else 0
        inner = quote[length:]
        if len(inner) < _UDP_HEADER:
            return None
        quoted = quote[7] if self._v6 else quote[8]
        first = 0 if self._udp else 4
        number = int.from_bytes(inner[first : first + 2])
        for nth, flow in enumerate(flows):
            if flow.number == number:
                ttl = flow.identify(inner[_UDP_HEADER:] if self._udp else inner)
                if ttl == 0 and self._udp:
                    ttl = max(int.from_bytes(inner[4:6]) - _UDP_HEADER - _FIXED, 0)
                changed = (
                    self._udp and not self._v6 and bool(ttl) and _changed(quote, flow, ttl, nth)
                )
                return Quoted(nth, ttl, quoted, changed)
        return None


def _changed(quote: bytes, flow: Flow, ttl: int | None, nth: int) -> bool:
    """Whether a quoted UDP checksum (RFC 768) is neither that of what we sent, nor left out.

    It covers the sender's address and port. A NAT puts those back in a quote that passes it, and
    many leave the checksum as it was outside. A sender whose network card computes checksums has
    the sum of the addresses alone in its place, which a router on the same machine quotes.
    """
    source, port = flow.socket.getsockname()[:2]
    peer, far = flow.socket.getpeername()[:2]
    payload = flow.packet(ttl or 0, nth)
    length = _UDP_HEADER + len(payload)
    pseudo = IPv4Address(source).packed + IPv4Address(peer).packed + struct.pack("!HH", 17, length)
    whole = pseudo + struct.pack("!HHHH", port, far, length, 0) + payload
    told = int.from_bytes(quote[(quote[0] & 15) * 4 + 6 :][:2])
    full = _checksum(whole + bytes(len(whole) % 2)) or 0xFFFF
    return told not in (0, full, ~_checksum(pseudo) & 0xFFFF)


def _checksum(content: bytes) -> int:
    """The internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f"!{len(content) // 2}H", content))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
