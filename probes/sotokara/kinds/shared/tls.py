"""The certificate of a mail server: what is kept of the handshake, and what is read from it.

``describe`` runs while the connection is open and writes text; ``read_tls`` is pure and reads it.
Whether the chain leads to a known root can only be judged where the roots are, so it is recorded.
"""

import hashlib
import ssl
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from sotokara.kinds.shared.tls_facts import Tls

_MOST_CERTIFICATES = 10
_DANE_EE, _DANE_TA = 3, 2


def lenient_context() -> ssl.SSLContext:
    """A context that completes a handshake with whatever a server has: we observe, not trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def describe(connection: Any, roots: Sequence[x509.Certificate]) -> bytes:  # noqa: ANN401
    """The handshake as text: version, cipher, the moment, the chain's standing, the chain (PEM).

    ``connection``: an ``ssl.SSLObject``.
    """
    cipher = connection.cipher() or ("", "", 0)
    chain = _chain(connection)
    now = datetime.now(UTC).replace(microsecond=0)
    standing = _standing(chain, roots, now)
    head = [
        f"version: {connection.version()}",
        f"cipher: {cipher[0]}",
        f"moment: {now.isoformat()}",
        f"chain: {standing}",
    ]
    pem = [ssl.DER_cert_to_PEM_cert(der).strip() for der in chain]
    return "\n".join([*head, *pem, ""]).encode()


def _chain(connection: Any) -> list[bytes]:  # noqa: ANN401
    """The certificates that the server sent, its own first, in DER."""
    public = getattr(connection, "get_unverified_chain", None)
    if public is not None:  # Python 3.13
        return list(public())[:_MOST_CERTIFICATES]
    inner = getattr(connection, "_sslobj", None)
    try:
        sent = inner.get_unverified_chain() or []  # type: ignore[union-attr]
        chain = [ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in sent]
    except (AttributeError, ValueError):
        own = connection.getpeercert(binary_form=True)
        chain = [own] if own else []
    return chain[:_MOST_CERTIFICATES]


@lru_cache
def trusted_roots() -> tuple[x509.Certificate, ...]:
    """The roots that this machine trusts."""
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    with warnings.catch_warnings():  # of roots that the machine has, not ours to mend
        warnings.simplefilter("ignore")
        return tuple(one for one in map(_load, found) if one is not None)


def _load(der: bytes) -> x509.Certificate | None:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError:
        return None


def _standing(chain: Sequence[bytes], roots: Sequence[x509.Certificate], moment: datetime) -> str:
    """trusted, or not_trusted with the reason. Name and dates are judged apart."""
    loaded = [one for one in map(_load, chain) if one is not None]
    if not loaded:
        return "not_trusted no certificate that can be read"
    if not roots:
        return "unknown this machine has no list of roots"
    own = loaded[0]
    try:
        within = min(max(moment, own.not_valid_before_utc), own.not_valid_after_utc)
        builder = PolicyBuilder().store(Store(list(roots))).time(within)
        subject = x509.DNSName((_names(own) or ["invalid"])[0].replace("*", "any"))
        builder.build_server_verifier(subject).verify(own, loaded[1:])
    except Exception as error:  # noqa: BLE001  # hostile certificates raise many types
        return f"not_trusted {' '.join(str(error).split())[:120]}"
    return "trusted"


def read_tls(
    recorded: bytes, host: str, tlsa: Sequence[tuple[int, int, int, bytes]] = ()
) -> Tls | None:
    """The facts of a handshake, from what ``describe`` wrote; None where it is not that."""
    text = recorded.decode("ascii", "replace")
    head = dict(line.split(": ", 1) for line in text.splitlines()[:4] if ": " in line)
    if "version" not in head or "moment" not in head:
        return None
    seen = Tls(head["version"], head.get("cipher", ""), problems=["not_trusted"])
    try:
        chain = x509.load_pem_x509_certificates(recorded)
        moment = datetime.fromisoformat(head["moment"])
        trusted = head.get("chain", "").startswith(("trusted", "unknown"))
        return _read(seen, chain, moment, host, tlsa, trusted=trusted)
    except Exception:  # noqa: BLE001  # hostile certificates raise many types
        return seen


def _read(  # noqa: PLR0913  # what a certificate is judged by
    seen: Tls,
    chain: Sequence[x509.Certificate],
    moment: datetime,
    host: str,
    tlsa: Sequence[tuple[int, int, int, bytes]],
    *,
    trusted: bool,
) -> Tls:
    own, names = chain[0], _names(chain[0])
    problems = []
    if not trusted:
        problems.append("self_signed" if _self_signed(own) else "not_trusted")
    if moment > own.not_valid_after_utc:
        problems.append("expired")
    if moment < own.not_valid_before_utc:
        problems.append("not_yet_valid")
    if not any(_matches(host, name) for name in names):
        problems.append("name_mismatch")
    matched = any(_tlsa_matches(record, chain) for record in tlsa)
    if tlsa and not matched:
        problems.append("tlsa_mismatch")
    return Tls(
        version=seen.version,
        cipher=seen.cipher,
        fingerprint=own.fingerprint(SHA256()).hex(),
        names=names,
        issuer=_common_name(own.issuer),
        not_before=own.not_valid_before_utc.date().isoformat(),
        not_after=own.not_valid_after_utc.date().isoformat(),
        problems=problems,
        tlsa=("match" if matched else "mismatch") if tlsa else "",
    )


def _names(certificate: x509.Certificate) -> list[str]:
    """The DNS names that a certificate is for, sorted; its common name where it lists none."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return sorted(set(extension.value.get_values_for_type(x509.DNSName)))
    except x509.ExtensionNotFound:
        name = _common_name(certificate.subject)
        return [name] if name else []


def _common_name(name: x509.Name) -> str:
    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else name.rfc4514_string()


def _self_signed(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _matches(host: str, pattern: str) -> bool:
    """RFC 6125, 6.4: the whole name, or a whole first label by ``*``."""
    host, pattern = host.lower().rstrip("."), pattern.lower().rstrip(".")
    return host == pattern or (
        pattern.startswith("*.") and host.partition(".")[2] == pattern[2:] and "." in pattern[2:]
    )


def _tlsa_matches(record: tuple[int, int, int, bytes], chain: Sequence[x509.Certificate]) -> bool:
    """RFC 7672, 3.1: DANE-EE of the server's own certificate, DANE-TA of one above it."""
    usage, selector, kind, content = record
    every = {_DANE_EE: chain[:1], _DANE_TA: chain[1:]}.get(usage, [])
    hashes = {1: hashlib.sha256, 2: hashlib.sha512}
    for one in every:
        if selector:
            part = one.public_key().public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        else:
            part = one.public_bytes(serialization.Encoding.DER)
        if (hashes[kind](part).digest() if kind in hashes else part) == content:
            return True
    return False
