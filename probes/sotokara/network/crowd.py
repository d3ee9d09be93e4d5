"""Many DNS questions to one server, quickly and politely: only what is answered plainly counts.

What is lost, refused or truncated in the crowd is left to the ordinary way, alone: a server that
gives up under many questions has said nothing of the names. How many are under way follows the
server: more while it answers at once, half as many when it slows, refuses or loses one.
"""

import asyncio
import contextlib
import socket
import time
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from sotokara.network.dns_client import Server, answers
from sotokara.network.ways import Ways

_SOCKETS = 8
"""Source ports; ids are told apart on each."""
_PATIENCE = 1.5
"""Seconds until a question counts as lost; it is not sent again here."""
_FEWEST, _BEGIN = 4, 32
_SLOWER, _SLACK = 4.0, 0.03
"""A server has slowed when its answers take so many times their least, and so much longer."""
_TICK = 0.05
_GIVEN_UP = frozenset({1, 2, 4, 5})
"""FORMERR, SERVFAIL, NOTIMP, REFUSED: perhaps of the crowd, and not of the name."""
_RECEIVED = 1 << 22
"""Bytes that the system may hold for us: a burst of answers is not lost here."""


class Heard(NamedTuple):
    """An answer: its bytes, when its question went out (the loop's clock), and how long it took."""

    received: bytes
    sent: float
    seconds: float


class Crowd:
    """The sockets towards one server. Lives in one event loop."""

    def __init__(self, server: Server, most: int, ways: Ways | None = None) -> None:
        """``most``: questions under way at once.

        :raises OSError: where no socket can be opened.
        """
        there = (ways or Ways()).to(server.address, server.port)
        self._most = most
        self.window = float(min(most, _BEGIN))
        """How many questions may be under way now."""
        self.fewest = self.window
        """The smallest that ever was."""
        self._least = self._usual = 0.0
        self._slowed = 0.0
        """When the window was halved last."""
        self._rising = True
        """It doubles until the server first slows; then it grows by one a round."""
        self._loop = asyncio.get_running_loop()
        self._sockets: list[socket.socket] = []
        self._waiting: list[dict[bytes, int]] = []
        family = socket.AF_INET6 if ":" in there[0] else socket.AF_INET
        for number in range(_SOCKETS):
            one = socket.socket(family, socket.SOCK_DGRAM)
            self._sockets.append(one)
            one.setblocking(False)  # noqa: FBT003  # the library's own signature
            with contextlib.suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
            one.connect(there)
            self._waiting.append({})
            self._loop.add_reader(one, self._readable, number)
        self._wires: Sequence[bytes] = ()
        self._heard: list[Heard | None] = []
        self._sent: list[float] = []
        self._order: deque[tuple[int, int]] = deque()
        self._next = self._under_way = 0
        self._done: asyncio.Event = asyncio.Event()

    def close(self) -> None:
        """Close every socket."""
        for one in self._sockets:
            self._loop.remove_reader(one)
            one.close()
        self._sockets.clear()

    async def ask(self, wires: Sequence[bytes]) -> list[Heard | None]:
        """The answer to each question; None where it has to be asked alone."""
        self._wires, self._next, self._under_way = wires, 0, 0
        self._heard, self._sent = [None] * len(wires), [0.0] * len(wires)
        self._order.clear()
        self._done.clear()
        for waiting in self._waiting:
            waiting.clear()
        self._fill()
        while not self._done.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._done.wait(), _TICK)
            self._expire()
            self._fill()
        return self._heard

    def _fill(self) -> None:
        """Send as many as may be under way."""
        wires, sent, order = self._wires, self._sent, self._order
        number, last = self._next, len(wires)
        while number < last and self._under_way < self.window:
            wire, place = wires[number], number % _SOCKETS
            waiting = self._waiting[place]
            if wire[:2] in waiting:  # the same id is under way there
                place = next(
                    (one for one, of in enumerate(self._waiting) if wire[:2] not in of), -1
                )
                if place < 0:
                    break
                waiting = self._waiting[place]
            try:
                self._sockets[place].send(wire)
            except BlockingIOError:
                break
            except OSError:
                self._slow()
                number += 1
                continue
            waiting[wire[:2]] = number
            sent[number] = time.monotonic()
            order.append((number, place))
            self._under_way += 1
            number += 1
        self._next = number
        if number >= last and not self._under_way:
            self._done.set()

    def _readable(self, place: int) -> None:
        receive, waiting, wires = self._sockets[place].recv, self._waiting[place], self._wires
        heard, sent = self._heard, self._sent
        try:
            for _ in range(64):
                received = receive(65535)
                number = waiting.get(received[:2])
                if number is None or not answers(wires[number], received):
                    continue
                del waiting[received[:2]]
                self._under_way -= 1
                took = time.monotonic() - sent[number]
                if received[3] & 0x0F in _GIVEN_UP or received[2] & 0x02:
                    if not received[2] & 0x02:
                        self._slow()
                    continue
                heard[number] = Heard(received, sent[number], took)
                self._pace(took)
        except BlockingIOError:
            pass
        except OSError:  # an ICMP error: what is under way there is lost
            self._slow()
            self._under_way -= len(waiting)
            waiting.clear()
        self._fill()

    def _pace(self, took: float) -> None:
        if not self._least or took < self._least:
            self._least = took
        self._usual = took if not self._usual else self._usual * 0.9 + took * 0.1
        if self._usual > self._least * _SLOWER and self._usual > self._least + _SLACK:
            self._slow()
        elif self.window < self._most:
            self.window = min(self._most, self.window + (1 if self._rising else 1 / self.window))

    def _slow(self) -> None:
        """Halve what is under way, once a round."""
        now = time.monotonic()
        if now - self._slowed < max(self._usual, _TICK):
            return
        self._slowed, self._rising = now, False
        self.window = max(min(_FEWEST, self._most), self.window / 2)
        self.fewest = min(self.fewest, self.window)

    def _expire(self) -> None:
        """Count as lost what has waited too long: the oldest come first."""
        late = time.monotonic() - _PATIENCE
        order = self._order
        while order and self._sent[order[0][0]] < late:
            number, place = order.popleft()
            if self._waiting[place].get(self._wires[number][:2]) == number:
                del self._waiting[place][self._wires[number][:2]]
                self._under_way -= 1
                self._slow()
