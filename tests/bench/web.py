"""`tls`, `http`, `page`: 100 hosts at once against the slowest alone; a capture against Chromium.

Each host has an address of loopback of its own, in one process of servers. Host N answers N steps
after it was asked: of 50 ms (the slowest takes 5 s, as slow hosts do) and of 10 ms, where our own
work counts for more. All 100 and the slowest alone are asked in turn, and the median of what the
first takes longer counts; beside it are the seconds of CPU that 100 hosts cost. The last figure is
how much longer a capture takes than the same browser takes for the same page, pictures and text,
driven by Playwright without a proxy and without writing anything down.
"""

import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import dns.name
from sotokara.core.settings import Settings
from sotokara.engine.settings import load
from sotokara.network.browser import Order, capture
from sotokara.network.network import Network
from sotokara.servers.nameserver import NameServer, question, rdtype, record, reply

from tests.bench.measure import ROOT, RUNS, table
from tests.kind_ask import all_asked
from tests.servers.authority import self_signed

HOSTS = 100
STEPS = {8: 0.01, 9: 0.05}
"""Seconds of a step, by the second number of a host's address."""
_A = 1
_PAGE = (
    b"""<!doctype html><title>A page</title><h1>A page</h1>
<img src=/1.png><img src=/2.png><script src=/3.js></script><link rel=stylesheet href=/4.css>
"""
    + b"<p>Some lines of text.</p>" * 200
)


async def directory(wire: bytes) -> AsyncIterator[bytes]:
    """hN.s8.test has the address 127.8.N.1."""
    name, _ = dns.name.from_wire(question(wire), 0)
    host, step = name.to_text().split(".")[:2]
    if rdtype(wire) == _A and host[1:].isdigit():
        yield reply(wire, record(_A, bytes((127, int(step[1:]), int(host[1:]), 1))))
    else:
        yield reply(wire)


def _pause(writer: asyncio.StreamWriter) -> float:
    """Seconds that this address takes."""
    _, step, number, _ = writer.get_extra_info("sockname")[0].split(".")
    return STEPS[int(step)] * int(number)


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A page, after this address's time."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (OSError, EOFError):  # it was a handshake alone
        writer.close()
        return
    await asyncio.sleep(_pause(writer))
    body = _PAGE if head.split(b" ")[1] == b"/" else b""
    kind = b"text/html" if body else b"text/css"
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nConnection: close\r\n" % kind)
    writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
    await writer.drain()
    writer.close()


