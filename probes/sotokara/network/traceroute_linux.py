"""UDP and ICMP traces on Linux: all TTLs in flight, one flow a series, unprivileged.

A series is one probe per TTL; all its probes have the same addresses, ports (or ICMP id and
checksum), so balancers keep it on one path (Augustin et al., "Avoiding traceroute anomalies with
Paris traceroute", 2006). Ports are derived from the target, so the next build's flows are the same.
A probe is told by its quoted payload; where a router quotes the bare 8 bytes (RFC 792) and raw
sockets are denied, the hops left open are asked again one by one.
"""

import asyncio
import contextlib
import os
import time
import zlib
from collections import Counter

from sotokara.core.observation import ProbeFailure, milliseconds
from sotokara.network.clock import stood_still
from sotokara.network.errorqueue import Arrival, prepare, receive_error, set_ttl
from sotokara.network.errors import failure_of
from sotokara.network.flows import Flow, IcmpFlow, Quoted, RawErrorSocket, UdpFlow
from sotokara.network.network import Network
from sotokara.network.trace import Seen, Trace, TraceRequest, TraceRow, ends_path
from sotokara.network.trace_timing import FLOOR, Sent, give_up_after, pace

_STEP = 0.002
"""Seconds between TTLs: the nearest routers' answers come before the farthest are asked."""
_TRIES = 8


async def trace(net: Network, request: TraceRequest, seen: Seen) -> Trace:
    """Trace by UDP or ICMP.

    :raises PermissionError: where this machine denies the sockets.
    :raises ProbeFailure: ``network_unreachable`` without a route.
    """
    tracer = Tracer(net, request, seen)
    try:
        try:
            tracer.open()
            await tracer.send_all()
        except PermissionError:
            raise
        except OSError as error:
            failure = failure_of(error, "trace")
            raise ProbeFailure(failure.name, failure.step, failure.detail) from error
        await tracer.settle()
        await tracer.ask_again()
    finally:
        tracer.close()
    return tracer.trace()


