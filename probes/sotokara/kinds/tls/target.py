"""Whom a definition asks: ``host``, ``host:port``, ``[2001:db8::1]:853``."""

import re
from typing import NamedTuple

from sotokara.core.addresses import is_address
from sotokara.core.said import said
from sotokara.kinds.shared.host import PORTS, domain_name

HTTPS = 443
WEB = ("h2", "http/1.1")
"""The protocols that are offered there, where an author names none."""
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


class TlsTarget(NamedTuple):
    """A host (A-labels in lower case, or an address) and a port."""

    host: str
    port: int

    @property
    def text(self) -> str:
        """In its one normal spelling; the usual port is left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS else f"{host}:{self.port}"


def read_target(text: str) -> TlsTarget:
    """The target. :raises ValueError: for what is none; the text says why."""
    text = text.strip()
    if is_address(text):
        return TlsTarget(text.lower(), HTTPS)
    if match := _LITERAL.fullmatch(text):
        if not is_address(match[1]):
            raise ValueError(said("{!r} is no address", match[1]))
        return TlsTarget(match[1].lower(), _port(match[2]))
    host, colon, port = text.partition(":")
    if is_address(host):
        return TlsTarget(host, _port(port if colon else None))
    return TlsTarget(domain_name(host), _port(port if colon else None))


def _port(text: str | None) -> int:
    if text is None:
        return HTTPS
    if not text.isdecimal() or int(text) not in PORTS:
        raise ValueError(said("there is no port {!r}", text))
    return int(text)


def starttls_of(port: int, chosen: str) -> str:
    """The protocol in which TLS is begun on a port; empty: TLS at once."""
    if chosen == "none":
        return ""
    return chosen or _BY_PORT.get(port, "")
