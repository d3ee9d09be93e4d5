"""A TLS handshake as a visitor makes it, with whatever a server has: chain as sent, staple, ALPN.

OpenSSL speaks through memory (pyOpenSSL, of the extra ``web``), so the socket stays the network's
own: connected under the blog's policy, bounded in bytes and time. Nothing is verified here.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import quoteattr

from sotokara.core.observation import ProbeFailure
from sotokara.network.network import Connection

if TYPE_CHECKING:
    from OpenSSL import SSL

HANDSHAKE = "handshake"
_MOST_BYTES = 1024 * 1024
"""What a server may send before it has shown its certificate."""
_MOST_CERTIFICATES = 10
_PIECE = 16384
_RECORDS = range(20, 24)
"""The types of TLS records (RFC 8446, 5.1)."""
_TOO_LARGE = ("excessive message size", "length too long", "dtls message too big")


class Handshake(NamedTuple):
    """What a server showed. ``chain`` in DER, its own certificate first; ``staple`` as it came."""

    version: str
    cipher: str
    alpn: str
    chain: list[bytes]
    staple: bytes


async def shake_hands(connection: Connection, sni: str, alpn: Sequence[str]) -> Handshake:
    """Hold the handshake over a connected socket, which stays open and the caller's, as is time.

    ``sni``: the name asked for (RFC 6066), none where it is empty.

    :raises ProbeFailure: ``ssl_failed_handshake``, ``tls_not_spoken``, ``message_size``,
        ``eof_error``; ``extra_missing`` without pyOpenSSL.
    :raises OSError: for the connection's own failures.
    """
    try:
        from OpenSSL import SSL  # an extra, and slow to start
    except ImportError as error:
        detail = "pip install 'sotokara[web]'"
        raise ProbeFailure("extra_missing", HANDSHAKE, detail) from error
    staples: list[bytes] = []
    talk = SSL.Connection(_context(tuple(alpn)), None)
    talk.set_app_data(staples)
    if sni:
        talk.set_tlsext_host_name(sni.encode("ascii"))
    talk.request_ocsp()
    talk.set_connect_state()
    await _hold(talk, connection)
    return Handshake(
        talk.get_protocol_version_name(),
        talk.get_cipher_name() or "",
        talk.get_alpn_proto_negotiated().decode("ascii", "backslashreplace"),
        _chain(talk),
        staples[0] if staples else b"",
    )


def _keep(talk: "SSL.Connection", staple: bytes, _data: object) -> bool:
    if staple:
        talk.get_app_data().append(staple)
    return True


@lru_cache(maxsize=16)  # it is a millisecond's work, and keeps nothing of a handshake
def _context(alpn: tuple[str, ...]) -> "SSL.Context":
    from OpenSSL import SSL

    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_verify(SSL.VERIFY_NONE)
    context.set_min_proto_version(SSL.TLS1_VERSION)
    context.set_cipher_list(b"DEFAULT:@SECLEVEL=0")  # we look, and trust nobody with anything
    context.set_options(SSL.OP_LEGACY_SERVER_CONNECT)  # old servers are evidence too
    context.set_ocsp_client_callback(_keep)
    if alpn:
        context.set_alpn_protos([one.encode("ascii") for one in alpn])
    return context


async def _hold(talk: "SSL.Connection", connection: Connection) -> None:
    from OpenSSL import SSL

    loop = asyncio.get_running_loop()
    heard, begin = 0, b""
    while True:
        try:
            talk.do_handshake()
        except SSL.WantReadError:
            done = False
        except SSL.Error as error:
            await _flush(talk, connection)
            raise _failed(error, begin) from error
        else:
            done = True
        await _flush(talk, connection)
        if done:
            return
        piece = await loop.sock_recv(connection, _PIECE)
        if not piece:
            raise ProbeFailure("eof_error", HANDSHAKE)
        begin = begin or piece[:3]
        heard += len(piece)
        if heard > _MOST_BYTES:
            raise ProbeFailure("message_size", HANDSHAKE, f"more than {_MOST_BYTES // 1024} KiB")
        talk.bio_write(piece)


async def _flush(talk: "SSL.Connection", connection: Connection) -> None:
    from OpenSSL import SSL

    while True:
        try:
            out = talk.bio_read(_PIECE)
        except SSL.WantReadError:
            return
        await asyncio.get_running_loop().sock_sendall(connection, out)


def _failed(error: Exception, begin: bytes) -> ProbeFailure:
    """The failure that OpenSSL's words stand for; they carry nothing of ours."""
    queue = error.args[0] if error.args and isinstance(error.args[0], list) else []
    said = [str(one[-1]) for one in queue if one]
    reason = "; ".join(dict.fromkeys(said))[:200]
    spoken = bool(begin) and begin[0] in _RECORDS and begin[1:2] in (b"\3", b"")
    if begin and not spoken:
        return ProbeFailure("tls_not_spoken", HANDSHAKE, reason)
    if any(one in reason for one in _TOO_LARGE):
        return ProbeFailure("message_size", HANDSHAKE, reason)
    return ProbeFailure("ssl_failed_handshake", HANDSHAKE, reason)


def _chain(talk: "SSL.Connection") -> list[bytes]:
    from OpenSSL import crypto

    sent = talk.get_peer_cert_chain() or []
    return [crypto.dump_certificate(crypto.FILETYPE_ASN1, one) for one in sent[:_MOST_CERTIFICATES]]


# STARTTLS of mail and XMPP: a connection in the clear, brought to where TLS begins.
#
# Only as much is said as is needed for that, and nothing of what is heard is kept: greetings echo
# who asks. RFC 3207 (SMTP), 9051 (IMAP), 2595 (POP3), 6120 (XMPP).

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
