"""Echo requests and TCP handshakes to one address, one after another, each with its time.

ICMP needs no privileges where ``net.ipv4.ping_group_range`` holds the user's group (icmp(7)), and
raw sockets otherwise. Times are the kernel's: a busy machine makes none longer.
"""

import asyncio
import os
import sys
import time
import zlib
from typing import Literal

import msgspec

from sotokara.core.observation import ProbeFailure, milliseconds
from sotokara.network.errorqueue import Arrival, prepare, receive_error, set_ttl
from sotokara.network.errors import failure_of
from sotokara.network.flows import IcmpFlow
from sotokara.network.network import Network, SendAttempt
from sotokara.network.trace import TraceRequest
from sotokara.network.trace_timing import Sent

_TTL = 64
"""Hops that an echo may take (RFC 1700's value for IP)."""


class PingRequest(msgspec.Struct, frozen=True):
    """What to ask: ``count`` times, ``every`` seconds apart, each for ``wait`` seconds."""

    address: str
    protocol: Literal["icmp", "tcp"]
    port: int
    count: int
    every: float
    wait: float

    @property
    def v6(self) -> bool:
        """Whether the address is an IPv6 one."""
        return ":" in self.address


class Echo(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request and what came back; times in milliseconds. No ``ms``: nothing came."""

    seq: int
    at: float
    ms: float | None = None
    state: str = ""
    """Of a TCP port: ``open`` or ``closed``."""
    type: int | None = None
    """Of the ICMP error that somebody sent in its place (RFC 792; RFC 4443), with its ``code``."""
    code: int | None = None


async def ping(net: Network, request: PingRequest) -> list[Echo]:
    """Ask; the answers in the order of the questions.

    :raises ProbeFailure: ``policy_refused``, ``permission_denied`` where ICMP sockets are denied,
        ``network_unreachable`` without a route.
    """
    net.ways.check_trace()
    net.policy.check(request.address)
    net.attempts.add(SendAttempt("trace", request.port, request.address))
    if request.protocol == "tcp":
        return [await _handshake(net, request, seq) for seq in range(1, request.count + 1)]
    if sys.platform != "linux":
        detail = "ICMP is asked on Linux alone; a TCP port works everywhere"
        raise ProbeFailure("permission_denied", "ping", detail)
    try:
        series = _Series(net, request)
    except PermissionError as denied:
        detail = "ICMP sockets are denied: be root or in net.ipv4.ping_group_range, or ping by TCP"
        raise ProbeFailure("permission_denied", "ping", detail) from denied
    try:
        return await series.run()
    except OSError as error:
        failure = failure_of(error, "ping")
        raise ProbeFailure(failure.name, failure.step, failure.detail) from error
    finally:
        series.close()


async def _handshake(net: Network, request: PingRequest, seq: int) -> Echo:
    """One connection, closed at once: SYN to SYN-ACK, or to the reset that refuses it."""
    if seq > 1:
        await asyncio.sleep(request.every)
    at, began = milliseconds(net.elapsed()), time.perf_counter()
    state = "open"
    try:
        async with asyncio.timeout(request.wait):
            connection = await net.open(request.address, request.port, "ping")
        took = time.perf_counter() - began
        connection.close()
    except TimeoutError:
        return Echo(seq, at)
    except ProbeFailure as failed:
        took = time.perf_counter() - began
        if failed.failure.name != "connection_refused":
            return Echo(seq, at)
        state = "closed"
    return Echo(seq, at, milliseconds(took, 3), state)


class _Series:
    """Echo requests of one flow under way."""

    def __init__(self, net: Network, request: PingRequest) -> None:
        """:raises PermissionError: where this machine denies the socket."""
        self._net, self._request = net, request
        of_flow = TraceRequest(request.address, "icmp", 0, 1, request.count, request.wait)
        self._flow = IcmpFlow(of_flow, os.urandom(8))
        self._flow.bind(zlib.crc32(request.address.encode()) % 0xFFFF or 1)
        self._sent: dict[int, tuple[Sent, float]] = {}
        self._found: dict[int, Echo] = {}
        self._news = asyncio.Event()

    async def run(self) -> list[Echo]:
        """Send all, and wait for what is still open."""
        loop, request, one = asyncio.get_running_loop(), self._request, self._flow.socket
        prepare(one, v6=request.v6)
        set_ttl(one, _TTL, v6=request.v6)
        one.connect((request.address, 0))
        loop.add_reader(one, self._drain)
        for seq in range(1, request.count + 1):
            if seq > 1:
                await asyncio.sleep(request.every)
            self._net.policy.check(request.address)
            self._sent[seq] = Sent.now(), self._net.elapsed()
            one.send(self._flow.packet(seq, 0))
        ends = loop.time() + min(request.wait, max(self._net.left(), 0.01))
        while len(self._found) < request.count and (rest := ends - loop.time()) > 0:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), rest)
            except TimeoutError:
                break
        self._drain()
        return [
            self._found.get(seq) or Echo(seq, milliseconds(at))
            for seq, (_, at) in self._sent.items()
        ]

    def close(self) -> None:
        """Close the socket."""
        asyncio.get_running_loop().remove_reader(self._flow.socket)
        self._flow.socket.close()

    def _drain(self) -> None:
        one = self._flow.socket
        while (arrival := receive_error(one, errors=True)) is not None:
            if arrival.address:
                self._keep(arrival, self._flow.identify(arrival.content))
        while (arrival := receive_error(one, errors=False)) is not None:
            if arrival.address == self._request.address:
                self._keep(arrival, self._flow.answered(arrival))

    def _keep(self, arrival: Arrival, seq: int | None) -> None:
        if not seq or seq in self._found or seq not in self._sent:
            return  # no answer of ours, or its echo a second time
        sent, at = self._sent[seq]
        took = sent.until(arrival.received)
        if arrival.address == self._request.address:  # from outside: our own line is well
            self._net.line.heard()
        self._found[seq] = Echo(seq, milliseconds(at), took, type=arrival.type, code=arrival.code)
        self._news.set()
