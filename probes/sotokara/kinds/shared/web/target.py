"""Web addresses: which can be asked for, in which spelling, and where a redirect leads."""

import re
import string
from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from sotokara.core.said import said
from sotokara.kinds.interface import OptionError
from sotokara.kinds.shared.host import host_name

MOST_HOPS = 10
REDIRECTS = (301, 302, 303, 307, 308)
_SAFE = "%/:=&?~#+!$,;'@()*[]"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LONGEST = 4000
_LANGUAGE = frozenset(string.ascii_letters + string.digits + "-,;=.* ")
"""Characters of ``Accept-Language`` (RFC 9110, 12.5.4)."""


def read_url(text: str) -> str:
    """A web address in its normal spelling: scheme, A-labels, escapes, a path; no fragment.

    :raises ValueError: for what is none; the text says why.
    """
    text = text.strip()
    if len(text) > _LONGEST or re.search(r"[\x00-\x20\x7f]", text):
        raise ValueError(said("it has spaces, control characters, or no end"))
    if not _SCHEME.match(text) or "://" not in text:
        text = f"https://{text}"
    parts = urlsplit(text)
    if parts.scheme.lower() not in ("http", "https"):
        raise ValueError(said("{} is not spoken here", parts.scheme))
    if parts.username is not None or parts.password is not None:
        raise ValueError(said("names and passwords in addresses are not sent"))
    if parts.port == 0:
        raise ValueError(said("there is no port 0"))
    named = _host(parts.hostname or "")
    usual = {"http": 80, "https": 443}[parts.scheme.lower()]
    port = f":{parts.port}" if parts.port not in (None, usual) else ""
    path = quote(parts.path or "/", safe=_SAFE)
    query = quote(parts.query, safe=_SAFE)
    return urlunsplit((parts.scheme.lower(), named + port, path, query, ""))


def _host(text: str) -> str:
    if not text:
        raise ValueError(said("there is no host in it"))
    if ":" in text:
        return f"[{text.lower()}]"
    try:
        return host_name(text)
    except ValueError as error:
        raise ValueError(said("{!r} is no host ({})", text, error)) from error


def wrong_visit(target: str, language: str) -> Iterator[OptionError]:
    """A target that is no web address, and a list of languages that no header can hold."""
    try:
        read_url(target)
    except ValueError as error:
        what = said("{!r} is no web address ({})", target, error)
        yield OptionError("target", what, said("write https://example.com/"))
    if not _LANGUAGE.issuperset(language):
        what = said("{!r} is no list of languages", language)
        yield OptionError("language", what, said("write ja, or ja,en;q=0.5"))


def onward(url: str, location: str) -> str:
    """Where a redirect leads, in its normal spelling.

    :raises ValueError: where that is no web address.
    """
    return read_url(urljoin(url, location.strip()))
