"""DNSSEC for the lab's zones with ldns: fresh ECDSA keys for every internet, never kept.

RFC 4033–4035; one key per zone signs everything (a combined signing key, RFC 6781 section 3.1).
"""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SIGNED = ("signed.example", "bogus.example", "expired.example", "example", ".")
"""Children before parents, whose zones carry the children's DS records."""

_BROKEN = ("bogus.example", "192.0.2.66", "192.0.2.67")
_EXPIRED = ("expired.example", ["-i", "20200101", "-e", "20200201"])


def _ldns(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _make_key(folder: Path, zone: str) -> str:
    """Make a zone's key; returns the stem of its files (`.key`, `.private`, `.ds`)."""
    return _ldns(folder, "ldns-keygen", "-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", zone)


def sign(folder: Path, files: dict[str, Path]) -> Path:
    """Sign the zones of `SIGNED` in place; returns the file of the root's key, the trust anchor."""
    with ThreadPoolExecutor() as pool:
        stems = dict(zip(SIGNED, pool.map(lambda z: _make_key(folder, z), SIGNED), strict=True))
    for zone in SIGNED:
        parent = zone.partition(".")[2] if zone != "." else None
        file = files[zone]
        life = _EXPIRED[1] if zone == _EXPIRED[0] else []
        signed = file.with_suffix(".signed")
        command = ["ldns-signzone", *life, "-o", zone, "-f", signed.name, file.name, stems[zone]]
        _ldns(folder, *command)
        text = signed.read_text()
        if zone == _BROKEN[0]:
            text = text.replace(_BROKEN[1], _BROKEN[2])
        file.write_text(text)
        if parent is not None:
            with files[parent or "."].open("a") as above:
                above.write((folder / f"{stems[zone]}.ds").read_text())
    return folder / f"{stems['.']}.key"
