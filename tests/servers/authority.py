"""A certificate authority of the tests' own: a root, an intermediate, leaves with one defect each.

With it, logs of Certificate Transparency that sign timestamps (RFC 6962, 3.2), and OCSP responses.
Keys are made afresh, but for those that a name is given for, which is the same in each run.
"""

import hashlib
import json
import struct
import time
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID as Aia
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

Key = ec.EllipticCurvePrivateKey
DAY = timedelta(days=1)
_SCTS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")


def new_key(name: str = "") -> Key:
    """A key; the same each time for one name, so that a zone file can have its hash."""
    if not name:
        return ec.generate_private_key(ec.SECP256R1())
    number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") >> 1
    return ec.derive_private_key(number, ec.SECP256R1())


def spki(key: Key) -> bytes:
    """The public key, DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


class Issued(NamedTuple):
    """A key, and the chain that goes with it, its own certificate first."""

    key: Key
    chain: list[x509.Certificate]

    def write(self, folder: Path, name: str) -> tuple[Path, Path]:
        """NAME.pem and NAME.key."""
        chain, key = folder / f"{name}.pem", folder / f"{name}.key"
        chain.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in self.chain))
        key.write_bytes(private(self.key))
        return chain, key


def private(key: Key) -> bytes:
    """The key as PEM."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Log:
    """A log of Certificate Transparency."""

    def __init__(self, name: str) -> None:
        self.name, self.key = name, new_key()
        self.id = hashlib.sha256(spki(self.key)).digest()
        self.url = ""
        self.leaves = [hashlib.sha256(bytes([0, number])).digest() for number in range(5)]
        """The hashes of its entries: others' before ours, and more with each signature."""

    def sign(self, entry: bytes) -> bytes:
        """A timestamp of now for an entry (type, and what follows it), serialized."""
        moment = struct.pack(">Q", int(time.time() * 1000))
        signed = b"\0\0" + moment + entry + b"\0\0"
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        self.leaves.append(hashlib.sha256(b"\0" + signed).digest())
        return b"\0" + self.id + moment + b"\0\0\4\3" + sized(signature, 2)

    def listed(self) -> dict[str, str]:
        """Its entry in a list of logs."""
        return {
            "description": self.name,
            "key": b64encode(spki(self.key)).decode(),
            "url": self.url,
        }

    def head(self) -> bytes:
        """Its signed tree head, as ``get-sth`` answers (RFC 6962, 4.3)."""
        moment, root = int(time.time() * 1000), tree_root(self.leaves)
        signed = b"\0\1" + struct.pack(">QQ", moment, len(self.leaves)) + root
        signature = b"\4\3" + sized(self.key.sign(signed, ec.ECDSA(SHA256())), 2)
        return json.dumps(
            {
                "tree_size": len(self.leaves),
                "timestamp": moment,
                "sha256_root_hash": b64encode(root).decode(),
                "tree_head_signature": b64encode(signature).decode(),
            }
        ).encode()

    def proof(self, leaf: bytes) -> bytes:
        """Its proof for an entry, as ``get-proof-by-hash`` answers (4.5)."""
        index = self.leaves.index(leaf)
        path = [b64encode(one).decode() for one in audit_path(self.leaves, index)]
        return json.dumps({"leaf_index": index, "audit_path": path}).encode()


class TiledLog(Log):
    """A log of static tiles (C2SP static-ct-api); ``size`` entries are there before ours."""

    def __init__(self, name: str, size: int = 5) -> None:
        super().__init__(name)
        self.leaves = [hashlib.sha256(b"\0%d" % number).digest() for number in range(size)]

    def sign(self, entry: bytes) -> bytes:
        """A timestamp that names the entry's place."""
        extensions = b"\0\0\5" + len(self.leaves).to_bytes(5, "big")
        moment = struct.pack(">Q", int(time.time() * 1000))
        signed = b"\0\0" + moment + entry + sized(extensions, 2)
        signature = self.key.sign(signed, ec.ECDSA(SHA256()))
        self.leaves.append(hashlib.sha256(b"\0" + signed).digest())
        return b"\0" + self.id + moment + sized(extensions, 2) + b"\4\3" + sized(signature, 2)

    def listed(self) -> dict[str, str]:
        """Its entry in a list of logs."""
        urls = {"submission_url": "https://log.example/", "monitoring_url": self.url}
        return {**super().listed(), "url": "", **urls}

    def checkpoint(self) -> bytes:
        """Its tree head as a signed note, with a witness's signature above its own."""
        moment, root = struct.pack(">Q", int(time.time() * 1000)), tree_root(self.leaves)
        signed = b"\0\1" + moment + struct.pack(">Q", len(self.leaves)) + root
        signature = b"\4\3" + sized(self.key.sign(signed, ec.ECDSA(SHA256())), 2)
        name = f"log.example/{self.name}"
        key_id = hashlib.sha256(name.encode() + b"\n\5" + self.id).digest()[:4]
        note = b64encode(key_id + moment + signature).decode()
        body = f"{name}\n{len(self.leaves)}\n{b64encode(root).decode()}\n"
        return f"{body}\n— witness.example AAAA\n— {name} {note}\n".encode()

    def tiles(self) -> dict[str, bytes]:
        """All its tiles, by path."""
        found, level, hashes = {}, 0, self.leaves
        while hashes:
            for number in range(0, len(hashes), 256):
                part = hashes[number : number + 256]
                ends = f".p/{len(part)}" if len(part) < 256 else ""
                found[f"tile/{level}/{number // 256:03d}{ends}"] = b"".join(part)
            whole = len(hashes) // 256
            hashes = [tree_root(hashes[at * 256 : at * 256 + 256]) for at in range(whole)]
            level += 1
        return found


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The Merkle tree hash over leaf hashes (RFC 6962, 2.1)."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + tree_root(leaves[:half]) + tree_root(leaves[half:])).digest()


