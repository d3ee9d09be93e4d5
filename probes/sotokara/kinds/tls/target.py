"""Whom a definition asks: ``host``, ``host:port``, ``[2001:db8::1]:853``."""

import re
from typing import NamedTuple

import dns.exception
import dns.name

from sotokara.core.addresses import is_address

HTTPS = 443
_BY_PORT = {
    25: "smtp",
    587: "smtp",
    143: "imap",
    110: "pop3",
    5222: "xmpp",
    5269: "xmpp-server",
}
"""Ports on which TLS begins by STARTTLS, as a rule."""
_LITERAL = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?")
_MOST_PORT = 65535
_FEWEST_LABELS = 2


class Target(NamedTuple):
    """A host (A-labels in lower case, or an address) and a port."""

    host: str
    port: int

    @property
    def text(self) -> str:
        """In its one normal spelling; the usual port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS else f"{host}:{self.port}"


def read_target(text: str) -> Target:
    """The target. :raises ValueError: for what is none; the text says why."""
    text = text.strip()
    if is_address(text):
        return Target(text.lower(), HTTPS)
    if match := _LITERAL.fullmatch(text):
        if not is_address(match[1]):
            raise ValueError(f"{match[1]!r} is no address")
        return Target(match[1].lower(), _port(match[2]))
    host, colon, port = text.partition(":")
    if is_address(host):
        return Target(host, _port(port if colon else None))
    return Target(_host(host), _port(port if colon else None))


def _port(text: str | None) -> int:
    if text is None:
        return HTTPS
    if not text.isdecimal() or not 0 < int(text) <= _MOST_PORT:
        raise ValueError(f"there is no port {text!r}")
    return int(text)


def _host(text: str) -> str:
    if not text or any(mark in text for mark in "/@ []\\?#%"):
        raise ValueError("a host has no slash, bracket or space")
    try:
        name = dns.name.from_text(text, idna_codec=dns.name.IDNA_2008_Practical)
    except dns.exception.DNSException as error:
        raise ValueError(str(error)) from error
    if len(name.labels) < _FEWEST_LABELS or name.labels[-2].isdigit():
        raise ValueError("a number is no host name")
    return name.to_text(omit_final_dot=True).lower()


def starttls_of(port: int, chosen: str) -> str:
    """The protocol in which TLS is begun on a port; empty: TLS at once."""
    if chosen == "none":
        return ""
    return chosen or _BY_PORT.get(port, "")