async def serve() -> None:
    """The servers, until standard input ends; their ports on standard output."""
    with tempfile.TemporaryDirectory() as folder:
        names = [f"h{number}.s{step}.test" for step in STEPS for number in range(1, HOSTS + 1)]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self_signed(*names).write(Path(folder), "hosts"))
    waiting = await asyncio.start_server(answer, "0.0.0.0", 0)  # noqa: S104  # all of loopback's
    behind = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    behind_port = behind.sockets[0].getsockname()[1]

    async def later(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A handshake, after this address's time."""
        await asyncio.sleep(_pause(writer))
        there, to_there = await asyncio.open_connection("127.0.0.1", behind_port)
        await asyncio.gather(pump(reader, to_there), pump(there, writer), return_exceptions=True)

    handshakes = await asyncio.start_server(later, "0.0.0.0", 0)  # noqa: S104
    resolver = NameServer(directory)
    await resolver.start()
    ports = [one.sockets[0].getsockname()[1] for one in (waiting, handshakes)]
    print(*ports, resolver.address, flush=True)
    await asyncio.to_thread(sys.stdin.read)


async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """All bytes, then the end."""
    with contextlib.suppress(OSError):
        while piece := await source.read(65536):
            sink.write(piece)
            await sink.drain()
    sink.close()


class Took(NamedTuple):
    """Seconds by the clock, of CPU, and how many this process waited for a core (schedstat)."""

    wall: float
    cpu: float
    waited: float


def seconds(work: Callable[[], Awaitable[Any]]) -> Took:
    """What it takes once."""
    began, used, before = time.monotonic(), time.process_time(), _waited()
    asyncio.run(work())  # type: ignore[arg-type]  # a coroutine
    return Took(time.monotonic() - began, time.process_time() - used, _waited() - before)


def _waited() -> float:
    try:
        return int(Path("/proc/self/schedstat").read_text("ascii").split()[1]) / 1e9
    except OSError:  # not Linux
        return 0.0


Pair = tuple[Took, Took]


def in_turn(ours: Callable[[], Awaitable[Any]], theirs: Callable[[], Awaitable[Any]]) -> Pair:
    """Both, one after the other, so that the machine's other work falls on both; the median."""
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(RUNS)]
    return sorted(pairs, key=lambda one: one[0].wall / one[1].wall)[len(pairs) // 2]


def at_once(settings: Settings, kind: str, target: str) -> Pair:
    """All hosts at once, and the slowest alone."""

    async def asked(*numbers: int) -> None:
        wanted = [{kind: target.format(number)} for number in numbers]
        for one in await all_asked(settings, wanted):
            assert one[2].facts is not None, one[2]

    return in_turn(lambda: asked(*range(1, HOSTS + 1)), lambda: asked(HOSTS))


async def bare(url: str) -> None:
    """The same page, pictures and text, with nothing of ours."""
    from playwright.async_api import async_playwright

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--disable-gpu", "--no-sandbox"]
        )
        page = await browser.new_page(viewport={"width": 1280, "height": 844})
        await page.goto(url, wait_until="networkidle")
        await page.inner_text("body")
        await page.content()
        for width in (1280, 390):
            await page.set_viewport_size({"width": width, "height": 844})
            await page.screenshot(full_page=True)
        await browser.close()


def captured(settings: Settings, url: str, named: str) -> Pair:
    """A capture, and the browser alone."""

    async def ours() -> None:
        net = Network(settings)
        try:
            own = net.for_probe(4)
            async with own.limit():
                await capture(own, Order(named, (1280, 390), 8000, 1 << 25))
        finally:
            net.close()

    return in_turn(ours, lambda: bare(url))


def main() -> str:
    """The ratios."""
    command = [sys.executable, "-m", "tests.bench.web"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as servers:
        assert servers.stdout is not None
        web, tls, resolver = servers.stdout.readline().split()
        settings = load(
            {
                "resolvers": [resolver],
                "control": [resolver],
                "policy": {"allow": ["127.0.0.0/8"]},
                "timeout": 30,
            },
            environ={},
        )
        pairs: dict[str, tuple[str, Pair]] = {}
        for step, pause in sorted(STEPS.items(), reverse=True):
            slowest = f"the slowest alone ({pause * HOSTS:.0f} s)"
            name = f"h{{}}.s{step}.test"
            pairs[f"`tls` of 100 hosts / {slowest}"] = (
                "≤ 1.5",
                at_once(settings, "tls", f"{name}:{tls}"),
            )
            pairs[f"`http` of 100 URLs / {slowest}"] = (
                "≤ 1.5",
                at_once(settings, "http", f"http://{name}:{web}/"),
            )
        pairs["a capture / Chromium alone"] = (
            "≤ 1.3",
            captured(settings, f"http://127.8.10.1:{web}/", f"http://h10.s8.test:{web}/"),
        )
        servers.kill()
    rows = [
        [
            name,
            f"{ours.wall:.2f} s ({ours.waited:.2f})",
            f"{theirs.wall:.2f} s ({theirs.waited:.2f})",
            f"{ours.cpu:.2f} s",
            f"{ours.wall / theirs.wall:.2f}",
            aim,
        ]
        for name, (aim, (ours, theirs)) in pairs.items()
    ]
    busy = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    head = ["(waited for a core)", "all", "one", "CPU of all", "ratio", "aim"]
    return f"{table(head, rows)}\n\nload average: {busy}"


if __name__ == "__main__":
    asyncio.run(serve())
