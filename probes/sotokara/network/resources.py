"""What a page loads: each request with its response, as the browser tells of it."""

import asyncio
import contextlib
from typing import Any, NamedTuple

from sotokara.core.observation import milliseconds
from sotokara.network.network import Network

_MOST = 1000
_LOOK = 5.0
_MOST_BODY = 16 * 1024 * 1024


class Resource(NamedTuple):
    """One request; ``at`` and ``ms`` are milliseconds. ``status`` 0: nothing came."""

    url: str
    method: str
    kind: str
    """``document``, ``script``, ``image``, … as the browser has it."""
    asked: list[tuple[str, str]]
    """The request's headers."""
    at: float
    ms: float
    document: bool = False
    """Whether it is the page itself, or a redirect on the way there."""
    status: int = 0
    reason: str = ""
    version: str = ""
    headers: list[tuple[str, str]] = []
    body: bytes | None = None
    """Without transfer and content encoding; None where it is not to be had."""
    failure: str = ""
    """The browser's own word for why nothing came."""


class ResourceRecorder:
    """Writes down what one page loads."""

    def __init__(self, net: Network, page: Any) -> None:  # noqa: ANN401  # Playwright's
        self._net, self._page = net, page
        self.unpacked = 0
        """Bytes that all bodies came to."""
        self._began: dict[Any, float] = {}
        self._ended: set[Any] = set()
        self._tasks: list[asyncio.Task[Resource]] = []
        self.protocol = ""
        """By which TLS the document came."""
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def _begin(self, request: Any) -> None:  # noqa: ANN401
        if len(self._began) < _MOST:
            self._began[request] = self._net.elapsed()

    def _end(self, request: Any) -> None:  # noqa: ANN401
        if request in self._began:
            ended = self._net.elapsed()
            self._ended.add(request)
            self._tasks.append(asyncio.ensure_future(self._read(request, ended)))

    async def finished(self) -> list[Resource]:
        """All requests by now, in the order in which they were made."""
        ended = {id(task): task for task in self._tasks}
        found: list[Resource] = []
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(_LOOK, max(0.5, self._net.left() / 2))):
                await asyncio.gather(*ended.values(), return_exceptions=True)
        for task in ended.values():
            if task.done() and not task.cancelled() and task.exception() is None:
                found.append(task.result())
            else:
                task.cancel()
        found += [self._begun(request) for request in self._began if request not in self._ended]
        return sorted(found, key=lambda one: one.at)

    def _begun(self, request: Any) -> Resource:  # noqa: ANN401
        """What has not come to its end: its head, where that is there."""
        began, response = self._began[request], getattr(request, "existing_response", None)
        found = Resource(
            request.url,
            request.method,
            request.resource_type,
            [],
            milliseconds(began),
            milliseconds(self._net.elapsed() - began),
            self._is_document(request),
        )
        if response is None:
            return found._replace(failure="no end")
        headers = list(response.headers.items())
        reason = response.status_text
        return found._replace(status=response.status, reason=reason, headers=headers)

    def _is_document(self, request: Any) -> bool:  # noqa: ANN401
        return bool(request.is_navigation_request()) and request.frame == self._page.main_frame

    async def bound(self, session: Any, most: int) -> None:  # noqa: ANN401
        """Stop the page where its bodies unpack to more than this."""

        def came(told: dict[str, Any]) -> None:
            before, self.unpacked = self.unpacked, self.unpacked + int(told["dataLength"])
            if before <= most < self.unpacked:
                self._stopped = asyncio.ensure_future(session.send("Page.stopLoading"))

        session.on("Network.dataReceived", came)
        await session.send("Network.enable")

    async def _read(self, request: Any, ended: float) -> Resource:  # noqa: ANN401
        from playwright.async_api import Error

        began = self._began[request]
        document = self._is_document(request)
        found = Resource(
            request.url,
            request.method,
            request.resource_type,
            [],
            milliseconds(began),
            milliseconds(ended - began),
            document,
            failure=request.failure or "",
        )
        with contextlib.suppress(Error):  # the page is gone by now
            headers = await request.headers_array()
            found = found._replace(asked=[(one["name"], one["value"]) for one in headers])
            response = None if request.failure else await request.response()
            if response is None:
                return found
            if document and (details := await response.security_details()):
                self.protocol = str(details.get("protocol", ""))
            body = None
            with contextlib.suppress(Error):  # a redirect, or too large for the browser's store
                body = await response.body()
            return found._replace(
                status=response.status,
                reason=response.status_text,
                version=await response.http_version(),
                headers=[(one["name"], one["value"]) for one in await response.headers_array()],
                body=None if body is None or len(body) > _MOST_BODY else body,
            )
        return found
