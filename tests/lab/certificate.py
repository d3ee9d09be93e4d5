"""One authority and one certificate for some names, made afresh each time."""

from pathlib import Path

from sotokara.servers.certificates import CertificateAuthority


def make_one(folder: Path, names: list[str]) -> None:
    """Write authority.pem, server.pem and server.key."""
    folder.mkdir(exist_ok=True)
    authority = CertificateAuthority("The lab's authority")
    certificate, key = authority.certified(names)
    (folder / "authority.pem").write_bytes(authority.pem)
    (folder / "server.pem").write_bytes(certificate)
    (folder / "server.key").write_bytes(key)
