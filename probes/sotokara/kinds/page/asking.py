"""The asking: a browser's visit, written down as exchanges."""

import asyncio
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from sotokara.core.observation import Exchange, Failure, ProbeFailure, milliseconds
from sotokara.kinds.page.facts import CERTIFICATE, DOCUMENT, TEXT, VISIT, WIDTHS
from sotokara.kinds.page.settings import settings_of
from sotokara.kinds.shared.web.message import MEDIA_TYPE, HttpMessage, bounded, format_message
from sotokara.kinds.shared.web.target import REDIRECTS
from sotokara.masking.redaction import own_addresses
from sotokara.network.browser import Order, PageCapture, capture
from sotokara.network.network import Network
from sotokara.network.proxy import ProxyAttempt
from sotokara.network.resources import Resource

_LONGEST = 4000


async def visit_page(net: Network, url: str, language: str, *, addresses: bool) -> list[Exchange]:
    """Visit a page.

    :raises ProbeFailure: where no page came.
    """
    settings = settings_of(net)
    order = Order(
        url,
        WIDTHS,
        settings.tallest,
        settings.most,
        language,
        addresses,
        (*net.settings.redact, *own_addresses()),
        settings.chromium,
    )
    parts = urlsplit(url)
    began = net.elapsed()
    try:
        seen = await capture(net, order)
    except ProbeFailure as failed:
        at, ms = milliseconds(began), milliseconds(net.elapsed() - began)
        host = parts.hostname or ""
        net.trail.append(
            Exchange("page", host, parts.scheme, url.encode(), failure=failed.failure, at=at, ms=ms)
        )
        raise
    exchanges = [*_loaded(seen), *_looked_at(seen)]
    if seen.chain:
        exchanges.append(await _certificate(net, seen))
    return exchanges


def _loaded(seen: PageCapture) -> Iterator[Exchange]:
    """What the page has loaded, in order."""
    for number, one in enumerate(seen.resources, 1):
        parts = urlsplit(one.url)
        if parts.scheme not in ("http", "https"):
            continue  # data: and blob: came with the page itself
        headers = "".join(f"{name}: {value}\r\n" for name, value in one.asked)
        attempts = [try_ for try_ in seen.attempts if _meant(try_, one.url)]
        yield Exchange(
            step=f"resource {number}",
            server=parts.hostname or "",
            protocol=parts.scheme,
            sent=f"{one.method} {one.url[:_LONGEST]}\r\n{headers}".encode("utf-8", "replace"),
            received=_message(one, attempts) if one.status else None,
            failure=None if one.status else _failure(one, attempts),
            at=one.at,
            ms=one.ms,
            media_type=MEDIA_TYPE,
        )


def _meant(attempt: ProxyAttempt, url: str) -> bool:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return (attempt.host, attempt.port) == (parts.hostname, port)


def _message(one: Resource, attempts: list[ProxyAttempt]) -> bytes:
    address = next((try_.address for try_ in attempts if try_.failure is None), "")
    notes = {"url": one.url[:_LONGEST], "address": address, "kind": one.kind}
    if one.document:
        notes["document"] = "yes"
    if one.body is None and one.status not in REDIRECTS:  # what nobody gets to see of a redirect
        notes["not_kept"] = "the browser gave no body"
    version = one.version or "HTTP/1.1"
    if version.lower() in ("h2", "h3"):
        version = {"h2": "HTTP/2.0", "h3": "HTTP/3.0"}[version.lower()]
    status = one.reason, bounded(one.headers), one.body or b""
    return format_message(HttpMessage(notes, version, one.status, *status))


def _failure(one: Resource, attempts: list[ProxyAttempt]) -> Failure:
    if attempts and (known := attempts[-1].failure):
        return known
    said = one.failure.removeprefix("net::ERR_") or "nothing"
    return Failure("cancelled", urlsplit(one.url).hostname or "", f"the browser says {said}")


def _looked_at(seen: PageCapture) -> Iterator[Exchange]:
    at = milliseconds(seen.looked / 1000)
    told = {
        "url": seen.url,
        "state": seen.state,
        "browser": seen.version,
        "connections": [msgspec.to_builtins(one._asdict()) for one in seen.attempts],
    }
    browser = f"Chromium {seen.version}"
    yield Exchange(
        VISIT, browser, "", b"", json.dumps(told).encode(), at=at, media_type="text/json"
    )
    html, text = (one.encode("utf-8", "replace") for one in (seen.html, seen.text))
    yield Exchange(DOCUMENT, browser, "", b"", html, at=at, media_type="text/html")
    yield Exchange(TEXT, browser, "", b"", text, at=at, media_type="text/plain")
    for width, picture in seen.pictures.items():
        yield Exchange(f"picture {width}", browser, "", b"", picture, at=at, media_type="image/png")


async def _certificate(net: Network, seen: PageCapture) -> Exchange:
    from sotokara.kinds.shared.tls.record import MEDIA_TYPE as HANDSHAKE
    from sotokara.kinds.shared.tls.record import format_record as record_of
    from sotokara.kinds.shared.tls.trust import roots_in, standing

    def described() -> bytes:
        from datetime import UTC, datetime

        roots = roots_in(net.ways.trusted())
        stands = standing(seen.chain, roots, datetime.now(UTC).replace(microsecond=0))
        return record_of(seen.tls, "", seen.chain, stands)

    host = urlsplit(seen.url).hostname or ""
    record = await asyncio.to_thread(described)
    return Exchange(CERTIFICATE, host, "https", b"", record, media_type=HANDSHAKE)
