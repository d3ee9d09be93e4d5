"""What a browser says when no page came, under the names of our failures."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from sotokara.core.observation import ProbeFailure
from sotokara.network.proxy import ProxyAttempt

_CODE = re.compile(r"net::ERR_([A-Z0-9_]+)")
_NAMES = (
    ("EMPTY_RESPONSE", "eof_error"),
    ("CONNECTION_CLOSED", "eof_error"),
    ("CONNECTION_RESET", "connection_reset"),
    ("CONNECTION_REFUSED", "connection_refused"),
    ("RESPONSE_HEADERS_TOO_BIG", "message_size"),
    ("SSL_", "ssl_failed_handshake"),
    ("BAD_SSL_", "ssl_failed_handshake"),
    ("CERT_", "ssl_failed_handshake"),
    ("ECH_", "ssl_failed_handshake"),
    ("TIMED_OUT", "generic_timeout_error"),
)
_DOWNLOAD = "it is a download, and no page"
_SAID = {"TOO_MANY_REDIRECTS": "it redirects in a circle", "ABORTED": _DOWNLOAD}
_GONE = ("navigated or closed", "context was destroyed", "Cannot find context", "Frame with ID")
_NO_FAULT = ("crash", "Target closed", "Browser closed", "has been closed", "Connection closed")


def failure_of(said: str, url: str, attempts: Sequence[ProxyAttempt]) -> ProbeFailure:
    """The failure that an error of the browser stands for.

    Where the proxy could not connect with the page's host, it is the proxy that knows why.
    """
    host = urlsplit(url).hostname or ""
    if leads_on(said):
        return ProbeFailure("server_misbehaving", host, "it leads on and on, and never stays")
    if "Download is starting" in said:
        return ProbeFailure("server_misbehaving", host, _DOWNLOAD)
    code = _CODE.search(said)
    if code is None:
        closed = any(one.lower() in said.lower() for one in _NO_FAULT)
        what = (
            "it ended before the page was there"
            if closed
            else said.split("\n", maxsplit=1)[0][:100]
        )
        return ProbeFailure("browser_failed", "page", what)
    last = attempts[-1] if attempts else None
    tried = [one for one in attempts if last and one.host == last.host and one.port == last.port]
    if tried and all(one.failure for one in tried):
        known = tried[-1].failure
        assert known is not None  # noqa: S101  # all have one
        return ProbeFailure(known.name, known.step, known.detail)
    for begin, name in _NAMES:
        if code[1].startswith(begin):
            return ProbeFailure(name, host, f"the browser says {code[1]}")
    return ProbeFailure(
        "server_misbehaving", host, _SAID.get(code[1], f"the browser says {code[1]}")
    )


def leads_on(said: str) -> bool:
    """Whether an error says that the page has gone on to another one meanwhile."""
    return any(one in said for one in _GONE)
