"""``openssl x509``: one certificate, in words or in PEM, as it follows ``s_client`` in a pipe."""

import re
from collections.abc import Sequence
from typing import Any

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.tls.facts import TlsFacts
from sotokara.kinds.tls.readers.lines import (
    begins_pem,
    certificate_facts,
    common_name_of,
    name_of,
    names_in,
    take_pem,
    time_of,
)
from sotokara.kinds.tls.readers.s_client import asked_endpoint

BEGINS = re.compile(
    r"\s*(?:subject= ?\S.*|issuer= ?\S.*|not(?:Before|After)=.*|Certificate:"
    r"|sha256 Fingerprint=[0-9A-F:]+|-----BEGIN CERTIFICATE-----)\s*$",
    re.IGNORECASE,
)
_FINGERPRINT = re.compile(
    r"\s*sha256 Fingerprint=((?:[0-9A-F]{2}:){31}[0-9A-F]{2})\s*$", re.IGNORECASE
)
_SERIAL = re.compile(r"\s*serial=([0-9A-Fa-f]+)\s*$")
_FIELDS = (
    (re.compile(r"\s*subject= ?(.*)$"), "subject", name_of),
    (re.compile(r"\s*Subject: (.*)$"), "subject", name_of),
    (re.compile(r"\s*issuer= ?(.*)$"), "issuer", common_name_of),
    (re.compile(r"\s*Issuer: (.*)$"), "issuer", common_name_of),
    (re.compile(r"\s*(?:notBefore=|Not Before *: )(.*)$"), "valid_from", time_of),
    (re.compile(r"\s*(?:notAfter=|Not After *: )(.*)$"), "expires", time_of),
)
_ONE = r"(?:DNS|IP Address):[^\s,]+"
_NAMES = re.compile(rf"\s*{_ONE}(?:, {_ONE})*\s*$")
_TEXT = re.compile(
    r"\s*(?:Data:|Version ?\s*: v?\d.*|Serial Number:.*|Signature Algorithm:.*|Validity"
    r"|Subject Public Key Info:|Public Key Algorithm:.*|(?:RSA )?Public-Key:.*|pub:|Modulus:"
    r"|(?:[0-9a-f]{2}:)+[0-9a-f]{0,2}|Exponent:.*|ASN1 OID:.*|NIST CURVE:.*|X509v3 .*"
    r"|Digital Signature.*|TLS Web .*|CA:(?:TRUE|FALSE).*|keyid:.*"
    r"|(?:[0-9A-F]{2}:){5,}(?:[0-9A-F]{2})?"
    r"|Authority Information Access:|OCSP - .*|CA Issuers - .*|URI:.*|Policy: .*|Full Name:"
    r"|CPS: .*|CT Precertificate SCTs:|Signed Certificate Timestamp:|Log ID *:.*|Timestamp *:.*"
    r"|Extensions: .*|Signature *:.*|ecdsa-with-.*|Signature Value:|30:.*|Certificate:"
    r"|Identifier: .*|DirName:.*|serial:.*|[0-9a-f]{2}(?::[0-9a-f]{2}){0,17}:?)\s*$"
)


def read_x509(lines: Sequence[PastedLine], at: int, typed: Command | None = None) -> Parsed | None:
    """What is printed of one certificate."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    if not BEGINS.match(cursor.peek()):
        return None
    found: dict[str, Any] = {}
    while cursor.more and cursor.typed is None:
        text = cursor.peek()
        if begins_pem(text):
            der = take_pem(cursor)
            if der is None:
                cursor.skip_unread()
                continue
            found = {**certificate_facts(der), **found}
        elif _field(text, found) or _TEXT.match(text):
            cursor.take()
        elif not text.strip() or not _follows(cursor):
            break
        else:
            cursor.skip_unread()
    if not found:
        return None
    own = asked_endpoint(typed)
    facts = TlsFacts(verdict="trusted", **found)  # which it does not state
    said, options = tuple(found), own.options
    return cursor.listing("x509", "tls", own.target, facts=facts, said=said, options=options)


def _follows(cursor: Cursor) -> bool:
    return any(_TEXT.match(one) or BEGINS.match(one) for one in map(cursor.peek, range(1, 4)))


def _field(text: str, found: dict[str, Any]) -> bool:
    """Take in a line that states a fact; whether it is one."""
    for form, name, read in _FIELDS:
        if match := form.match(text):
            value = read(match[1])
            if value:
                found.setdefault(name, value)
            return True
    if match := _FINGERPRINT.match(text):
        found["fingerprint"] = match[1].replace(":", "").lower()
    elif match := _SERIAL.match(text):
        found["serial"] = f"{int(match[1], 16):x}"
    elif _NAMES.match(text):
        found["names"] = names_in(text)
    else:
        return False
    return True
