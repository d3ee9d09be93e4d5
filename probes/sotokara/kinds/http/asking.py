"""The asking: one hop after another, each judged by the policy; then the page's icon."""

import asyncio
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import msgspec

from sotokara.core.observation import Exchange, ProbeFailure, milliseconds
from sotokara.kinds.http.settings import settings_of, visitor
from sotokara.kinds.shared.web.message import MEDIA_TYPE, HttpMessage, bounded, format_message
from sotokara.kinds.shared.web.page import read_page
from sotokara.kinds.shared.web.target import MOST_HOPS, REDIRECTS, onward
from sotokara.network.network import Network
from sotokara.network.visit import Visit, visit

_ICON = 256 * 1024


class Walk(NamedTuple):
    """How one visitor asks."""

    net: Network
    http2: bool
    language: str

    @property
    def headers(self) -> list[tuple[str, str]]:
        """What each request says of the visitor."""
        headers = visitor(self.language, settings_of(self.net).user_agent)
        return headers if self.http2 else [*headers, ("Connection", "close")]

    async def visit(self, url: str, most: int) -> Visit:
        """One request, of a host one of a few at a time."""
        async with self.net.taking(self.net.turn(f"http {urlsplit(url).hostname}")):
            return await visit(self.net, url, self.headers, most, http2=self.http2)


async def follow(walk: Walk, url: str, *, icon: bool) -> list[Exchange]:
    """Every hop with its certificate, in order; the first that leads no further is the last."""
    exchanges: list[Exchange] = []
    seen: set[str] = set()
    found: Visit | None = None
    while url not in seen and len(seen) < MOST_HOPS:
        seen.add(url)
        found = await _hop(walk, url, len(seen), exchanges)
        location = _header(found, "location") if found and found.status in REDIRECTS else ""
        if not location:
            break
        try:
            url = onward(url, location)
        except ValueError:
            break
    if icon and found is not None:
        exchanges += await _icon(walk, url, found)
    return exchanges


def _header(found: Visit, name: str) -> str:
    return next((value for key, value in found.headers if key.lower() == name), "")


async def _hop(walk: Walk, url: str, number: int, exchanges: list[Exchange]) -> Visit | None:
    """One request; what came of it is put to the exchanges."""
    net = walk.net
    scheme, host = urlsplit(url).scheme, urlsplit(url).hostname or ""
    began = net.elapsed()
    found, failure = None, None
    try:
        found = await walk.visit(url, settings_of(net).most)
    except ProbeFailure as failed:
        failure = failed.failure
    sent = "".join(f"{name}: {value}\r\n" for name, value in walk.headers)
    exchange = Exchange(
        step=f"hop {number}",
        server=host,
        protocol=scheme,
        sent=f"GET {url}\r\n{sent}".encode(),
        received=_record(found, url) if found else None,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type=MEDIA_TYPE,
    )
    exchanges.append(exchange)
    net.trail.append(exchange)
    if found is not None and found.tls is not None:
        exchanges.append(await _certificate(net, host, number, found))
    return found


def _record(found: Visit, url: str) -> bytes:
    notes = {"url": url, "address": found.address, "body": found.state}
    headers = bounded(found.headers)
    reason = found.reason
    return format_message(
        HttpMessage(notes, found.version, found.status, reason, headers, found.body)
    )


async def _certificate(net: Network, host: str, number: int, found: Visit) -> Exchange:
    from sotokara.kinds.shared.tls.record import MEDIA_TYPE as HANDSHAKE
    from sotokara.kinds.shared.tls.trust import roots_in
    from sotokara.kinds.shared.tls.visiting import describe

    roots = roots_in(net.ways.trusted())
    record = await asyncio.to_thread(describe, found.tls, roots)
    step, server = f"certificate {number}", f"{host} [{found.address}]"
    return Exchange(step, server, "https", b"", record, media_type=HANDSHAKE)


async def _icon(walk: Walk, url: str, found: Visit) -> list[Exchange]:
    """The icon that the page names on its own host, else ``/favicon.ico``."""
    kind = _header(found, "content-type")
    named = read_page(found.body, kind).icon if "html" in kind.lower() else ""
    try:
        where = onward(url, named or "/favicon.ico")
        if urlsplit(where).netloc != urlsplit(url).netloc:
            where = urljoin(url, "/favicon.ico")
        icon = await walk.visit(where, _ICON)
    except (ProbeFailure, ValueError):
        return []
    if icon.status != 200 or icon.state != "whole" or not icon.body:  # noqa: PLR2004
        return []
    parts = urlsplit(where)
    sent, record = f"GET {where}\r\n".encode(), _record(icon, where)
    one = Exchange("favicon", parts.hostname or "", parts.scheme, sent, record)
    return [msgspec.structs.replace(one, media_type=MEDIA_TYPE)]
