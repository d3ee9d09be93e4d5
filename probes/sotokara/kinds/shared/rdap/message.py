"""How an RDAP exchange is kept: the status line, the headers that matter, the body (RFC 7480)."""

import json
import re
from typing import Any, NamedTuple

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared.rdap.plain import number, text_list, text_or_empty

MEDIA_TYPE = "text/http"
KEPT = ("content-type", "location", "retry-after", "upgrade")
_HEAD = re.compile(rb"\AHTTP (\d{3})\r\n((?:[a-z-]+: [^\r\n]*\r\n)*)\r\n", re.DOTALL)
OK, NOT_FOUND, LIMITED = 200, 404, 429
UPGRADE = 426
"""The server wants another protocol, which its ``Upgrade`` names (RFC 9110, 15.5.22)."""
REDIRECTS = (301, 302, 303, 307, 308)
_REFUSALS = (401, 403)


class RdapResponse(NamedTuple):
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


def parse_message(kept: bytes) -> RdapResponse | None:
    """A kept response; None for bytes that are none."""
    match = _HEAD.match(kept)
    if match is None:
        return None
    headers = {}
    for line in match[2].decode("ascii", "replace").splitlines():
        name, _, value = line.partition(": ")
        headers[name] = value
    return RdapResponse(int(match[1]), headers, kept[match.end() :])


def failure(message: RdapResponse, server: str) -> Failure | None:
    """What is wrong with a response; not found is an answer (RFC 7480, 5.3).

    Some servers send the error as an object within a 200 (RFC 9083, 6): its code counts as if it
    were the status.
    """
    status, told = message.status, ""
    if status == OK and (error := _error(message)):
        status, told = error
    if status in (OK, NOT_FOUND):
        return None
    said = f"HTTP {message.status}"
    if status != message.status:
        said += f", errorCode {status}"
    if told:
        said += f": {told}"
    if status == LIMITED:
        after = message.headers.get("retry-after", "")
        return Failure(
            "rate_limited", server, f"{said}, Retry-After: {after[:40]}" if after else said
        )
    if status == UPGRADE:
        return Failure("refused_by_server", server, _wanted(message))
    return Failure(
        "refused_by_server" if status in _REFUSALS else "server_misbehaving", server, said
    )


def limited(message: RdapResponse) -> bool:
    """Whether the server wants fewer questions."""
    wrong = failure(message, "")
    return wrong is not None and wrong.name == "rate_limited"


def wants_http2(message: RdapResponse) -> bool:
    """Whether the server demands HTTP/2 (RFC 9110, 15.5.22); one that names nothing may."""
    wanted = message.headers.get("upgrade", "").lower()
    return message.status == UPGRADE and (not wanted or bool(re.search(r"http/2|\bh2\b", wanted)))


def _wanted(message: RdapResponse) -> str:
    wanted = message.headers.get("upgrade", "")[:60]
    if not wants_http2(message):
        return f"HTTP 426: the server wants an upgrade to {wanted}"
    named = wanted or "another protocol (Upgrade Required)"
    return f"HTTP 426: the server wants {named}; HTTP/2 comes with the extra `http2`"


def _error(message: RdapResponse) -> tuple[int, str] | None:
    """The code and title of an error object; None where the body is none."""
    try:
        found = json.loads(message.body)
    except (ValueError, RecursionError):
        return None
    code = number(found.get("errorCode")) if isinstance(found, dict) else None
    if code is None or "objectClassName" in found or code == OK:
        return None
    words = [text_or_empty(found.get("title")), *text_list(found.get("description"))]
    return code, "; ".join(filter(None, words))[:200]


def content(exchange: Exchange) -> dict[str, Any] | Failure:
    """The JSON object of a response, or why there is none; ``{}`` for not found."""
    server = exchange.server
    if exchange.failure or exchange.received is None:
        return exchange.failure or Failure("eof_error", server)
    message = parse_message(exchange.received)
    if message is None:
        return Failure("server_misbehaving", server, "not a kept response")
    if wrong := failure(message, server):
        return wrong
    if message.status == NOT_FOUND:
        return _not_found(message, server)
    found = _object(message, server)
    if isinstance(found, dict) and number(found.get("errorCode")) == NOT_FOUND:
        return {}
    return found


def _not_found(message: RdapResponse, server: str) -> dict[str, Any] | Failure:
    """Nothing, where the registry says so: by an empty body or by JSON.

    Any web server in between has a page for 404, which says nothing of a registration.
    """
    if not message.body.strip() and not _html(message):
        return {}
    found = _object(message, server)
    if isinstance(found, Failure):
        return Failure("server_misbehaving", server, f"HTTP 404 that is not RDAP's: {found.detail}")
    told = number(found.get("errorCode"))
    if told in (None, NOT_FOUND):
        return {}
    return failure(message._replace(status=OK), server) or {}


def _html(message: RdapResponse) -> str:
    """The media type of the body where it is a page."""
    kind = message.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind if "html" in kind else ""


def _object(message: RdapResponse, server: str) -> dict[str, Any] | Failure:
    if kind := _html(message):
        return Failure("server_misbehaving", server, f"{kind[:60]} instead of RDAP's JSON")
    try:
        found = json.loads(message.body)
    except (ValueError, RecursionError) as error:
        return Failure("json_parse_error", server, type(error).__name__)
    if isinstance(found, dict):
        return found
    return Failure("json_parse_error", server, "no JSON object")
