"""What a TLS handshake showed (RFC 8446, 5280, 7672), for every kind that makes one."""

import msgspec

PROBLEMS = (
    "unreadable",
    "self_signed",
    "not_trusted",
    "incomplete",
    "revoked",
    "expired",
    "not_yet_valid",
    "name_mismatch",
    "tlsa_mismatch",
)
"""What a strict visitor would object to, the gravest first."""


class HandshakeFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a handshake brought. ``problems``: of PROBLEMS, and handshake_failed."""

    version: str = ""
    cipher: str = ""
    fingerprint: str = ""
    """SHA-256 of the certificate, hexadecimal; empty where something in it is masked."""
    names: list[str] = []
    issuer: str = ""
    not_before: str = ""
    not_after: str = ""
    problems: list[str] = []
    tlsa: str = ""
    """match or mismatch, where secure TLSA records exist (RFC 7672)."""


class Sct(msgspec.Struct, frozen=True, omit_defaults=True):
    """One timestamp: the log's name, or the beginning of its id where no list knows it."""

    log: str
    source: str
    """certificate or staple."""
    standing: str
    """valid, wrong_signature, unknown_log (the list does not have it), or unchecked (no list)."""
    moment: str = ""
    """When the log says that it took the certificate in."""
    inclusion: str = ""
    """Where a proof was asked for: included, not_included, wrong_proof, wrong_head, no_answer."""
    index: int | None = None
    """The certificate's place in the log."""
    tree_size: int = 0
    """Of the tree that it was proven in."""
