"""One request of a visitor, and all that came back: whatever it is, as far as it is bounded.

Unlike ``http.get`` it trusts no certificate and refuses none, keeps every header in its order, and
gives what came of a body that was cut, too long, too slow or packed to burst. Redirects are left to
the caller: each is a question of its own, judged by the policy before it is asked.
"""

import asyncio
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpcore

from sotokara.core.observation import ProbeFailure
from sotokara.network.http_connection import Backend, web_failures
from sotokara.network.network import Network
from sotokara.network.trust import lenient

WHOLE, CUT, TOO_LONG, SLOW, BOMB, UNPACKED = (
    "whole",
    "cut",
    "too_long",
    "slow",
    "bomb",
    "not_unpacked",
)
BODIES = (WHOLE, CUT, TOO_LONG, SLOW, BOMB, UNPACKED)
"""What may come of a body."""


class Visit(NamedTuple):
    """A response. ``body`` is without transfer and content encoding, as far as it came."""

    status: int
    version: str
    reason: str
    headers: list[tuple[str, str]]
    body: bytes
    state: str
    """Of BODIES."""
    address: str
    tls: Any
    """The connection's ``ssl.SSLObject``; None without TLS."""


async def visit(
    net: Network, url: str, headers: Sequence[tuple[str, str]], most: int, *, http2: bool
) -> Visit:
    """GET a URL as a visitor does.

    ``most``: bytes of the body that are read, and that it may unpack to.

    :raises ProbeFailure: where policy refuses, nothing answers in time, TLS fails, or what came is
        no HTTP.
    """
    host = urlsplit(url).hostname or ""
    given = max(0.01, min(net.left(), net.settings.timeout))
    backend = Backend(net)
    sent: list[tuple[bytes | str, bytes | str]] = list(headers)
    with web_failures(net, host, given):
        try:
            async with asyncio.timeout(given) as limit:
                pool = httpcore.AsyncConnectionPool(
                    lenient(), http1=True, http2=http2, network_backend=backend
                )
                async with pool, pool.stream("GET", url, headers=sent) as response:
                    stream = response.extensions["network_stream"]
                    tls = stream.get_extra_info("ssl_object")
                    ends = limit.when() or 0.0
                    raw, state = await _body(response, most, ends)
                    found = [(_text(name), _text(value)) for name, value in response.headers]
                    body, state = _unpacked(raw, found, state, most)
                    version = _text(response.extensions.get("http_version", b"HTTP/1.1"))
                    reason = _text(response.extensions.get("reason_phrase", b""))
                    return Visit(
                        response.status, version, reason, found, body, state, backend.address, tls
                    )
        except httpcore.RemoteProtocolError as error:
            said = str(error)[:100]
            if "disconnected without sending" in said or "closed" in said.lower():
                raise ProbeFailure("eof_error", host) from error
            large = "too long" in said or "too large" in said or "too many headers" in said
            name = "message_size" if large else "server_misbehaving"
            raise ProbeFailure(name, host, f"no proper HTTP: {said}") from error


def _text(content: bytes) -> str:
    return content.decode("latin-1")


async def _body(response: httpcore.Response, most: int, ends: float) -> tuple[bytes, str]:
    """The body without its transfer encoding, and what came of it."""
    loop = asyncio.get_running_loop()
    chunks: list[bytes] = []
    size, state = 0, WHOLE
    try:
        async with asyncio.timeout_at(ends - 0.05 if ends - loop.time() > 0.1 else ends):  # noqa: PLR2004
            async for chunk in response.aiter_stream():
                chunks.append(chunk[: most - size])
                size += len(chunk)
                if size > most:
                    state = TOO_LONG
                    break
    except TimeoutError:
        state = SLOW
    except (httpcore.ProtocolError, httpcore.ReadError, OSError):
        state = CUT
    return b"".join(chunks), state


def _unpacked(
    raw: bytes, headers: Iterable[tuple[str, str]], state: str, most: int
) -> tuple[bytes, str]:
    """The body without its content encodings (RFC 9110, 8.4), the last one first."""
    listed = ",".join(value for name, value in headers if name.lower() == "content-encoding")
    encodings = [one.strip().lower() for one in listed.split(",") if one.strip()]
    for one in reversed(encodings[-3:]):
        if one == "identity":
            continue
        if one not in ("gzip", "x-gzip", "deflate"):
            return raw, UNPACKED
        found = _inflated(raw, most, wrapped=one != "deflate" or raw[:1] == b"\x78")
        if found is None:
            return raw, state if state != WHOLE else UNPACKED
        if len(found) > most:
            return found[:most], BOMB
        raw = found
    return raw, state


def _inflated(raw: bytes, most: int, *, wrapped: bool) -> bytes | None:
    """At most one byte more than ``most``; None for what is not packed so."""
    packed = zlib.decompressobj(zlib.MAX_WBITS | 32 if wrapped else -zlib.MAX_WBITS)
    try:
        return packed.decompress(raw, most + 1)
    except zlib.error:
        return None
