"""Certificates for the lab's mail servers, made afresh each time: one good, others defective."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


def make(folder: Path, self_signed: Collection[str]) -> str:
    """Write NAME.pem and NAME.key for each; returns the TLSA content (3 1 1) of `dane`.

    ``self_signed``: hosts that get one of their own, in files of their name.
    """
    folder.mkdir(exist_ok=True)
    authority = ec.generate_private_key(ec.SECP256R1())
    root = _issue("The lab's authority", [], authority, authority, None)
    (folder / "authority.pem").write_bytes(root.public_bytes(Encoding.PEM))
    names = {
        "trusted": ["mx.trusted.post.example", "mx.author.post.example"],
        "expired": ["mx.expired.post.example"],
        "wrong-name": ["mail.elsewhere.example"],
        "dane": ["mx-dane.signed.example", "mx-dane-bad.signed.example"],
        **{host: [host] for host in self_signed},
    }
    digest = ""
    for name, hosts in names.items():
        key = ec.generate_private_key(ec.SECP256R1())
        by_itself = name in ("dane", *self_signed)
        signer = key if by_itself else authority
        issuer = None if by_itself else root
        certificate = _issue(hosts[0], hosts, key, signer, issuer, expired=name == "expired")
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / f"{name}.key").write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        if name == "dane":
            public = key.public_key()
            spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            digest = sha256(spki).hexdigest()
    return digest


def _issue(
    subject: str,
    hosts: list[str],
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    *,
    expired: bool = False,
) -> x509.Certificate:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    begins = now - (1 if hosts and not expired else 40) * _DAY
    ends = now - 10 * _DAY if expired else now + 30 * _DAY
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=not hosts, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )
    if hosts:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(alternatives, critical=False)
        builder = builder.add_extension(usage, critical=False)
    else:
        usage_of_root = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = builder.add_extension(usage_of_root, critical=True)
    return builder.sign(signer, SHA256())
