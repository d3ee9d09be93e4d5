"""Delayed cables: pairs of TUN interfaces, carried by one process.

The kernel the project was made on has no netem, and NFQUEUE would need a library of its own. A TUN
pair needs neither: a packet read at one end is written at the other when its time has come. Measured
against the set delay a packet comes 0.05–0.15 ms late (scheduling and the copy through Python).
"""

import os
import select
import time
from collections import deque
from collections.abc import Sequence

from tests.lab import linux

_MTU_AND_MORE = 65535
_SPIN = 0.00012
"""Seconds before a packet is due at which the process stops sleeping: select() wakes late by this much."""


def plug(pid: int, name: str) -> int:
    """Make a TUN interface in the network namespace of a process; returns its descriptor."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    away = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    try:
        linux.setns(away, linux.CLONE_NEWNET)
        return linux.open_tun(name)
    finally:
        linux.setns(home, linux.CLONE_NEWNET)
        os.close(home)
        os.close(away)


def carry(pairs: Sequence[tuple[int, int, float]]) -> None:
    """Carry packets between the two descriptors of each pair, `delay` seconds late, for ever."""
    out: dict[int, tuple[int, float]] = {}
    waiting: dict[int, deque[tuple[float, bytes]]] = {}
    for a, b, delay in pairs:
        out[a], out[b] = (b, delay), (a, delay)
        waiting[a], waiting[b] = deque(), deque()
    descriptors = list(out)
    while True:
        heads = [queue[0][0] for queue in waiting.values() if queue]
        wait = max(0.0, min(heads) - time.monotonic() - _SPIN) if heads else None
        ready, _, _ = select.select(descriptors, [], [], wait)
        now = time.monotonic()
        for descriptor in ready:
            target, delay = out[descriptor]
            waiting[target].append((now + delay, os.read(descriptor, _MTU_AND_MORE)))
        for target, queue in waiting.items():
            while queue and queue[0][0] <= time.monotonic():
                _, packet = queue.popleft()
                # A cable drops what its far end does not take (interface down, queue full).
                try:
                    os.write(target, packet)
                except OSError:
                    continue
