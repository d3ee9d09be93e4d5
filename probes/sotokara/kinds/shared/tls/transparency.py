"""Signed certificate timestamps (RFC 6962, 3.2 and 3.3): in the certificate, and in its staple.

Those in a TLS extension are not looked at. A signature is verified where the record has the log's
key, which it has where the author's list of logs knows the log.
"""

import struct
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.certificate_transparency import SignedCertificateTimestamp

from sotokara.kinds.shared.tls.dane import key_bytes
from sotokara.kinds.shared.tls.facts import Sct
from sotokara.kinds.shared.tls.inclusion import Answer, leaf_hash, standing_of
from sotokara.kinds.shared.tls.signatures import verifies
from sotokara.kinds.shared.tls.tiles import Tiled, standing_in

MOST = 20
"""Timestamps of one certificate that are looked at."""
_SHORT_LIVED, _FEW, _MANY = 180, 2, 3
"""Days; browsers want two timestamps for a certificate that is valid no longer, else three."""


class KnownLog(NamedTuple):
    """A log that the record knows."""

    key: bytes
    name: str


def known_logs(lines: Sequence[str]) -> dict[bytes, KnownLog]:
    """The logs in a record's lines (``key in base64, a space, name``), by id."""
    found = {}
    for line in lines:
        text, _, name = line.partition(" ")
        try:
            key = b64decode(text, validate=True)
        except (NotBase64, ValueError):
            continue
        found[sha256(key).digest()] = KnownLog(key, name)
    return found


def in_certificate(own: x509.Certificate) -> list[SignedCertificateTimestamp]:
    """The timestamps in a certificate."""
    kind = x509.PrecertificateSignedCertificateTimestamps
    try:
        return list(own.extensions.get_extension_for_class(kind).value)[:MOST]
    except x509.ExtensionNotFound:
        return []


def in_staple(staple: bytes) -> list[SignedCertificateTimestamp]:
    """The timestamps in an OCSP response."""
    try:
        response = ocsp.load_der_ocsp_response(staple)
        kind = x509.SignedCertificateTimestamps
        return list(response.single_extensions.get_extension_for_class(kind).value)[:MOST]
    except (ValueError, x509.ExtensionNotFound):
        return []


def timestamps(
    chain: Sequence[x509.Certificate],
    staple: bytes,
    logs: Mapping[bytes, KnownLog],
    proofs: Mapping[bytes, Answer | Tiled],
    *,
    listed: bool,
) -> Iterator[Sct]:
    """What each timestamp is worth. ``listed``: the author has named a list of logs.

    ``proofs``: a log's tree head and its proof for this certificate, by the log's id.
    """
    own = chain[0]
    for source, found in (("certificate", in_certificate(own)), ("staple", in_staple(staple))):
        for one in found:
            log = logs.get(one.log_id)
            standing = "unchecked" if not listed else "unknown_log"
            signed = signed_of(one, chain, source) if log else b""
            if log is not None and signed:
                held = verifies(log.key, one.signature, signed)
                standing = "valid" if held else "wrong_signature"
            elif log is not None:
                standing = "unchecked"
            moment = one.timestamp.replace(tzinfo=UTC, microsecond=0).isoformat()
            name = log.name if log and log.name else one.log_id.hex()[:16]
            proof = proofs.get(one.log_id) if standing == "valid" else None
            if proof is None or log is None:
                yield Sct(name, source, standing, moment)
                continue
            leaf = leaf_hash(signed)
            if isinstance(proof, Tiled):
                came, index, size = standing_in(proof, log.key, leaf, one.extension_bytes)
            else:
                came, index, size = standing_of(proof, log.key, leaf)
            yield Sct(name, source, standing, moment, came, index, size)


def signed_of(
    one: SignedCertificateTimestamp, chain: Sequence[x509.Certificate], source: str
) -> bytes:
    """The bytes that a timestamp signs; none where the chain lacks the issuer."""
    own = chain[0]
    if source == "staple":
        der = own.public_bytes(Encoding.DER)
        entry = struct.pack(">H", 0) + len(der).to_bytes(3, "big") + der
    elif len(chain) > 1:
        body = own.tbs_precertificate_bytes
        issuer = sha256(key_bytes(chain[1])).digest()
        entry = struct.pack(">H", 1) + issuer + len(body).to_bytes(3, "big") + body
    else:
        return b""
    extra = one.extension_bytes
    ends = struct.pack(">H", len(extra)) + extra
    return b"\0\0" + struct.pack(">Q", _milliseconds(one)) + entry + ends


def _milliseconds(one: SignedCertificateTimestamp) -> int:
    moment = one.timestamp.replace(tzinfo=UTC)
    return int(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000


def enough(own: x509.Certificate, found: Sequence[Sct]) -> str:
    """``enough``, ``too_few``, ``none`` or ``unchecked``: whether browsers would be content."""
    if not found:
        return "none"
    if any(one.standing == "unchecked" for one in found):
        return "unchecked"
    valid = {one.log for one in found if one.standing == "valid"}
    days = (own.not_valid_after_utc - own.not_valid_before_utc).days
    wanted = _FEW if days <= _SHORT_LIVED else _MANY
    return "enough" if len(valid) >= wanted else "too_few"
