"""What is read of a response's headers: those that can be compared, the names of its cookies."""

import re

from sotokara.kinds.shared.web.message import Message

_COMPARED = frozenset(
    (  # noqa: SIM905  # a column of words is easier to read
        "server content-type content-language strict-transport-security content-security-policy "
        "x-powered-by x-generator x-frame-options x-content-type-options x-robots-tag "
        "x-redirect-by "
        "referrer-policy permissions-policy cross-origin-opener-policy alt-svc cache-control vary "
        "www-authenticate retry-after content-encoding"
    ).split()
)
"""Headers that are the same until somebody changes the server."""
_NONCE = re.compile(r"nonce-[A-Za-z0-9+/_=-]+")
_MOST_VALUE = 500
_MOST_COOKIES = 50


def compared(message: Message) -> dict[str, str]:
    """Headers that can be compared, by name in lower case; several of one name are joined."""
    found: dict[str, str] = {}
    for name, value in message.headers:
        key = name.lower()
        if key in _COMPARED:
            plain = _NONCE.sub("nonce-…", value)[:_MOST_VALUE]
            found[key] = f"{found[key]}, {plain}" if key in found else plain
    return dict(sorted(found.items()))


def cookies_of(message: Message) -> list[str]:
    """The names of the cookies that a response sets."""
    set_ = (value for name, value in message.headers if name.lower() == "set-cookie")
    return sorted({value.partition("=")[0].strip() for value in set_})[:_MOST_COOKIES]
