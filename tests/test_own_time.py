"""Time in which this process stood still is ours: the loop's clock leaves it out."""

import asyncio
import os
import signal
import subprocess
import sys
import time

from sotokara.network.clock import Loop, stood_still

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
