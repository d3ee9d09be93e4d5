"""STARTTLS of mail and XMPP: a connection in the clear, brought to where TLS begins.

Only as much is said as is needed for that, and nothing of what is heard is kept: greetings echo
who asks. RFC 3207 (SMTP), 9051 (IMAP), 2595 (POP3), 6120 (XMPP).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from xml.sax.saxutils import quoteattr

from sotokara.core.observation import ProbeFailure
from sotokara.network.network import Connection

STARTTLS = "STARTTLS"
_MOST = 65536
_HELLO = "sotokara.invalid"
"""The name given in EHLO: nobody's (RFC 2606)."""
_SMTP = re.compile(rb"(?:\d{3}-[^\n]*\n)*(\d{3})(?: [^\n]*)?\r?\n")
_LINE = re.compile(rb"[^\n]*\n")
_IMAP = re.compile(rb"(?:\*[^\n]*\n)*a1 (\w+)[^\n]*\n")
_XML = re.compile(
    rb"(?s).*?(</stream:features>|<proceed\b[^>]*>|<failure\b[^>]*>|</stream:stream>)"
)


class _Talk:
    """One conversation in the clear, bounded in bytes; time is bounded by the caller."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.left = b""

    async def say(self, text: str) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._connection, text.encode("ascii"))

    async def hear(self, form: re.Pattern[bytes]) -> re.Match[bytes]:
        """The next reply of a form; what was heard behind it is left.

        :raises ProbeFailure: ``eof_error``, ``message_size``.
        """
        loop = asyncio.get_running_loop()
        while not (match := form.match(self.left)):
            if len(self.left) > _MOST:
                raise ProbeFailure("message_size", STARTTLS, f"more than {_MOST // 1024} KiB")
            piece = await loop.sock_recv(self._connection, 4096)
            if not piece:
                raise ProbeFailure("eof_error", STARTTLS)
            self.left += piece
        self.left = self.left[match.end() :]
        return match


async def begin_tls(connection: Connection, protocol: str, host: str) -> None:
    """Speak ``protocol`` until TLS may begin.

    :raises ProbeFailure: ``starttls_not_offered``, ``server_misbehaving``, ``eof_error``.
    :raises OSError: for the connection's own failures.
    """
    talk = _Talk(connection)
    await _WAYS[protocol](talk, host)
    if talk.left:  # what somebody put in before the encryption (CVE-2011-0411 and its like)
        detail = "text in the clear after the reply to STARTTLS"
        raise ProbeFailure("server_misbehaving", STARTTLS, detail)


def _want(happened: object, step: str) -> None:
    if not happened:
        raise ProbeFailure("starttls_not_offered", STARTTLS, step)


async def _smtp(talk: _Talk, _host: str) -> None:
    banner = await talk.hear(_SMTP)
    _want(banner[1] == b"220", "banner")
    await talk.say(f"EHLO {_HELLO}\r\n")
    offered = await talk.hear(_SMTP)
    _want(re.search(rb"(?im)^250[- ]STARTTLS\b", offered[0]), "EHLO")
    await talk.say("STARTTLS\r\n")
    _want((await talk.hear(_SMTP))[1] == b"220", STARTTLS)


async def _imap(talk: _Talk, _host: str) -> None:
    greeting = await talk.hear(_LINE)
    _want(greeting[0].upper().startswith(b"* OK"), "greeting")
    await talk.say("a1 STARTTLS\r\n")
    _want((await talk.hear(_IMAP))[1].upper() == b"OK", STARTTLS)


async def _pop3(talk: _Talk, _host: str) -> None:
    greeting = await talk.hear(_LINE)
    _want(greeting[0].startswith(b"+OK"), "greeting")
    await talk.say("STLS\r\n")
    _want((await talk.hear(_LINE))[0].startswith(b"+OK"), STARTTLS)


async def _xmpp(talk: _Talk, host: str, namespace: str = "jabber:client") -> None:
    await talk.say(
        f"<?xml version='1.0'?><stream:stream xmlns='{namespace}' "
        f"xmlns:stream='http://etherx.jabber.org/streams' to={quoteattr(host)} version='1.0'>"
    )
    features = await talk.hear(_XML)
    _want(b"urn:ietf:params:xml:ns:xmpp-tls" in features[0], "features")
    await talk.say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    _want((await talk.hear(_XML))[1].startswith(b"<proceed"), STARTTLS)
    if talk.left.strip() in (b"", b"</proceed>"):
        talk.left = b""


async def _xmpp_server(talk: _Talk, host: str) -> None:
    await _xmpp(talk, host, "jabber:server")


_WAYS: dict[str, Callable[[_Talk, str], Awaitable[None]]] = {
    "smtp": _smtp,
    "imap": _imap,
    "pop3": _pop3,
    "xmpp": _xmpp,
    "xmpp-server": _xmpp_server,
}
PROTOCOLS = tuple(_WAYS)
"""What ``begin_tls`` speaks."""