class Tracer:
    """One trace under way."""

    def __init__(self, net: Network, request: TraceRequest, seen: Seen) -> None:
        self._net, self._request, self._seen = net, request, seen
        self._flows: list[Flow] = []
        self._watch: RawErrorSocket | None = None
        self._start = time.monotonic()
        self._stood = stood_still(asyncio.get_running_loop())
        self._sent: dict[tuple[int, int], Sent] = {}
        self._rows: dict[tuple[int, int], TraceRow] = {}
        self._finals: dict[int, int] = {}
        """The TTL at which each series ended."""
        self._ignored: Counter[str] = Counter()
        self._open: Counter[int] = Counter()
        """Answers of each series that name no probe."""
        self._alone: dict[int, tuple[int, asyncio.Future[Arrival]]] = {}
        """The one probe of a series that is under way while hops are asked again."""
        self._news = asyncio.Event()

    def open(self) -> None:
        """Open a socket per series and, where allowed, the raw one that sees whole quotes."""
        loop, request = asyncio.get_running_loop(), self._request
        kind = UdpFlow if request.protocol == "udp" else IcmpFlow
        for nth in range(request.count):
            flow = kind(request, os.urandom(8))
            self._flows.append(flow)
            flow.bind(49152 + zlib.crc32(f"{request.address} {nth}".encode()) % 16000)
            prepare(flow.socket, v6=request.v6)
            flow.socket.connect((request.address, request.port))
            loop.add_reader(flow.socket, self._drain, nth)
        with contextlib.suppress(OSError):
            self._watch = RawErrorSocket(request)
            loop.add_reader(self._watch.socket, self._look)

    def close(self) -> None:
        """Close all sockets."""
        loop = asyncio.get_running_loop()
        sockets = [flow.socket for flow in self._flows]
        for one in sockets + ([self._watch.socket] if self._watch else []):
            loop.remove_reader(one)
            one.close()

    def trace(self) -> Trace:
        """What came of it."""
        request, last = self._request, self._last()
        rows = [
            self._rows.get(key) or TraceRow(*key, at=milliseconds(sent.steady - self._start, 3))
            for key, sent in self._sent.items()
            if key[0] <= last
        ]
        rows.sort(key=lambda row: (row.ttl, row.nth))
        engine = "raw" if self._watch else "error_queue"
        ignored = dict(sorted(self._ignored.items()))
        return Trace(request.head(engine, ignored), rows)

    async def send_all(self) -> None:
        """TTL by TTL, so that a target that answers seldom answers for its own hop first."""
        for ttl in range(1, self._request.max_hops + 1):
            if ttl > self._last():
                break
            await pace().take(len(self._flows))
            for nth in range(len(self._flows)):
                self._send(ttl, nth)
            await asyncio.sleep(_STEP)

    def _send(self, ttl: int, nth: int) -> None:
        flow, request = self._flows[nth], self._request
        self._net.policy.check(request.address)
        set_ttl(flow.socket, ttl, v6=request.v6)
        packet = flow.packet(ttl, nth)
        for attempt in range(_TRIES):
            self._sent[ttl, nth] = Sent.now()
            try:
                flow.socket.send(packet)
            except OSError:  # an earlier probe's error is told by the next send
                self._drain(nth)
                if attempt == _TRIES - 1:
                    raise
            else:
                return

    def _last(self) -> int:
        """The farthest TTL that tells something: where the target, or a refusal, answered."""
        return max(self._finals.values(), default=self._request.max_hops)

    async def settle(self) -> None:
        """Wait until every probe that counts is answered or out of time."""
        while True:
            self._news.clear()
            until = self._seconds_left()
            if until is None:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), until)

    def _seconds_left(self) -> float | None:
        """Seconds until the last open probe is given up; None when all are settled."""
        still = stood_still(asyncio.get_running_loop()) - self._stood
        now, last = time.monotonic() - still, self._last()
        answered: dict[int, float] = {}
        for (ttl, _), row in self._rows.items():
            if ttl <= last:
                answered[ttl] = max(answered.get(ttl, 0.0), (row.ms or 0) / 1000)
        limits = give_up_after(answered, self._request.max_hops, self._request.wait)
        ends = [
            sent.steady + limits[key[0]] - now
            for key, sent in self._sent.items()
            if key not in self._rows and key[0] <= last
        ]
        longest = min(max(ends, default=0.0), self._net.left())
        return longest if longest > 0 else None

    async def ask_again(self) -> None:
        """Ask the open hops of series whose answers named no probe, one by one."""
        every = [self._series_again(nth) for nth, count in self._open.items() if count]
        await asyncio.gather(*every)

    async def _series_again(self, nth: int) -> None:
        found = 0
        for ttl in range(1, self._request.max_hops + 1):
            if (ttl, nth) in self._rows:
                continue
            answer: asyncio.Future[Arrival] = asyncio.get_running_loop().create_future()
            self._alone[nth] = ttl, answer
            await pace().take(1)
            self._send(ttl, nth)
            row = None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(max(self._net.left(), 0.01), FLOOR)):
                    row = self._keep(await answer, ttl, nth)
            found += row is not None
            if (row and ends_path(row)) or found == self._open[nth] or self._net.left() <= 0:
                break
        self._alone.pop(nth, None)

    def _look(self) -> None:
        """Take what the raw socket has: errors with the whole quote, IP header first."""
        watch = self._watch
        assert watch is not None  # noqa: S101  # it is the reader's own
        while (arrival := receive_error(watch.socket, errors=True)) is not None:
            read = watch.read(arrival.content, self._flows) if arrival.address else None
            if read is not None:
                self._told(arrival, read.nth, read.ttl, read)
        while receive_error(watch.socket, errors=False) is not None:
            pass

    def _drain(self, nth: int) -> None:
        """Take everything that a series' socket has."""
        flow = self._flows[nth]
        while (arrival := receive_error(flow.socket, errors=True)) is not None:
            if arrival.address and self._watch is None:
                self._told(arrival, nth, flow.identify(arrival.content))
        while (arrival := receive_error(flow.socket, errors=False)) is not None:
            ttl = flow.answered(arrival)
            if ttl is not None or not flow.shared:
                self._told(arrival, nth, ttl)

    def _told(
        self, arrival: Arrival, nth: int, ttl: int | None, quoted: Quoted | None = None
    ) -> None:
        """``ttl``: of the probe that is answered; 0 where it is not said, None where none is."""
        if ttl is None:
            self._ignored["forged" if arrival.type is not None else "stray"] += 1
        elif ttl == 0 and nth in self._alone and not self._alone[nth][1].done():
            self._alone[nth][1].set_result(arrival)
        elif ttl == 0:
            self._open[nth] += 1
        else:
            self._keep(arrival, ttl, nth, quoted)

    def _keep(
        self, arrival: Arrival, ttl: int, nth: int, quoted: Quoted | None = None
    ) -> TraceRow | None:
        sent = self._sent.get((ttl, nth))
        if sent is None:
            self._ignored["forged"] += 1
            return None
        if (ttl, nth) in self._rows:
            self._ignored["duplicate"] += 1
            return None
        mtu = arrival.info if (arrival.type, arrival.code) in ((3, 4), (2, 0)) else None
        row = TraceRow(
            ttl,
            nth,
            milliseconds(sent.steady - self._start, 3),
            arrival.address,
            sent.until(arrival.received),
            arrival.type,
            arrival.code,
            arrival.reply_ttl,
            quoted.left if quoted else None,
            mtu,
            translated=quoted is not None and quoted.translated,
            final=arrival.address == self._request.address
            and arrival.type != self._request.time_exceeded,
        )
        self._rows[ttl, nth] = row
        if ends_path(row):
            self._finals[nth] = min(ttl, self._finals.get(nth, ttl))
        self._seen(row.address)
        self._news.set()
        return row
