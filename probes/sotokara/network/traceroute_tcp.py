"""TCP traces on Linux: connections whose SYN runs out of TTL on the way; unprivileged.

A connection that is refused for its TTL has the router in its error queue (tcp(7), ip(7)); one
that the target accepts is closed at once with a reset. Each probe has a port of its own, for one
flow cannot be opened twice at a time: a balancer may spread them.
"""

import asyncio
import contextlib
import errno
import socket
import struct
import time

from sotokara.core.observation import ProbeFailure, milliseconds
from sotokara.network.errorqueue import Arrival, prepare, receive_error, set_ttl
from sotokara.network.errors import failure_of
from sotokara.network.network import Network
from sotokara.network.trace import Seen, Trace, TraceRequest, TraceRow, ends_path
from sotokara.network.trace_timing import Sent, pace

_STEP = 0.001
_LONGEST = 0.95
"""Seconds: the kernel sends a SYN again after one, and then a time would be of neither."""
_TCP_INFO_RTT = struct.Struct("=68xI")
_RESET = struct.pack("=ii", 1, 0)


async def trace(net: Network, request: TraceRequest, seen: Seen) -> Trace:
    """Trace by TCP.

    :raises PermissionError: where this machine denies the sockets.
    :raises ProbeFailure: ``network_unreachable`` without a route.
    """
    start = time.monotonic()
    rows: dict[tuple[int, int], TraceRow] = {}
    tasks: dict[asyncio.Task[TraceRow], int] = {}
    try:
        for ttl in range(1, request.max_hops + 1):
            if ttl > _end(rows, request):
                break
            await pace().take(request.count)
            for nth in range(request.count):
                task = asyncio.ensure_future(_probe(net, request, start, ttl, nth))
                task.add_done_callback(lambda done: _keep(done, rows, seen))
                tasks[task] = ttl
            await asyncio.sleep(_STEP)
        while waiting := {
            one for one, ttl in tasks.items() if not one.done() and ttl <= _end(rows, request)
        }:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done() and not task.cancelled():
                task.result()
    except PermissionError:
        raise
    except OSError as error:
        failure = failure_of(error, "trace")
        raise ProbeFailure(failure.name, failure.step, failure.detail) from error
    finally:
        for task in tasks:
            task.cancel()
    kept = sorted(
        (row for row in rows.values() if row.ttl <= _end(rows, request)),
        key=lambda row: (row.ttl, row.nth),
    )
    return Trace(request.head("connect"), kept)


def _end(rows: dict[tuple[int, int], TraceRow], request: TraceRequest) -> int:
    ends: dict[int, int] = {}
    for row in rows.values():
        if ends_path(row):
            ends[row.nth] = min(row.ttl, ends.get(row.nth, row.ttl))
    return max(ends.values(), default=request.max_hops)


def _keep(
    done: "asyncio.Task[TraceRow]", rows: dict[tuple[int, int], TraceRow], seen: Seen
) -> None:
    if done.cancelled() or done.exception():
        return
    row = done.result()
    rows[row.ttl, row.nth] = row
    if row.address:
        seen(row.address)


async def _probe(net: Network, request: TraceRequest, start: float, ttl: int, nth: int) -> TraceRow:
    """Try to connect with this TTL; what came of it."""
    family = socket.AF_INET6 if request.v6 else socket.AF_INET
    loop = asyncio.get_running_loop()
    with socket.socket(family, socket.SOCK_STREAM) as one:
        prepare(one, v6=request.v6)
        set_ttl(one, ttl, v6=request.v6)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        net.policy.check(request.address)
        sent = Sent.now()
        at = milliseconds(sent.steady - start, 3)
        number = one.connect_ex((request.address, request.port))
        if number not in (0, errno.EINPROGRESS):
            raise OSError(number, "connect")
        ready = asyncio.Event()
        loop.add_writer(one, ready.set)
        try:
            with contextlib.suppress(TimeoutError):
                limit = min(request.wait, _LONGEST, max(net.left(), 0.01))
                async with asyncio.timeout(limit):
                    await ready.wait()
        finally:
            loop.remove_writer(one)
        if not ready.is_set():
            return TraceRow(ttl, nth, at)
        return _read(one, request, TraceRow(ttl, nth, at), sent)


def _read(one: socket.socket, request: TraceRequest, row: TraceRow, sent: Sent) -> TraceRow:
    now = time.monotonic()
    told = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    arrival: Arrival | None = None
    while (latest := receive_error(one, errors=True)) is not None:
        arrival = latest if latest.address else arrival
    if arrival:
        ms = sent.until(arrival.received)
        return TraceRow(
            row.ttl,
            row.nth,
            row.at,
            arrival.address,
            ms,
            arrival.type,
            arrival.code,
            arrival.reply_ttl,
        )
    if told == 0:
        info = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _TCP_INFO_RTT.size)
        ms = milliseconds(_TCP_INFO_RTT.unpack(info)[0] / 1e6, 3)
        return TraceRow(row.ttl, row.nth, row.at, request.address, ms, final=True, state="open")
    if told in (errno.ECONNREFUSED, errno.ECONNRESET):
        ms = milliseconds(now - sent.steady, 3)
        return TraceRow(row.ttl, row.nth, row.at, request.address, ms, final=True, state="closed")
    return row
