"""What a TLS handshake showed (RFC 8446, 5280, 7672), for every kind that makes one."""

import msgspec


class Tls(msgspec.Struct, frozen=True, omit_defaults=True):
    """What STARTTLS brought (RFC 3207). ``problems`` says what a strict sender would object to."""

    version: str = ""
    cipher: str = ""
    fingerprint: str = ""
    """SHA-256 of the certificate, hexadecimal."""
    names: list[str] = []
    issuer: str = ""
    not_before: str = ""
    not_after: str = ""
    problems: list[str] = []
    """Of not_trusted, self_signed, expired, not_yet_valid, name_mismatch, tlsa_mismatch."""
    tlsa: str = ""
    """match or mismatch, where secure TLSA records exist (RFC 7672)."""
