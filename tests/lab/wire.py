"""Delayed cables: pairs of TUN interfaces, carried by one process.

The kernel that the project was made on has no netem, and NFQUEUE would need a library of its own.
A TUN pair needs neither: a packet read at one end is written at the other when its time has come,
0.03-0.15 ms late (scheduling, and the copy through Python).
"""

import os
import select
import time
from collections import deque
from collections.abc import Sequence

from tests.lab import linux

_MTU_AND_MORE = 65535
_SPIN = 0.00012
"""select() wakes late by about this many seconds: the last of a wait is spent awake."""


def plug(pid: int, name: str) -> int:
    """Make a TUN interface in the network namespace of a process; returns its descriptor."""
    with linux.network_of(pid):
        return linux.open_tun(name)


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
