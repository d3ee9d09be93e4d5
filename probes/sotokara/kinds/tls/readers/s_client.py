"""``openssl s_client``: the chain, the certificate, protocol and cipher, OpenSSL's verdict.

OpenSSL does not look at the name unless it is told to, so its “ok” is the verdict only where the
certificate's names are there to be held against the target.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from sotokara.core.observation import Failure
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.tls.facts import TlsFacts
from sotokara.kinds.tls.readers.lines import (
    begins_pem,
    certificate_facts,
    common_name_of,
    matched,
    name_of,
    take_pem,
)
from sotokara.kinds.tls.target import HTTPS, read_target

BEGINS = re.compile(
    r"\s*(?:CONNECTED\([0-9A-Fa-f]+\)|Connecting to \S+|CONNECTION ESTABLISHED"
    r"|depth=\d+ .*|Certificate chain)\s*$"
)
_CODE = re.compile(r"\s*Verify return code: (\d+) \((.*)\)\s*$")
_BRIEF = re.compile(r"\s*Verification(?: error)?: (.*)$")
_VERDICTS = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    19: "not_trusted",
    20: "not_trusted",
    21: "not_trusted",
    23: "revoked",
    62: "name_mismatch",
}
_WORDS = {
    "certificate is not yet valid": 9,
    "certificate has expired": 10,
    "self-signed certificate": 18,
    "self signed certificate": 18,
    "unable to get local issuer certificate": 20,
    "unable to verify the first certificate": 21,
    "certificate revoked": 23,
    "hostname mismatch": 62,
    "Hostname mismatch": 62,
}
_VERSION = re.compile(
    r"\s*(?:Protocol\s*: |Protocol version: |New, )(TLSv1(?:\.[0-3])?|SSLv[23])"
    r"(?:, Cipher is (\S+))?\s*$"
)
_CIPHER = re.compile(r"\s*(?:Cipher\s+: |Ciphersuite: )(\S+)\s*$")
_ALPN = re.compile(r"\s*ALPN protocol: (\S+)\s*$")
_SUBJECT = re.compile(r"\s*(?:subject=|Peer certificate: )(.*)$")
_ISSUER = re.compile(r"\s*issuer=(.*)$")
_OCSP = re.compile(r"\s*Cert Status: (good|revoked|unknown)\s*$")
_NO_OCSP = re.compile(r"\s*OCSP response: no response sent\s*$")
_FAILURES = (
    (re.compile(r"wrong version number|packet length too long|http request"), "tls_not_spoken"),
    (re.compile(r"alert (?:protocol version|unrecognized name)|handshake failure"),
     "ssl_failed_handshake"),
    (re.compile(r"(?:connect|Connection).*refused", re.IGNORECASE), "connection_refused"),
    (re.compile(r"No address associated|not known|servname"), "dns_no_answer"),
    (re.compile(r"Connection timed out"), "generic_timeout_error"),
    (re.compile(r"Didn't find STARTTLS|Didn't found starttls"), "starttls_not_offered"),
)  # fmt: skip
_FAILED = re.compile(
    r"\s*(?:[0-9A-Fa-f]{6,}:error:.*|connect: .*|connect:errno=\d+|BIO_connect:.*"
    r"|Didn't f\w+ (?i:starttls).*|no peer certificate available)\s*$"
)
_NOISE = re.compile(
    r"\s*(?:---|verify (?:error|return):.*|depth=\d+ .*|\d+ s:.*|i:.*|a:.*|v:.*"
    r"|Server certificate|No client certificate CA names sent|Acceptable client certificate.*"
    r"|Client Certificate Types:.*|Requested Signature Algorithms:.*"
    r"|Shared Requested Signature Algorithms:.*|Peer sign\w* .*|Server Temp Key:.*"
    r"|Peer Temp Key:.*|Negotiated \S+ group:.*|SSL handshake has read .*|Verification: OK"
    r"|Server public key is .*|Secure Renegotiation .*|This TLS version forbids .*"
    r"|Compression: .*|Expansion: .*|No ALPN negotiated|Early data .*|SSL-Session:|Session-ID.*"
    r"|Master-Key:.*|Resumption PSK:.*|PSK.*|SRP username:.*|Key-Arg\s*:.*|Start Time:.*"
    r"|Timeout\s*:.*|Extended master secret:.*|Max Early Data:.*|TLS session ticket.*"
    r"|[0-9a-f]{4} - (?:[0-9a-f]{2}[ -]){1,16}.*|read R BLOCK|DONE|closed|Q|QUIT"
    r"|Post-Handshake New Session Ticket.*|Hash used:.*|Signature type:.*|Peer .*"
    r"|OCSP response:?.*|=+|OCSP Response (?:Data|Status).*|Response Type:.*|Version: \d.*"
    r"|Responder Id:.*|Produced At:.*|Responses:|Certificate ID:|Hash Algorithm:.*"
    r"|Issuer (?:Name|Key) Hash:.*|Serial Number:.*|This Update:.*|Next Update:.*"
    r"|Signature Algorithm:.*|Signature Value:|(?:[0-9a-f]{2}:){2,}(?:[0-9a-f]{2})?|250 \S+"
    r"|DANE TLSA .*|Verified peername:.*|Certificate chain|CONNECTED\(.*|Connecting to .*"
    r"|not(?:Before|After)=.*|New, \(NONE\).*|Revocation (?:Time|Reason): .*"
    r"|CONNECTION ESTABLISHED|Using TLSv.*|NO_RENEGOTIATION.*|error: .*)\s*$"
)


class _Session:
    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.found: dict[str, Any] = {}
        self.code: int | None = None
        self.failure = ""

    def read_all(self) -> None:
        cursor = self.cursor
        while cursor.more and cursor.typed is None:
            text = cursor.peek()
            if not text.strip():
                if not self._goes_on():
                    break
                cursor.take()
            elif begins_pem(text):
                self._pem()
            elif self._line(text) or _NOISE.match(text):
                cursor.take()
            elif self.code is not None or not self._goes_on():
                break
            else:
                cursor.skip_unread()

    def _goes_on(self) -> bool:
        """Whether a line of this tool's follows soon."""
        ahead = [self.cursor.peek(at) for at in range(1, 7)]
        return any(
            one.strip() not in ("", "---")
            and (_NOISE.match(one) or _CODE.match(one) or _VERSION.match(one))
            for one in ahead
        )

    def _pem(self) -> None:
        der = take_pem(self.cursor)
        if der is None:
            self.cursor.skip_unread()
        elif "fingerprint" not in self.found:  # the first is the server's own
            self.found |= certificate_facts(der)

    def _line(self, text: str) -> bool:  # noqa: C901, PLR0912  # one branch a form of line
        """Take in a line that states a fact; whether it is one."""
        found = self.found
        if match := _VERSION.match(text):
            found.setdefault("version", match[1])
            if match[2] and match[2] != "(NONE)":
                found.setdefault("cipher", match[2])
        elif match := _CIPHER.match(text):
            if match[1] != "0000":
                found.setdefault("cipher", match[1])
        elif match := _ALPN.match(text):
            found["protocol"] = match[1]
        elif match := _SUBJECT.match(text):
            if name := name_of(match[1]):
                found.setdefault("subject", name)
        elif match := _ISSUER.match(text):
            if name := common_name_of(match[1]):
                found.setdefault("issuer", name)
        elif match := _OCSP.match(text):
            found["ocsp"] = match[1]
        elif _NO_OCSP.match(text):
            found["ocsp"] = "none"
        elif match := _CODE.match(text):
            self.code = int(match[1])
        elif (match := _BRIEF.match(text)) and (match[1] == "OK" or match[1] in _WORDS):
            self.code = _WORDS.get(match[1], 0)
        elif _FAILED.match(text):
            self.failure = self.failure or next(
                (name for form, name in _FAILURES if form.search(text)), ""
            )
        else:
            return False
        return True


