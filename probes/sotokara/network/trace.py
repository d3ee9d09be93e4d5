"""What a trace is: the request, the probes with what came back, and how both are written."""

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec

Protocol = Literal["udp", "icmp", "tcp"]
Seen = Callable[[str], None]
"""Called with an address that answered, so that its name can be asked for meanwhile."""


class TraceRequest(msgspec.Struct, frozen=True):
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

    def head(self, engine: str, ignored: dict[str, int] = {}) -> "TraceHead":  # noqa: B006  # not kept
        """The head of a trace that answers this."""
        return TraceHead(
            self.address, self.protocol, self.count, self.max_hops, self.v6, engine, dict(ignored)
        )


class TraceRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One probe and what came back; times in milliseconds. No ``address``: nothing came."""

    ttl: Annotated[int, msgspec.Meta(ge=0, le=255)]
    """A path is as long as its largest: an IP header has eight bits for it (RFC 791, 3.1)."""
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
    whose: str = ""
    """Of a masked one: ``home``, ``unknown`` where nobody said whose it is, else the author's."""
    translated: bool = False
    """Our packet had another sender's checksum when it came there: a NAT lies before."""


class TraceHead(msgspec.Struct, frozen=True, omit_defaults=True):
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

    head: TraceHead
    rows: list[TraceRow]


def encode_trace(trace: Trace) -> bytes:
    """A trace as text, one JSON object a line; what is stored as raw."""
    lines = [msgspec.json.encode(one) for one in (trace.head, *trace.rows)]
    return b"\n".join(lines) + b"\n"


def decode_trace(text: bytes) -> Trace:
    """The trace that ``encode`` was given.

    :raises ValueError: for anything else.
    """
    first, _, rest = text.partition(b"\n")
    rows = [msgspec.json.decode(line, type=TraceRow) for line in rest.splitlines()]
    return Trace(msgspec.json.decode(first, type=TraceHead), rows)


def ends_path(row: TraceRow) -> bool:
    """Whether nothing farther is to be expected: the target answered, or somebody refused."""
    time_exceeded = 3 if ":" in row.address else 11
    return bool(row.address) and (row.final or row.type != time_exceeded)
