"""Certificates for servers on loopback, made afresh each time they start."""

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


class CertificateAuthority:
    """One authority; it lives as long as the servers do and is written nowhere."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.certificate = issue(name, [], self.key, self.key, None)

    @property
    def pem(self) -> bytes:
        """What a client has to trust."""
        return self.certificate.public_bytes(Encoding.PEM)

    def certified(self, hosts: list[str]) -> tuple[bytes, bytes]:
        """A certificate for these hosts, and its key, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = issue(hosts[0], hosts, key, self.key, self.certificate)
        return certificate.public_bytes(Encoding.PEM), pem_of(key)

    def server(self, hosts: list[str]) -> ssl.SSLContext:
        """What a server for these hosts speaks TLS with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory() as folder:  # the library reads keys from files alone
            path = Path(folder) / "server.pem"
            path.write_bytes(b"".join(self.certified(hosts)))
            context.load_cert_chain(path)
        return context

    def client(self) -> ssl.SSLContext:
        """What a client that trusts this authority and no other speaks TLS with."""
        return ssl.create_default_context(cadata=self.pem.decode("ascii"))


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issue(  # noqa: PLR0913  # a certificate's parts
    subject: str,
    hosts: list[str],
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    *,
    expired: bool = False,
) -> x509.Certificate:
    """One certificate; an authority's where it has no ``hosts``."""
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
