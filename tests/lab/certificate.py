"""One authority and one certificate for some names, made afresh each time."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.lab.mail_certificates import _issue


def make_one(folder: Path, names: list[str]) -> None:
    """Write authority.pem, server.pem and server.key."""
    folder.mkdir(exist_ok=True)
    authority = ec.generate_private_key(ec.SECP256R1())
    root = _issue("The lab's authority", [], authority, authority, None)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _issue(names[0], names, key, authority, root)
    (folder / "authority.pem").write_bytes(root.public_bytes(Encoding.PEM))
    (folder / "server.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "server.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
