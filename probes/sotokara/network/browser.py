"""A page in a browser of its own: what it looks like, says and loads, through a proxy of ours.

Playwright (extra ``capture``) drives the Chromium of the system, which starts empty for each page
and is thrown away. All its connections go through ``proxy.py``. What we look at the page with runs
in a world of its own, which the page's scripts cannot reach (CDP, ``Page.createIsolatedWorld``).
"""

import asyncio
import contextlib
import json
import os
import shutil
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sotokara.core.observation import ProbeFailure
from sotokara.network.network import Network
from sotokara.network.page_errors import failure_of, leads_on
from sotokara.network.page_scripts import DOCUMENT, MOST_TEXT, SCROLL, SETTLED, TEXT, mask
from sotokara.network.proxy import Proxy, ProxyAttempt
from sotokara.network.resources import Resource, ResourceRecorder

BROWSER = "browser"
"""The step in which it is started."""
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--disable-site-isolation-trials",  # one session sees all frames; the browser is thrown away
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
_NOBODY = "http://127.0.0.1:9"
"""The proxy of what the browser wants for itself: nobody (discard, RFC 863)."""
_AT_ONCE = 3
"""Browsers; each takes some hundreds of megabytes."""
_START = 30.0
_END = 10.0
_QUIET = 3.0
_LAZY = 1.0
_LOOK = 10.0
"""Seconds: to start, to end; for a page to fall quiet, and again once it was scrolled; a look."""
_HIGH = 844
_LOOKS, _AGAIN = 3, 0.5
"""How often a page is looked at that leads on to another meanwhile, and seconds between."""
_LARGEST = 3 * 1024 * 1024
"""Bytes of a picture."""


class Order(NamedTuple):
    """How a page is looked at."""

    url: str
    widths: tuple[int, ...]
    """Of its pictures, in pixels; the first is that in which it is loaded."""
    tallest: int
    most: int
    """Bytes that it may load in all."""
    language: str = ""
    addresses: bool = False
    """Whether the addresses that it shows stay."""
    words: tuple[str, ...] = ()
    """What is hidden wherever it is shown."""
    executable: str = ""


class PageCapture(NamedTuple):
    """What was seen."""

    url: str
    """The document's, in the end."""
    html: str
    """The document as it was by then."""
    text: str
    """What was to be read in it."""
    pictures: dict[int, bytes]
    """PNG, by width."""
    resources: list[Resource]
    attempts: list[ProxyAttempt]
    chain: list[bytes]
    """The certificates that its server showed, in DER."""
    tls: str
    """Their connection's protocol."""
    state: str
    """``whole``, ``slow`` or ``too_long``."""
    version: str
    """The browser's."""
    looked: float
    """Milliseconds since the start: when the pictures were taken."""


async def capture(net: Network, order: Order) -> PageCapture:
    """Look at a page.

    :raises ProbeFailure: where no document came; ``extra_missing`` without Playwright,
        ``browser_failed`` where the browser does not do what it should.
    """
    try:
        from playwright.async_api import Error
    except ImportError as error:
        detail = "pip install 'sotokara[capture]'"
        raise ProbeFailure("extra_missing", BROWSER, detail) from error
    async with Proxy(net, order.most) as proxy, _browser(net, order) as browser:
        try:
            return await _Visit(net, order, proxy, browser).seen()
        except Error as error:
            raise failure_of(error.message, order.url, proxy.attempts) from error


def _root() -> bool:
    """Whether this is root; Windows has none."""
    return getattr(os, "geteuid", lambda: 1)() == 0


@contextlib.asynccontextmanager
async def _browser(net: Network, order: Order) -> AsyncIterator[Any]:
    """A browser with nothing in it. Starting it takes none of the page's time."""
    from playwright.async_api import Error, async_playwright

    executable = order.executable or next(filter(None, map(shutil.which, _NAMES)), None)
    async with net.taking(net.turn(BROWSER, _AT_ONCE)):
        with net.uncounted():
            driver = await async_playwright().start()
            try:
                browser = await driver.chromium.launch(
                    executable_path=executable,
                    args=list(_FLAGS),
                    proxy={"server": _NOBODY, "bypass": "<-loopback>"},
                    chromium_sandbox=not _root(),  # it refuses to have one then
                    timeout=_START * 1000,
                )
            except Error as error:
                await driver.stop()
                what = error.message.strip().split("\n")[0][:100]
                raise ProbeFailure("browser_failed", BROWSER, what) from error
        try:
            yield browser
        finally:
            with net.uncounted(), contextlib.suppress(Error, TimeoutError):
                async with asyncio.timeout(_END):
                    await browser.close()
            await driver.stop()


