"""How an RDAP exchange is kept: the status line, the headers that matter, the body (RFC 7480)."""

import json
import re
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from sotokara.core.observation import Exchange, Failure

MEDIA_TYPE = "text/http"
KEPT = ("content-type", "location", "retry-after")
_HEAD = re.compile(rb"\AHTTP (\d{3})\r\n((?:[a-z-]+: [^\r\n]*\r\n)*)\r\n", re.DOTALL)
OK, NOT_FOUND, LIMITED = 200, 404, 429
REDIRECTS = (301, 302, 303, 307, 308)
_REFUSALS = (401, 403)


class Message(NamedTuple):
    """A kept response, taken apart."""

    status: int
    headers: dict[str, str]
    body: bytes


def keep(status: int, headers: dict[str, str], body: bytes) -> bytes:
    """A response as it is kept."""
    lines = [f"HTTP {status}"]
    for name in KEPT:
        if name in headers:
            value = re.sub(r"[^\x20-\x7e]", "?", headers[name])[:500]
            lines.append(f"{name}: {value}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def taken(kept: bytes) -> Message | None:
    """A kept response; None for bytes that are none."""
    match = _HEAD.match(kept)
    if match is None:
        return None
    headers = {}
    for line in match[2].decode("ascii", "replace").splitlines():
        name, _, value = line.partition(": ")
        headers[name] = value
    return Message(int(match[1]), headers, kept[match.end() :])


def failure(message: Message, server: str) -> Failure | None:
    """What is wrong with a response, by its status alone; 404 is an answer (RFC 7480, 5.3)."""
    status = message.status
    if status in (OK, NOT_FOUND):
        return None
    if status == LIMITED:
        after = message.headers.get("retry-after", "")
        detail = f"HTTP 429, Retry-After: {after[:40]}" if after else "HTTP 429"
        return Failure("rate_limited", server, detail)
    name = "refused_by_server" if status in _REFUSALS else "server_misbehaving"
    return Failure(name, server, f"HTTP {status}")


def content(exchange: Exchange) -> dict[str, Any] | Failure:
    """The JSON object of a 200 response, or why there is none; ``{}`` for 404."""
    server = exchange.server
    if exchange.failure or exchange.received is None:
        return exchange.failure or Failure("eof_error", server)
    message = taken(exchange.received)
    if message is None:
        return Failure("server_misbehaving", server, "not a kept response")
    wrong = failure(message, server)
    if wrong or message.status == NOT_FOUND:
        return wrong or {}
    return _object(message, server)


def _object(message: Message, server: str) -> dict[str, Any] | Failure:
    kind = message.headers.get("content-type", "").partition(";")[0].strip().lower()
    if "html" in kind:
        return Failure("server_misbehaving", server, f"{kind[:60]} instead of RDAP's JSON")
    try:
        found = json.loads(message.body)
    except (ValueError, RecursionError) as error:
        return Failure("json_parse_error", server, type(error).__name__)
    if isinstance(found, dict):
        return found
    return Failure("json_parse_error", server, "no JSON object")


def seconds(retry_after: str, now: float) -> float | None:
    """The seconds of a ``Retry-After`` header (RFC 9110, 10.2.3); None where it says none."""
    text = retry_after.strip()
    if text.isdecimal() and text.isascii():
        return float(text[:12])
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
