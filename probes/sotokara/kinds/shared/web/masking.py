"""What a response tells of who asked: cookies, addresses that are echoed, places near to him.

Behind a NAT no interface has the address that a server sees, and many pages print it. So an address
in a response that is none of those asked is taken for ours, unless the author says that the page's
own are to be kept. Of headers the values are kept whose meaning is known; the rest may name the
cache that is nearest to the author, or the address that he came from.
"""

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

import msgspec

from sotokara.core.addresses import Address
from sotokara.core.observation import Exchange
from sotokara.kinds.shared.web.message import HttpMessage, format_message, parse_message

SHOWN = frozenset(
    (  # noqa: SIM905  # a column of words is easier to read
        "accept-ranges access-control-allow-origin allow alt-svc cache-control connection "
        "content-disposition content-encoding content-language content-length content-location "
        "content-range content-security-policy content-security-policy-report-only content-type "
        "cross-origin-embedder-policy cross-origin-opener-policy cross-origin-resource-policy date "
        "etag expires feature-policy keep-alive last-modified link location origin-agent-cluster "
        "p3p permissions-policy pragma referrer-policy refresh retry-after server "
        "strict-transport-security trailer transfer-encoding upgrade vary www-authenticate "
        "x-aspnet-version x-content-type-options x-dns-prefetch-control x-download-options "
        "x-drupal-cache x-frame-options x-generator x-pingback x-powered-by x-redirect-by "
        "x-robots-tag x-runtime x-ua-compatible x-xss-protection"
    ).split()
)
"""Headers whose values say what the server is or wants, and nothing of who asked."""
_IPV4 = re.compile(rb"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)")
_IPV6 = re.compile(rb"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_LETTER = re.compile(r"[0-9A-Za-z]")
_COOKIE = re.compile(r"([^=;]*=)([^;]*)")
_SENT_COOKIES = re.compile(rb"((?:^|\n)(?:Cookie|Authorization):)([^\r\n]*)", re.IGNORECASE)
_SHOWN = re.compile(rb"[^\s=;]")


def mask_message(message: HttpMessage, asked: Iterable[str], *, addresses: bool) -> HttpMessage:
    """A hop without cookies' values, unknown headers' values and addresses.

    ``asked``: the addresses that were contacted, which stay; ``addresses``: all others stay too.
    """
    known = set(asked)
    headers = [(name, _value(name, value)) for name, value in message.headers]
    if not addresses:
        headers = [
            (name, without_addresses(value.encode(), known).decode()) for name, value in headers
        ]
    body = message.body if addresses else without_addresses(message.body, known)
    return message._replace(headers=headers, body=body)


def without_cookies(request: bytes) -> bytes:
    """The head of a request without what its cookies hold."""
    return _SENT_COOKIES.sub(lambda match: match[1] + _SHOWN.sub(b"x", match[2]), request)


def _value(name: str, value: str) -> str:
    lower = name.lower()
    if lower == "set-cookie":  # its name and attributes stay
        return _COOKIE.sub(lambda match: match[1] + "x" * min(len(match[2]), 16), value, 1)
    return value if lower in SHOWN else _LETTER.sub("x", value)[:64]


def without_addresses(content: bytes, asked: Iterable[str]) -> bytes:
    """Text without addresses, but for those that were contacted."""
    known: set[Address] = {ip_address(one) for one in asked if _is_address(one)}

    def hide(match: re.Match[bytes]) -> bytes:
        text = match[0].decode()
        if not _is_address(text) or ip_address(text) in known:
            return match[0]
        return re.sub(rb"[0-9A-Fa-f]", b"x", match[0])

    if content.count(b".") >= 3:  # noqa: PLR2004  # an address's
        content = _IPV4.sub(hide, content)
    if content.count(b":") >= 2:  # noqa: PLR2004
        content = _IPV6.sub(hide, content)
    return content


def _is_address(text: str) -> bool:
    try:
        found = ip_address(text)
    except ValueError:
        return False
    return not (found.is_unspecified or found.is_loopback)


# The hops of one definition, masked before anything is read or kept of them.


def mask_web_exchanges(exchanges: Sequence[Exchange], *, addresses: bool) -> list[Exchange]:
    """The exchanges with cookies, headers and echoed addresses masked."""
    messages = [parse_message(one.received or b"") for one in exchanges]
    asked = [one.notes.get("address", "") for one in messages if one is not None]
    found = []
    for one, message in zip(exchanges, messages, strict=True):
        if message is None:
            found.append(one)
            continue
        received = format_message(mask_message(message, asked, addresses=addresses))
        found.append(msgspec.structs.replace(one, received=received))
    return found
