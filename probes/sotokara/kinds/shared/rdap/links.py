"""Where RDAP leads: redirects, and the links of an object (RFC 7480, 5.2; RFC 9083, 4.2)."""

from urllib.parse import urljoin, urlsplit

from sotokara.core.observation import Exchange, Failure
from sotokara.kinds.shared.rdap.message import content
from sotokara.kinds.shared.rdap.plain import dicts, text_or_empty, vocabulary_word

_RDAP = "application/rdap+json"
_PORTS = {"https": 443, "http": 80}
_LONGEST_LABEL = 63
"""RFC 1035, 2.3.4."""


def host_of(url: str) -> str:
    """The host of a URL; empty where there is none, and for what is no URL."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def following(url: str, location: str) -> tuple[str, str]:
    """Where a redirect leads, and what is wrong with it: the name of a failure, or nothing.

    Redirects are followed to the ports of the web (443, 80) and to the one that was asked, never
    back from https to http.
    """
    try:
        onward = urljoin(url, location.strip())
        before, after = urlsplit(url), urlsplit(onward)
        same = (after.hostname, after.port) == (before.hostname, before.port)
        fits = after.scheme in ("https", before.scheme) and (same or of_the_web(onward))
    except ValueError:
        return location, "server_misbehaving"
    return onward, "" if location.strip() and fits and _named(onward) else "server_misbehaving"


def of_the_web(url: str) -> bool:
    """Whether a URL is one of https or http, of the port that belongs to it."""
    try:
        parts = urlsplit(url)
        usual = _PORTS.get(parts.scheme)
        return usual is not None and (parts.port or usual) == usual and _named(url)
    except ValueError:
        return False


def _named(url: str) -> bool:
    """Whether the host is one that a name server could be asked about, without a user before it."""
    labels = host_of(url).rstrip(".").split(".")
    plain = all(0 < len(one) <= _LONGEST_LABEL and one.isascii() for one in labels)
    return plain and "@" not in urlsplit(url).netloc


def related(exchange: Exchange, relation: tuple[str, ...]) -> str:
    """The URL of a link of the object by its relation, where it is RDAP and https."""
    found = content(exchange)
    if isinstance(found, Failure):
        return ""
    for link in dicts(found.get("links")):
        url = text_or_empty(link.get("href"))
        fits = vocabulary_word(link.get("rel")) in relation and text_or_empty(link.get("type")) in (
            _RDAP,
            "",
        )
        if fits and url.startswith("https://") and of_the_web(url):
            return url
    return ""