class _Visit:
    """One page in one browser."""

    def __init__(self, net: Network, order: Order, proxy: Proxy, browser: Any) -> None:  # noqa: ANN401
        self._net, self._order, self._proxy, self._browser = net, order, proxy, browser

    async def seen(self) -> PageCapture:
        """Load it, wait until it is quiet, mask what is hidden, and look."""
        order = self._order
        context = await self._browser.new_context(
            viewport={"width": order.widths[0], "height": _HIGH},
            ignore_https_errors=True,
            accept_downloads=False,
            service_workers="block",
            timezone_id="UTC",
            locale=order.language.partition(",")[0].partition(";")[0] or "en-US",
            proxy={"server": self._proxy.url, "bypass": "<-loopback>"},
        )
        page = await context.new_page()
        context.on("page", lambda other: asyncio.ensure_future(_closed(other)))
        self._page, self._session = page, await context.new_cdp_session(page)
        watch = ResourceRecorder(self._net, page)
        await watch.bound(self._session, order.most)
        state = await self._load(page)
        looked, html, text, pictures = await self._look(page)
        chain = await self._certificate(page.url)
        every = await watch.finished()
        if self._proxy.full or watch.unpacked > order.most:
            state = "too_long"
        return PageCapture(
            page.url,
            html,
            text[:MOST_TEXT],
            pictures,
            every,
            self._proxy.attempts,
            chain,
            watch.protocol,
            state,
            self._browser.version,
            looked * 1000,
        )

    async def _look(self, page: Any) -> tuple[float, str, str, dict[int, bytes]]:  # noqa: ANN401
        """When it was looked at, document, text and pictures; anew where it led on meanwhile."""
        from playwright.async_api import Error

        for left in reversed(range(_LOOKS)):
            try:
                await self._look_down(page)
                worlds = await self._worlds()
                await self._masked(worlds)
                looked = self._net.elapsed()
                text = "\n".join([await self._in(one, TEXT) or "" for one in worlds])
                html = await self._in(worlds[0], DOCUMENT) or ""
                pictures = await self._pictures()
            except (Error, IndexError) as error:
                if not left or not leads_on(str(error)):
                    raise
                await asyncio.sleep(_AGAIN)
            else:
                return looked, html, text, pictures
        raise AssertionError("unreachable")

    async def _load(self, page: Any) -> str:  # noqa: ANN401
        """Until it is loaded and quiet, or as long as there is time."""
        from playwright.async_api import TimeoutError as TooSlow

        given = max(1.0, self._net.left() / 2)
        try:
            await page.goto(self._order.url, wait_until="commit", timeout=given * 1000)
        except TooSlow as error:
            if failed := [one.failure for one in self._proxy.attempts if one.failure]:
                one = failed[-1]
                raise ProbeFailure(one.name, one.step, one.detail) from error
            silent = self._net.silence(urlsplit(self._order.url).hostname or "", given)
            raise ProbeFailure(silent.name, silent.step, silent.detail) from error
        try:
            await page.wait_for_load_state("load", timeout=self._share(1.5))
        except TooSlow:
            await self._send("Page.stopLoading")  # what has begun cannot be drawn before its end
            return "slow"
        with contextlib.suppress(TooSlow):
            await page.wait_for_load_state("networkidle", timeout=min(_QUIET * 1000, self._share()))
        return "whole"

    def _share(self, by: float = 4.0) -> float:
        """A part of the time that is left, in milliseconds."""
        return max(200.0, self._net.left() * 1000 / by)

    async def _look_down(self, page: Any) -> None:  # noqa: ANN401
        """Scroll through it once, for what is loaded when it is come to."""
        from playwright.async_api import TimeoutError as TooSlow

        before = len(self._proxy.attempts), self._proxy.received
        await self._in(await self._world(), SCROLL % self._order.tallest)
        if before != (len(self._proxy.attempts), self._proxy.received):
            with contextlib.suppress(TooSlow):
                await page.wait_for_load_state("networkidle", timeout=_LAZY * 1000)

    async def _world(self, frame: str = "") -> int:
        name = frame or (await self._send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        told = await self._send(
            "Page.createIsolatedWorld", {"frameId": name, "worldName": "sotokara"}
        )
        return int(told["executionContextId"])

    async def _worlds(self) -> list[int]:
        """A world of our own in every frame, the page's first."""
        from playwright.async_api import Error

        waiting = [(await self._send("Page.getFrameTree"))["frameTree"]]
        found = []
        while waiting:
            tree = waiting.pop(0)
            waiting += tree.get("childFrames", [])
            with contextlib.suppress(Error):  # it is gone by now
                found.append(await self._world(tree["frame"]["id"]))
        return found

    async def _in(self, world: int, script: str) -> Any:  # noqa: ANN401  # plain JSON
        """What a script of ours says in a world.

        :raises ProbeFailure: where the page's own scripts leave it no time.
        """
        asked = {
            "expression": script,
            "contextId": world,
            "returnByValue": True,
            "awaitPromise": True,
        }
        told = await self._send("Runtime.evaluate", asked)
        return told["result"].get("value")

    async def _send(
        self, method: str, asked: dict[str, Any] | None = None, most: float = _LOOK
    ) -> Any:  # noqa: ANN401
        """A command to the page's own process; ``most``: seconds that it may take.

        :raises ProbeFailure: where it does not get to it. Who is to blame nobody can tell.
        """
        try:
            async with asyncio.timeout(min(most, max(0.5, self._net.left()))):
                return await self._session.send(method, asked)
        except TimeoutError as error:
            detail = "its scripts never came to rest, or this machine was too busy"
            raise ProbeFailure("deadline_exceeded", "page", detail) from error

    async def _masked(self, worlds: Sequence[int]) -> None:
        """Hide addresses and words, now and in whatever the page writes from now on."""
        kept = sorted({one.address for one in self._proxy.attempts if one.address})
        given = json.dumps([kept, list(self._order.words), not self._order.addresses])
        for world in worlds:
            await self._in(world, f"({mask()})(...{given})")

    async def _pictures(self) -> dict[int, bytes]:
        """A picture for each width; none where it could not be drawn in time: the text stands."""
        found = {}
        with contextlib.suppress(ProbeFailure):
            for width in self._order.widths:
                found[width] = await self._picture(width)
        return found

    async def _picture(self, width: int) -> bytes:
        """The whole page at a width, as far down as a picture may go, in height and in bytes."""
        await self._page.set_viewport_size({"width": width, "height": _HIGH})
        told = await self._in(await self._world(), SETTLED)
        high = max(1, min(int(told or _HIGH), self._order.tallest))
        while len(picture := await self._drawn(width, high)) > _LARGEST and high > _HIGH:
            high //= 2
        return picture

    async def _drawn(self, width: int, high: int) -> bytes:
        asked = {
            "format": "png",
            "captureBeyondViewport": True,
            "clip": {
                "x": 0,
                "y": 0,
                "width": width,
                "height": high,
                "scale": 1,
            },
        }
        told = await self._send("Page.captureScreenshot", asked, self._net.left() / 3)
        return b64decode(told["data"])

    async def _certificate(self, url: str) -> list[bytes]:
        parts = urlsplit(url)
        if parts.scheme != "https":
            return []
        origin = {"origin": f"https://{parts.netloc}"}
        told = await self._send("Network.getCertificate", origin)
        return [b64decode(one) for one in told.get("tableNames", [])]


async def _closed(page: Any) -> None:  # noqa: ANN401
    """A page that the page has opened."""
    from playwright.async_api import Error

    with contextlib.suppress(Error):
        await page.close()
