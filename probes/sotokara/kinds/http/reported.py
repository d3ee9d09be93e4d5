"""Visits as Globalping reports them: one request, as the hop that this kind keeps.

Its probes follow no redirect, and give the first 10 kB of a body as text. So a body has no hash or
size here, and what is read in it is read only where it came whole and in Unicode.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec

from sotokara.core.observation import Exchange
from sotokara.kinds.shared.platforms.fields import (
    address,
    bounded_list,
    bounded_text,
    mapping,
    number,
)
from sotokara.kinds.shared.platforms.reports import GLOBALPING, UnreadableReport, alone, is_reported
from sotokara.kinds.shared.web.masking import mask_web_exchanges
from sotokara.kinds.shared.web.message import MEDIA_TYPE, HttpMessage, bounded, format_message
from sotokara.kinds.shared.web.page import read_page
from sotokara.network.visit import TOO_LONG, WHOLE

STEP = "hop 1"
_STATUSES = range(100, 600)
_MOST_HEADERS, _LONGEST, _MOST_BODY = 200, 8192, 64 * 1024
_TLS = {
    "CERT_HAS_EXPIRED": "expired",
    "CERT_NOT_YET_VALID": "not_yet_valid",
    "DEPTH_ZERO_SELF_SIGNED_CERT": "self_signed",
    "ERR_TLS_CERT_ALTNAME_INVALID": "name_mismatch",
}
"""What is wrong with a certificate, by the names that Node.js gives it."""


def platform_asks(
    platform: str, url: str, *, http2: bool, language: str
) -> dict[str, dict[str, Any]]:
    """One GET without its places; empty where the platform cannot ask so."""
    parts = urlsplit(url)
    if platform != GLOBALPING:
        return {}
    plain = {"http": "HTTP", "https": "HTTP2" if http2 else "HTTPS"}
    request: dict[str, Any] = {"method": "GET", "path": parts.path}
    if parts.query:
        request["query"] = parts.query
    if language:
        request["headers"] = {"Accept-Language": language}
    options: dict[str, Any] = {"protocol": plain[parts.scheme], "request": request}
    if parts.port:
        options["port"] = parts.port
    return {STEP: {"type": "http", "target": parts.hostname, "measurementOptions": options}}


def in_own_form(exchanges: Sequence[Exchange], url: str, *, addresses: bool) -> list[Exchange]:
    """The exchanges with each report in the form that this kind keeps, masked like a visit's.

    :raises Unread: where a report is none.
    """
    if not any(map(is_reported, exchanges)):
        return list(exchanges)
    hops = [_hop(one, url) if is_reported(one) else one for one in exchanges]
    return mask_web_exchanges(hops, addresses=addresses)


def _hop(exchange: Exchange, url: str) -> Exchange:
    result = alone(exchange).result
    status = number(result.get("statusCode"))
    if status is None or status not in _STATUSES:
        raise UnreadableReport("it reports no status")
    long = result.get("truncated")
    body = result.get("rawBody")
    if not isinstance(long, bool) or not isinstance(body, str | None):
        raise UnreadableReport("it reports no body")
    content = (body or "").encode("utf-8", "replace")[:_MOST_BODY]
    headers = bounded(list(_headers(result.get("headers"))))
    notes = {
        "url": url,
        "address": address(result.get("resolvedAddress")),
        "body": TOO_LONG if long else WHOLE,
        "followed": "no",
        **_certificate(result.get("tls")),
        **(_page(content, headers) if not long else {}),
    }
    notes = {name: value for name, value in notes.items() if value}
    reason = bounded_text(result.get("statusCodeName"), 80)
    message = HttpMessage(notes, _version(exchange), int(status), reason, headers, content)
    parts = urlsplit(url)
    return msgspec.structs.replace(
        exchange,
        step=STEP,
        server=parts.hostname or "",
        protocol=parts.scheme,
        sent=f"GET {url}\r\n".encode(),
        received=format_message(message),
        media_type=MEDIA_TYPE,
    )


def _page(content: bytes, headers: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What a body is; nothing where it was not Unicode, for then its text is not what came."""
    if not content or "\ufffd" in content.decode("utf-8"):
        return {}
    told = next((value for name, value in headers if name.lower() == "content-type"), "")
    page = read_page(content, f"{told.partition(';')[0]}; charset=utf-8")
    words = page.text.encode("utf-8", "replace")
    return {
        "charset": "utf-8" if "utf-8" in told.lower() else "",
        "title": page.title,
        "generator": page.generator,
        "text_sha256": sha256(words).hexdigest() if words else "",
        "trackers": json.dumps([[one.service, one.id] for one in page.trackers]),
    }


def _version(exchange: Exchange) -> str:
    """The version that was asked for; the report does not say which was spoken."""
    return "HTTP/2.0" if b'"HTTP2"' in exchange.sent else "HTTP/1.1"


def _headers(given: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401  # JSON
    for name, value in list(mapping(given).items())[:_MOST_HEADERS]:
        for one in bounded_list(value, _MOST_HEADERS) if isinstance(value, list) else [value]:
            proper = name.replace("-", "").replace("_", "").isalnum() and name.isascii()
            if not proper or not isinstance(one, str):
                raise UnreadableReport("it reports a header that cannot be read")
            yield name, one[:_LONGEST]


def _certificate(given: Any) -> Mapping[str, str]:  # noqa: ANN401  # JSON
    tls = mapping(given)
    if not tls:
        return {}
    digest = bounded_text(tls.get("fingerprint256"), 200).replace(":", "").lower()
    problem = (
        ""
        if tls.get("authorized") is True
        else _TLS.get(bounded_text(tls.get("error")), "not_trusted")
    )
    return {"tls_problem": problem, "tls_fingerprint": digest if _is_digest(digest) else ""}


def _is_digest(digest: str) -> bool:
    return len(digest) == 64 and set(digest) <= set("0123456789abcdef")  # noqa: PLR2004  # SHA-256
