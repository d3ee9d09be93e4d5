"""HTTP over connections of ours: httpcore speaks the protocol, and the Network connects."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore

from sotokara.core.observation import ProbeFailure
from sotokara.network.errors import failure_of
from sotokara.network.network import Network

_CONNECT = 5.0


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
    except (OSError, EOFError) as error:  # a certificate's error is a ValueError, too
        failure = failure_of(error, host)
        raise ProbeFailure(failure.name, failure.step, failure.detail) from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError) as error:
        detail = f"no proper HTTP: {str(error)[:100]}"
        raise ProbeFailure("server_misbehaving", host, detail) from error


async def exchanged(  # noqa: PLR0913  # what a request has
    net: Network,
    url: str,
    headers: Mapping[bytes | str, bytes | str],
    most: int,
    *,
    http2: bool,
    post: bytes | None,
) -> tuple[int, dict[str, str], bytes]:
    """One request and its response: status, headers (names in lower case), body.

    :raises ProbeFailure: for a body longer than ``most``; see ``web_failures`` for the rest.
    """
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
        return response.status, found, b"".join(chunks)


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