def audit_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The Merkle audit path (2.1.1), the nearest first."""
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if index < half:
        return [*audit_path(leaves[:half], index), tree_root(leaves[half:])]
    return [*audit_path(leaves[half:], index - half), tree_root(leaves[:half])]


def sized(content: bytes, octets: int) -> bytes:
    """TLS's vector: a length of so many octets, and the content."""
    return len(content).to_bytes(octets, "big") + content


def log_list(logs: Sequence[Log]) -> bytes:
    """A list of logs, version 3."""
    plain = [one.listed() for one in logs if not isinstance(one, TiledLog)]
    tiled = [one.listed() for one in logs if isinstance(one, TiledLog)]
    operators = [{"name": "The lab", "logs": plain, "tiled_logs": tiled}]
    made = {"version": "1", "log_list_timestamp": "2026-11-01T00:00:00Z"}
    return json.dumps({**made, "operators": operators}).encode()


class Authority:
    """A root and an intermediate; ``issue`` makes leaves of the intermediate."""

    def __init__(self, name: str = "The lab's authority") -> None:
        self._root_key, self._key = new_key(), new_key()
        self.root = self._authority(name, name, self._root_key, self._root_key)
        self.intermediate = self._authority(f"{name} 1", name, self._key, self._root_key)

    @staticmethod
    def _authority(subject: str, issuer: str, key: Key, signer: Key) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, key_cert_sign=True, crl_sign=True,
            encipher_only=False, decipher_only=False,
        )  # fmt: skip
        ends = datetime.now(UTC) + 300 * DAY
        builder = _builder(subject, issuer, key, signer, ends, 340 * DAY)
        return (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .sign(signer, SHA256())
        )

    def issue(
        self,
        *names: str,
        days: float = 30,
        begins: float = -1,
        key: Key | None = None,
        subject: str = "",
        logs: Sequence[Log] = (),
        forged: bool = False,
        issuer_url: str = "",
    ) -> Issued:
        """A leaf for some names with its chain (without the root).

        ``days``: until it ends, ``begins``: until it begins, from now. ``forged``: the logs have
        signed something else.
        """
        key = key or new_key()
        made = self._leaf(names, days, begins, key, subject, issuer_url).sign(self._key, SHA256())
        if logs:
            body = made.tbs_certificate_bytes
            issuer = hashlib.sha256(spki(self._key)).digest()
            entry = b"\0\1" + issuer + sized(body[:-1] + b"?" if forged else body, 3)
            scts = sized(b"".join(sized(one.sign(entry), 2) for one in logs), 2)
            extension = x509.UnrecognizedExtension(_SCTS, b"\4" + _der_length(scts) + scts)
            builder = self._leaf(names, days, begins, key, subject, issuer_url, made)
            made = builder.add_extension(extension, critical=False).sign(self._key, SHA256())
        return Issued(key, [made, self.intermediate])

    def _leaf(  # noqa: PLR0917
        self,
        names: Sequence[str],
        days: float,
        begins: float,
        key: Key,
        subject: str,
        issuer_url: str,
        like: x509.Certificate | None = None,
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        issuer = self.intermediate.subject.rfc4514_string().removeprefix("CN=")
        common = subject or names[0]
        ends = like.not_valid_after_utc if like else now + days * DAY
        start = ends - like.not_valid_before_utc if like else (days - begins) * DAY
        builder = _builder(common, issuer, key, self._key, ends, start, like)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        builder = (
            builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(alternatives(names), critical=False)
            .add_extension(usage, critical=False)
        )
        if issuer_url:
            place = x509.UniformResourceIdentifier(issuer_url)
            access = x509.AuthorityInformationAccess(
                [x509.AccessDescription(Aia.CA_ISSUERS, place)]
            )
            builder = builder.add_extension(access, critical=False)
        return builder

    def status(self, issued: Issued, *, revoked: bool = False, age: float = 0) -> bytes:
        """An OCSP response on a leaf, ``age`` days old."""
        now = datetime.now(UTC) - age * DAY
        state = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        response = (
            ocsp.OCSPResponseBuilder()
            .add_response(
                cert=issued.chain[0],
                issuer=self.intermediate,
                algorithm=SHA256(),
                cert_status=state,
                this_update=now - DAY / 2,
                next_update=now + DAY,
                revocation_time=now - DAY if revoked else None,
                revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.intermediate)
        )
        return response.sign(self._key, SHA256()).public_bytes(Encoding.DER)


def self_signed(*names: str, key: Key | None = None, days: float = 30) -> Issued:
    """A leaf that nobody but itself vouches for."""
    key = key or new_key()
    builder = _builder(names[0], names[0], key, key, datetime.now(UTC) + days * DAY, 40 * DAY)
    made = builder.add_extension(alternatives(names), critical=False).sign(key, SHA256())
    return Issued(key, [made])


def alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    """Names and addresses that a certificate is for."""
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return x509.SubjectAlternativeName(found)


def _builder(  # noqa: PLR0917
    subject: str,
    issuer: str,
    key: Key,
    signer: Key,
    ends: datetime,
    lasts: timedelta,
    like: x509.Certificate | None = None,
) -> x509.CertificateBuilder:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text, _validate=False)])

    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name(subject[:64]))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(like.serial_number if like else x509.random_serial_number())
        .not_valid_before(ends - lasts)
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority, critical=False)
    )


def _der_length(content: bytes) -> bytes:
    if len(content) < 0x80:
        return bytes([len(content)])
    octets = (len(content).bit_length() + 7) // 8
    return bytes([0x80 | octets]) + len(content).to_bytes(octets, "big")
