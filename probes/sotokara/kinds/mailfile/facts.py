"""The facts of kind ``mailfile``: a mail's way, and what of its header can be verified."""

import msgspec

from sotokara.core.observation import Facts

TRUSTS = ("own", "border", "claimed")
"""Who vouches for a line of the way: servers of the recipient's side; the first of them, which saw
the sender's side itself; nobody, since whoever sent the mail may have written it."""
VERDICTS = (
    "holds",
    "headers_hold",
    "body_changed",
    "does_not_hold",
    "key_gone",
    "key_revoked",
    "key_broken",
    "key_not_answered",
    "weak_algorithm",
    "malformed",
    "not_checked",
)
"""What comes of a signature. Only the first says that the mail is as it was signed."""
CHAINS = (
    "none",
    "holds",
    "failed_before",
    "does_not_hold",
    "incomplete",
    "key_gone",
    "not_checked",
)
"""What comes of a chain of ARC."""


class ReceivedHop(msgspec.Struct, frozen=True, omit_defaults=True):
    """One Received line, the mail's first one as number 1 (RFC 5321, 4.4)."""

    number: int
    by: str = ""
    """The server that wrote the line, by its own word."""
    helo: str = ""
    """What its peer called itself."""
    name: str = ""
    """The peer's name, as the server looked it up."""
    address: str = ""
    """The peer's address, as the server saw it."""
    protocol: str = ""
    """``ESMTPS`` and the like (RFC 3848)."""
    time: str = ""
    """By the server's own clock, in UTC."""
    delay: int | None = None
    """Seconds since the hop before, by two clocks: it may be below zero."""
    trust: str = "claimed"
    """One of TRUSTS."""


class Signature(msgspec.Struct, frozen=True, omit_defaults=True):
    """One DKIM signature (RFC 6376)."""

    domain: str
    selector: str
    verdict: str = "not_checked"
    """One of VERDICTS."""
    algorithm: str = ""
    signed: str = ""
    """When, by the signer."""
    problems: list[str] = []
    """``from_unsigned``, ``partial_body``, ``expired``, ``short_key``, ``testing``."""


class Seal(msgspec.Struct, frozen=True, omit_defaults=True):
    """One set of ARC (RFC 8617): who sealed, what was said of the chain before."""

    instance: int
    domain: str
    said: str = ""
    """``none``, ``pass`` or ``fail``: the chain until then, by the sealer."""


class Arc(msgspec.Struct, frozen=True, omit_defaults=True):
    """The chain of ARC sets."""

    chain: str = "none"
    """One of CHAINS."""
    seals: list[Seal] = []


class AuthResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a header says of one check (RFC 8601)."""

    by: str
    method: str
    """``spf``, ``dkim``, ``dmarc``, ``arc``, …"""
    result: str
    domain: str = ""
    trusted: bool = False
    """Whether a server of the recipient's side has written it, by its place in the header."""


class SpfToday(msgspec.Struct, frozen=True, omit_defaults=True):
    """What SPF would say today of the peer that the border saw (RFC 7208)."""

    result: str = "unknown"
    """``pass``, ``fail``, ``softfail``, ``neutral``, ``none``, ``permerror``, ``temperror``, or
    ``unknown``: no address was seen by the recipient's side, or a macro asks for the local part."""
    domain: str = ""
    address: str = ""
    record: str = ""


class DmarcToday(msgspec.Struct, frozen=True, omit_defaults=True):
    """What DMARC would say today (RFC 7489)."""

    result: str = "unknown"
    """``pass``, ``fail``, ``none`` (no policy), ``broken`` or ``unknown``."""
    domain: str = ""
    """Where the policy stands."""
    policy: str = ""
    aligned: list[str] = []
    """``spf`` and ``dkim``, as far as they pass for the domain of the From field."""


class MailfileFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """What a mail's header says, and what can be verified of it."""

    hops: list[ReceivedHop] = []
    """The first hop first. Of each ``number``, ``by``, ``helo``, ``name``, ``address``,
    ``protocol``, ``time``, ``delay``, ``trust``."""
    border: str = ""
    """The address that the recipient's side saw the mail come from; all before it is claimed."""
    unverifiable: int = 0
    """Received lines that nobody of the recipient's side has written."""
    sender: str = ""
    """The domain in the From field."""
    envelope: str = ""
    """The domain of the envelope's sender, by Return-Path."""
    date: str = ""
    """The Date field, in UTC."""
    signatures: list[Signature] = []
    """Of each ``domain``, ``selector``, ``verdict``, ``algorithm``, ``signed``, ``problems``."""
    arc: Arc = Arc()
    """``chain``, and ``seals`` with ``instance``, ``domain``, ``said``."""
    said: list[AuthResult] = []
    """``by``, ``method``, ``result``, ``domain``, ``trusted``: what the header says of checks."""
    spf: SpfToday = SpfToday()
    """``result``, ``domain``, ``address``, ``record``: today."""
    dmarc: DmarcToday = DmarcToday()
    """``result``, ``domain``, ``policy``, ``aligned``: today."""
    left_out: int = 0
    """Fields that are not read, for their number or length."""
