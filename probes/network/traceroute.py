"""Tracing the way to an address: what is asked, what came back, and which engine asks.

On Linux the kernel's error queue tells which router answered which probe, without privileges
(``IP_RECVERR``, ip(7)); elsewhere, and where sockets are denied, the system's own program is run.
Addresses are judged by policy just before each packet.
"""

import asyncio
import sys
import weakref
from collections.abc import Callable
from typing import Literal

import msgspec

from probes.network import Network
from probes.observation import ProbeFailure

Protocol = Literal["udp", "icmp", "tcp"]
Seen = Callable[[str], None]
"""Called with an address that answered, so that its name can be asked for meanwhile."""

_HINTS = {"icmp": ": be root or in net.ipv4.ping_group_range, or trace by udp, which needs neither"}
PACE = 16_000.0
"""Probes per second of all traces of a build together: what a home router takes without loss."""


class Request(msgspec.Struct, frozen=True):
    """What to trace: ``wait`` in seconds, ``port`` of UDP and TCP; ``count`` probes per hop."""

    address: str
    protocol: Protocol
    port: int
    count: int
    max_hops: int
    wait: float

    @property
    def v6(self) -> bool:
        """Whether the address is an IPv6 one."""
        return ":" in self.address

    @property
    def time_exceeded(self) -> int:
        """The ICMP type that says that the TTL ran out (RFC 792; RFC 4443)."""
        return 3 if self.v6 else 11

    def head(self, engine: str, ignored: dict[str, int] = {}) -> "Head":  # noqa: B006  # not kept
        """The head of a trace that answers this."""
        return Head(
            self.address, self.protocol, self.count, self.max_hops, self.v6, engine, dict(ignored)
        )


class Row(msgspec.Struct, frozen=True, omit_defaults=True):
    """One probe and what came back; times in milliseconds. No ``address``: nothing came."""

    ttl: int
    nth: int
    at: float
    address: str = ""
    ms: float | None = None
    type: int | None = None
    """ICMP type (RFC 792; RFC 4443 for IPv6); None for an answer that is no ICMP message."""
    code: int | None = None
    reply_ttl: int | None = None
    """TTL or hop limit left in the reply."""
    quoted_ttl: int | None = None
    """TTL of our packet as the router quotes it; only raw sockets show it."""
    mtu: int | None = None
    final: bool = False
    """The target itself answered."""
    state: str = ""
    """Of a TCP port: ``open`` or ``closed``."""
    masked: str = ""
    """Stands in place of everything that came back, where redaction took it out."""


class Head(msgspec.Struct, frozen=True, omit_defaults=True):
    """What stands once for a trace, before its rows."""

    address: str
    protocol: Protocol
    count: int
    max_hops: int
    v6: bool
    engine: str
    """What did the asking: ``raw``, ``error_queue``, ``connect`` or ``system``."""
    ignored: dict[str, int] = {}
    """How many packets came that answer no probe: ``forged``, ``duplicate``, ``stray``."""


class Trace(msgspec.Struct, frozen=True):
    """A whole trace."""

    head: Head
    rows: list[Row]


def encode(trace: Trace) -> bytes:
    """A trace as text, one JSON object a line; what is stored as raw."""
    lines = [msgspec.json.encode(one) for one in (trace.head, *trace.rows)]
    return b"\n".join(lines) + b"\n"


def decode(text: bytes) -> Trace:
    """The trace that ``encode`` was given.

    :raises msgspec.DecodeError: for anything else.
    """
    first, _, rest = text.partition(b"\n")
    rows = [msgspec.json.decode(line, type=Row) for line in rest.splitlines()]
    return Trace(msgspec.json.decode(first, type=Head), rows)


def ends_path(row: Row) -> bool:
    """Whether nothing farther is to be expected: the target answered, or somebody refused."""
    time_exceeded = 3 if ":" in row.address else 11
    return bool(row.address) and (row.final or row.type != time_exceeded)


class Pace:
    """One queue out of this machine: so many probes per second, whoever asks."""

    def __init__(self) -> None:
        self._free = 0.0

    async def take(self, packets: int) -> None:
        """Wait until so many packets may be sent."""
        now = asyncio.get_running_loop().time()
        self._free = max(self._free, now) + packets / PACE
        await asyncio.sleep(max(self._free - now - packets / PACE, 0))


_paces: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Pace] = weakref.WeakKeyDictionary()


def pace() -> Pace:
    """The event loop's one pace."""
    return _paces.setdefault(asyncio.get_running_loop(), Pace())


async def trace(net: Network, request: Request, seen: Seen) -> Trace | bytes:
    """Trace the way: rows, or the text of the system's own program where that had to ask.

    :raises ProbeFailure: ``policy_refused``; ``network_unreachable``; ``permission_denied`` where
        neither sockets nor a program may ask.
    """
    from probes.network import traceroute_system as system

    net.policy.check(request.address)
    if sys.platform != "linux":
        return await system.run(net, request)
    from probes.network import traceroute_linux as linux
    from probes.network import traceroute_tcp as tcp

    engine = tcp.trace if request.protocol == "tcp" else linux.trace
    try:
        return await engine(net, request, seen)
    except PermissionError as denied:
        try:
            return await system.run(net, request)
        except ProbeFailure as also:
            hint = _HINTS.get(request.protocol, "")
            detail = f"{request.protocol} sockets are denied ({denied.strerror}){hint}"
            detail += f"; {also.failure.detail}"
            raise ProbeFailure("permission_denied", "trace", detail) from denied