def read_s_client(
    lines: Sequence[PastedLine], at: int, typed: Command | None = None
) -> Parsed | None:
    """A session, from where it says that it is connected to OpenSSL's verdict."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    own = asked_endpoint(typed)
    first = cursor.peek()
    begins = BEGINS.match(first) or (own.target and (_FAILED.match(first) or first == "---"))
    if not begins:
        return None
    session = _Session(cursor)
    session.read_all()
    options: dict[str, Any] = {"options": own.options} if own.options else {}
    found = session.found
    if not found and session.failure:
        failure = Failure(session.failure, "handshake")
        return cursor.listing("s_client", "tls", own.target, failure=failure, **options)
    if not found and session.code is None:
        return None
    verdict = _verdict(session, own.host)
    said = [*found, *(["verdict"] if verdict else [])]
    facts = TlsFacts(verdict=verdict or "trusted", **found)
    return cursor.listing("s_client", "tls", own.target, facts=facts, said=tuple(said), **options)


def _verdict(session: _Session, host: str) -> str:
    """The verdict that the listing states; empty where it does not state one."""
    if session.found.get("ocsp") == "revoked":
        return "revoked"
    if session.code is None:
        return ""
    if session.code:
        return _VERDICTS.get(session.code, "")
    names = session.found.get("names")
    if not names or not host:
        return ""
    return "trusted" if matched(host, names) else "name_mismatch"


# Whom `openssl s_client` was told to ask.

TOOLS = ("openssl",)
_VALUED = {"-connect", "-host", "-port", "-servername", "-starttls", "-alpn"}


class TypedEndpoint(NamedTuple):
    """The target in its normal spelling (empty: not certain), and the options that differ."""

    target: str = ""
    host: str = ""
    """The name that the certificate was to be for."""
    options: dict[str, str] = {}


def asked_endpoint(typed: Command | None) -> TypedEndpoint:
    """What a command asked for; nothing where that is not certain."""
    if typed is None or not typed.certain or typed.words[:1] != ("s_client",):
        return TypedEndpoint()
    given = {}
    for option, value in zip(typed.words, typed.words[1:], strict=False):
        name = "-" + option.lstrip("-")
        if option.startswith("-") and name in _VALUED:
            given[name] = value
    where = given.get("-connect") or f"{given.get('-host', '')}:{given.get('-port', HTTPS)}"
    try:
        target = read_target(where)
        sni = read_target(given["-servername"]).host if "-servername" in given else ""
    except ValueError:
        return TypedEndpoint()
    options = {"sni": sni} if sni and sni != target.host else {}
    return TypedEndpoint(target.text, sni or target.host, options)


def takes_tls(typed: Command) -> bool:
    """Whether the command names its target."""
    return bool(asked_endpoint(typed).target)
