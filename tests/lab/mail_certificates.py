"""Certificates for the lab's mail servers, made afresh each time: one good, others defective."""

from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sotokara.servers.certificates import CertificateAuthority, issue, pem_of


def make(folder: Path, self_signed: Collection[str]) -> str:
    """Write NAME.pem and NAME.key for each; returns the TLSA content (3 1 1) of `dane`.

    ``self_signed``: hosts that get one of their own, in files of their name.
    """
    folder.mkdir(exist_ok=True)
    authority = CertificateAuthority("The lab's authority")
    (folder / "authority.pem").write_bytes(authority.pem)
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
        signer = key if by_itself else authority.key
        issuer = None if by_itself else authority.certificate
        certificate = issue(hosts[0], hosts, key, signer, issuer, expired=name == "expired")
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (folder / f"{name}.key").write_bytes(pem_of(key))
        if name == "dane":
            public = key.public_key()
            spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            digest = sha256(spki).hexdigest()
    return digest
