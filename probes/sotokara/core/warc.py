"""Web archives (WARC 1.1, ISO 28500): what was sent and received of web pages, for other tools.

Each record is a gzip member of its own, as the standard's annex has it. A download of a reader's;
nothing here reads one.
"""

import gzip
import uuid
from base64 import b32encode
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha1
from typing import NamedTuple

from sotokara.core.observation import Observation

_NAMESPACE = uuid.UUID("7d3ccd2f-6d4b-5c39-9d1c-0c7f6f1f8f55")


class WebExchange(NamedTuple):
    """One request and its response, as HTTP/1.1 writes them, and when it was asked (UTC)."""

    url: str
    moment: datetime
    request: bytes
    response: bytes
    address: str = ""


class WebRecord(NamedTuple):
    """What was made of a page (its picture, its document), and when (UTC)."""

    url: str
    moment: datetime
    media_type: str
    content: bytes


def archive_of(observation: Observation, pages: Iterable[WebExchange | WebRecord]) -> bytes:
    """The archive of one observation's pages."""
    about = {
        "software": observation.vantage.software,
        "format": "WARC File Format 1.1",
        "description": f"{observation.id}, as kept: without transfer encoding, and masked",
    }
    return warc(pages, about)


def warc(exchanges: Iterable[WebExchange | WebRecord], about: dict[str, str]) -> bytes:
    """An archive of exchanges. ``about``: what its first record says (``software``, …)."""
    every = list(exchanges)
    info = "".join(f"{key}: {_line(value)}\r\n" for key, value in about.items()).encode()
    moment = every[0].moment if every else datetime.now(UTC)
    records = [_record("warcinfo", "", moment, "application/warc-fields", info)]
    for one in every:
        if isinstance(one, WebRecord):
            records.append(_record("resource", one.url, one.moment, one.media_type, one.content))
            continue
        response = _record("response", one.url, one.moment, _HTTP + "response", one.response, one)
        records += [
            response,
            _record("request", one.url, one.moment, _HTTP + "request", one.request, one),
        ]
    return b"".join(gzip.compress(record, mtime=0) for record in records)


_HTTP = "application/http;msgtype="


def _record(  # noqa: PLR0913, PLR0917  # a record's parts
    kind: str,
    url: str,
    moment: datetime,
    media_type: str,
    block: bytes,
    of: WebExchange | None = None,
) -> bytes:
    date = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    number = uuid.uuid5(_NAMESPACE, f"{kind} {url} {date} {sha1(block).hexdigest()}")  # noqa: S324
    fields = {"WARC-Type": kind, "WARC-Record-ID": f"<urn:uuid:{number}>", "WARC-Date": date}
    if url:
        fields["WARC-Target-URI"] = _line(url)
    if of is not None:
        response = uuid.uuid5(
            _NAMESPACE,
            f"response {url} {date} {sha1(of.response).hexdigest()}",  # noqa: S324
        )
        if kind == "request":
            fields["WARC-Concurrent-To"] = f"<urn:uuid:{response}>"
        elif of.address:
            fields["WARC-IP-Address"] = _line(of.address)
        _, _, payload = block.partition(b"\r\n\r\n")
        digest = b32encode(sha1(payload).digest()).decode()  # noqa: S324  # as archives have it
        fields["WARC-Payload-Digest"] = f"sha1:{digest}"
    fields |= {"Content-Type": media_type, "Content-Length": str(len(block))}
    head = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def _line(text: str) -> str:
    return " ".join(text.split())
