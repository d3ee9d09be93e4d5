"""HTTP for kinds that need it: one GET, guarded like every other send, with bounds on all of it.

Names are resolved by the blog's resolver, and policy judges the address just before the connection
(also after a redirect, which is left to the caller: each is a question of its own).
"""

import asyncio
import importlib
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from sotokara import __version__
from sotokara.core.observation import ProbeFailure
from sotokara.network.network import Network

MOST_BYTES = 1024 * 1024
"""The longest body that is read."""
_CLIENT = "sotokara.network.http_connection"


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


async def ready() -> None:
    """Bring in httpcore, which takes a tenth of a small build to start: most builds need none.

    In a thread, so that what arrives meanwhile is read in time.
    """
    if _CLIENT not in sys.modules:
        await asyncio.to_thread(importlib.import_module, _CLIENT)


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
    await ready()
    from sotokara.network.http_connection import exchanged, web_failures

    given = max(0.01, min(net.left(), net.settings.timeout))
    with web_failures(net, host, given):
        async with asyncio.timeout(given):
            return HttpReply(*await exchanged(net, url, headers, most, http2=http2, post=post))
