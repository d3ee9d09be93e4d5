"""A visit as records of a web archive."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from sotokara.core.observation import Observation
from sotokara.core.warc import WebExchange
from sotokara.kinds.shared.web.message import HttpMessage, parse_message

_OF_THE_WIRE = frozenset({"transfer-encoding", "content-encoding", "content-length"})
"""What a body without its encodings no longer has; kept under another name, as archives do."""
_STEPS = ("hop ", "resource ")


def archived(observation: Observation) -> Iterator[WebExchange]:
    """The exchanges whose bodies are kept."""
    for one in observation.exchanges:
        message = parse_message(one.received or b"") if one.step.startswith(_STEPS) else None
        if message is None or message.notes.get("kept") != "all" or "not_kept" in message.notes:
            continue
        url = message.notes.get("url", "")
        if not _is_address(url):
            continue  # an archive files by address
        moment = observation.start + timedelta(milliseconds=one.at)
        yield WebExchange(
            url,
            moment,
            _request(one.sent, url),
            _response(message),
            message.notes.get("address", ""),
        )


def _is_address(url: str) -> bool:
    try:
        return bool(urlsplit(url).netloc)
    except ValueError:
        return False


def _request(sent: bytes, url: str) -> bytes:
    parts = urlsplit(url)
    where = parts.path + (f"?{parts.query}" if parts.query else "")
    first, _, headers = sent.partition(b"\r\n")
    method = first.partition(b" ")[0].decode("ascii", "replace")
    return f"{method} {where} HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode() + headers + b"\r\n"


def _response(message: HttpMessage) -> bytes:
    lines = [f"HTTP/1.1 {message.status} {message.reason}".rstrip()]
    for name, value in message.headers:
        shown = f"X-Archive-Orig-{name}" if name.lower() in _OF_THE_WIRE else name
        lines.append(f"{shown}: {value}")
    lines.append(f"Content-Length: {len(message.body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + message.body
