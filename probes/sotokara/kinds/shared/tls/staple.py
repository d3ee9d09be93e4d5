"""The OCSP response that a server staples to its handshake (RFC 6960, 6066)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from sotokara.kinds.shared.tls.certificate import issued_by

NONE, INVALID, STALE = "none", "invalid", "stale"
STATES = (NONE, "good", "revoked", "unknown", STALE, INVALID)
_CLOCKS_APART = timedelta(minutes=5)


def state_of(staple: bytes, chain: Sequence[x509.Certificate], moment: datetime) -> str:
    """What the response says of the certificate, of STATES.

    ``invalid``: it is no response, of another certificate, or not signed by the issuer or whom it
    names; ``stale``: its time is over, or has not come.
    """
    if not staple:
        return NONE
    try:
        response = ocsp.load_der_ocsp_response(staple)
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or len(chain) < 2:  # noqa: PLR2004
            return INVALID
        if response.serial_number != chain[0].serial_number or not _signed(response, chain[1]):
            return INVALID
        ends = response.next_update_utc
        if response.this_update_utc > moment + _CLOCKS_APART or (ends and ends < moment):
            return STALE
        return response.certificate_status.name.lower()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return INVALID


def _signed(response: ocsp.OCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether the issuer has signed it, or one whom the issuer has named for that."""
    signers = [issuer, *(one for one in response.certificates if _delegated(one, issuer))]
    return any(_by(response, one) for one in signers)


def _delegated(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        usage = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usage and issued_by(one, issuer)


def _by(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, kind = signer.public_key(), response.signature_hash_algorithm
    signature, body = response.signature, response.tbs_response_bytes
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(kind, HashAlgorithm):
            key.verify(signature, body, ec.ECDSA(kind))
        elif isinstance(key, rsa.RSAPublicKey) and isinstance(kind, HashAlgorithm):
            key.verify(signature, body, padding.PKCS1v15(), kind)
        else:
            return False
    except InvalidSignature:
        return False
    return True
