"""The facts of kind ``tls``: what a server shows; nothing of one connection alone."""

from datetime import datetime

import msgspec

from sotokara.core.observation import Facts
from sotokara.kinds.shared.tls.facts import PROBLEMS, Sct

VERDICTS = ("trusted", *(one for one in PROBLEMS if one != "tlsa_mismatch"))
"""What a visitor's software would say, in a word: the gravest of the problems."""


class Link(msgspec.Struct, frozen=True, omit_defaults=True):
    """One certificate of the chain as it was sent."""

    subject: str
    issuer: str
    expires: datetime
    fingerprint: str = ""


class EndpointShown(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one address showed on one port: a certificate's fingerprint, or a failure."""

    address: str
    port: int
    fingerprint: str = ""
    version: str = ""
    failure: str = ""
    """The failure's name, with ``step``."""
    step: str = ""


class TlsFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """The certificate is that of the first address that showed one on the target's port."""

    verdict: str  # of VERDICTS
    problems: list[str] = []
    names: list[str] = []
    subject: str = ""
    issuer: str = ""
    valid_from: datetime | None = None
    expires: datetime | None = None
    fingerprint: str = ""
    key: str = ""
    key_hash: str = ""
    signature: str = ""
    serial: str = ""
    chain: list[Link] = []
    version: str = ""
    cipher: str = ""
    protocol: str = ""
    ocsp: str = "none"
    scts: list[Sct] = []
    transparency: str = "none"
    tlsa: str = ""
    caa: list[str] = []
    store: str = ""
    endpoints: list[EndpointShown] = []
    same: bool = True
