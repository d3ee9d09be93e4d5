"""HTTP for kinds that need it: one GET, guarded like every other send, with bounds on all of it.

httpcore speaks the protocol; what it connects with is ours, so names are resolved by the blog's
resolver, and policy judges the address just before the connection (also after a redirect, which is
left to the caller: each is a question of its own).
"""

import asyncio
import contextlib
import importlib
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore

from sotokara import __version__
from sotokara.core.observation import ProbeFailure
from sotokara.network.errors import named
from sotokara.network.network import Network

MOST_BYTES = 1024 * 1024
"""The longest body that is read."""
_CONNECT = 5.0


class HttpReply(NamedTuple):
    """A response; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@lru_cache
def speaks_http2() -> bool:
    """Whether the extra ``http2`` is installed."""
    try:
        importlib.import_module("h2")
    except ImportError:
        return False
    return True


async def get(  # noqa: PLR0913  # what a request has
    net: Network,
    url: str,
    accept: str,
    most: int = MOST_BYTES,
    *,
    http2: bool = False,
    post: bytes | None = None,
    more: Mapping[str, str] | None = None,
) -> HttpReply:
    """GET a URL; no redirect is followed.

    ``http2``: offer HTTP/2 (RFC 9113) too, by ALPN; the extra ``http2`` has to be there.
    ``post``: POST this instead. ``more``: further headers.

    :raises ProbeFailure: where policy refuses, nothing answers in time, TLS fails, or the body is
        longer than ``most``.
    """
    host = ""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        proper = (
            parts.scheme in ("https", "http") and bool(host) and parts.port != 0 and url.isascii()
        )
    except ValueError:  # no port, or brackets around no address
        proper = False
    if not proper:
        raise ProbeFailure("server_misbehaving", host, f"{url[:200]!a} is no web address")
    headers: dict[bytes | str, bytes | str] = {
        "Accept": accept,
        "Accept-Encoding": "identity",
        "User-Agent": f"sotokara/{__version__}",
    }
    headers |= {name: value for name, value in (more or {}).items()}  # noqa: C416  # other types
    if not http2:  # which knows no such header
        headers["Connection"] = "close"
    given = max(0.01, min(net.left(), net.settings.timeout))
    with web_failures(net, host, given):
        async with asyncio.timeout(given):
            return await _get(net, url, headers, most, http2=http2, post=post)


@contextlib.contextmanager
def web_failures(net: Network, host: str, given: float) -> Iterator[None]:
    """What goes wrong with a web server, under its name; ``given``: seconds that it had.

    :raises ProbeFailure: in the place of what httpcore, TLS and the system raise.
    """
    try:
        yield
    except TimeoutError as error:
        silent = net.silence(host, given)
        raise ProbeFailure(silent.name, silent.step, silent.detail) from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError) as error:
        detail = f"no proper HTTP: {str(error)[:100]}"
        raise ProbeFailure("server_misbehaving", host, detail) from error
    except (OSError, EOFError) as error:
        failure = named(error, host)
        raise ProbeFailure(failure.name, failure.step, failure.detail) from error


async def _get(  # noqa: PLR0913  # what a request has
    net: Network,
    url: str,
    headers: Mapping[bytes | str, bytes | str],
    most: int,
    *,
    http2: bool,
    post: bytes | None,
) -> HttpReply:
    backend = Backend(net)
    async with (
        httpcore.AsyncConnectionPool(
            net.ways.trusted(), http2=http2, network_backend=backend
        ) as pool,
        pool.stream(
            "GET" if post is None else "POST", url, headers=headers, content=post
        ) as response,
    ):
        chunks, size = [], 0
        async for chunk in _pieces(response):
            chunks.append(chunk)
            size += len(chunk)
            if size > most:
                host = urlsplit(url).hostname or ""
                raise ProbeFailure("message_size", host, f"more than {most // 1024} KiB")
        found = {
            name.decode("latin-1").lower(): value.decode("latin-1")
            for name, value in response.headers
        }
        return HttpReply(response.status, found, b"".join(chunks))


async def _pieces(response: httpcore.Response) -> AsyncIterator[bytes]:
    async for chunk in response.aiter_stream():
        yield chunk


class Backend(httpcore.AsyncNetworkBackend):
    """Connects through the Network, so that policy has the last word on every address."""

    def __init__(self, net: Network) -> None:
        self._net = net
        self.address = ""
        """The address that took the last connection."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002  # httpcore's interface
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> httpcore.AsyncNetworkStream:
        """The first address that takes the connection."""
        last = ProbeFailure("dns_no_answer", host, "the server's name has no address")
        for address in (await self._net.addresses(host))[:4]:
            try:
                async with asyncio.timeout(_CONNECT):
                    connection = await self._net.open(address, port, host)
                self.address = address
                return _Stream(*await asyncio.open_connection(sock=connection))
            except ProbeFailure as failed:
                last = failed
            except TimeoutError:
                last = ProbeFailure("generic_timeout_error", host, "no connection in time")
        raise last

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """asyncio's streams in httpcore's terms; times are bounded by the caller of ``get``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002
        """Up to so many bytes; none at the end."""
        return await self._reader.read(max_bytes)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        """Send all of it."""
        self._writer.write(buffer)
        await self._writer.drain()

    async def aclose(self) -> None:
        """Close without waiting for the other side."""
        with contextlib.suppress(OSError):
            self._writer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
    ) -> httpcore.AsyncNetworkStream:
        """The same connection, encrypted."""
        await self._writer.start_tls(ssl_context, server_hostname=server_hostname)
        return self

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  # whatever is asked for
        """What httpcore wants to know of the connection."""
        if info == "is_readable":
            return self._reader.at_eof()
        return self._writer.get_extra_info(info)
