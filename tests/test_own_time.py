"""Time in which this process stood still is ours: the loop's clock leaves it out."""

import asyncio
import os
import signal
import subprocess
import sys
import time

from sotokara.core.observation import Failure
from sotokara.network.clock import Loop, stood_still
from sotokara.network.moment import TOLERATED, set_meanwhile
from sotokara.network.trace_timing import Sent

_WAITS = """
import asyncio, os, signal, socket, sys
from sotokara.network.clock import Loop, stood_still
reader, writer = socket.socketpair()
for one in (reader, writer):
    one.setblocking(False)
loop = Loop()
async def main():
    print(writer.fileno(), flush=True)
    sys.stdin.readline()
    writer.send(b"x")  # what arrives while nobody listens
    print("sent", flush=True)
    loop.call_later(0.1, os.kill, os.getpid(), signal.SIGSTOP)
    async with asyncio.timeout(1.0):
        await asyncio.sleep(0.3)
        return await loop.sock_recv(reader, 1), stood_still(loop)
print(loop.run_until_complete(main()), flush=True)
"""


def test_a_stopped_process_gives_up_nothing() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WAITS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "sent\n"
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)  # by itself, in the middle of its wait
    began = time.monotonic()
    time.sleep(2.0)
    os.kill(process.pid, signal.SIGCONT)
    said, _ = process.communicate(timeout=60)
    ended = time.monotonic()
    assert said.startswith("(b'x', ")
    assert 1.9 < float(said.split(", ")[1].rstrip(")\n")) < ended - began + 0.1


def test_a_turn_of_the_loop_that_takes_long_is_not_counted() -> None:
    loop = Loop()

    async def main() -> float:
        began = loop.time()
        await asyncio.sleep(0.01)
        time.sleep(0.6)  # noqa: ASYNC251  # a busy machine
        await asyncio.sleep(0.05)
        return loop.time() - began

    try:
        assert loop.run_until_complete(main()) < 0.3
        assert stood_still(loop) > 0.5
    finally:
        loop.close()


def test_an_ordinary_wait_is_counted_in_full() -> None:
    loop = Loop()

    async def main() -> float:
        began = loop.time()
        await asyncio.sleep(0.5)
        return loop.time() - began

    try:
        assert loop.run_until_complete(main()) > 0.45
    finally:
        loop.close()


def test_a_round_trip_is_not_measured_by_a_clock_that_was_set() -> None:
    wall, waited = 1_700_000_000.0, 0.2
    sent = Sent(wall, time.monotonic() - waited)
    assert sent.until(wall + 0.05) == 50.0  # as the kernel says
    for jump in (86400.0, -86400.0):
        assert waited * 1000 <= sent.until(wall + 0.05 + jump) < 60_000


def test_a_clock_that_was_set_is_said_to_be() -> None:
    assert set_meanwhile(TOLERATED) is None
    assert set_meanwhile(-TOLERATED) is None
    said = {far: set_meanwhile(far) for far in (40 * 86400.0, -7200.0)}
    details = {far: one.detail for far, one in said.items() if isinstance(one, Failure)}
    assert details == {
        40 * 86400.0: "it was set 40 d forward during the look-up",
        -7200.0: "it was set 2 h back during the look-up",
    }
