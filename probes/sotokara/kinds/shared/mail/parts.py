"""One part of what a domain says of its mail: its state, its record, what is wrong with it."""

import msgspec

STATES = ("present", "absent", "broken", "not_answered")
"""What came of each part. Only ``absent`` says that there is none: somebody answered that."""


class PolicyPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part: its state, and what is wrong with it."""

    state: str = "not_answered"
    """One of STATES."""
    record: str = ""
    """The record as it stands; of several that contradict each other, none."""
    problems: list[str] = []
    """Why it is broken, or what a receiver would stumble over."""


class Spf(PolicyPart, frozen=True, kw_only=True, omit_defaults=True):
    """Who may send in the domain's name (RFC 7208)."""

    all: str = ""
    """What is said of everybody who is not named: ``-`` fail, ``~`` softfail, ``?``, ``+`` pass."""
    lookups: int = 0
    """Look-ups that a receiver makes at most; more than ten are an error (4.6.4)."""


class Dmarc(PolicyPart, frozen=True, kw_only=True, omit_defaults=True):
    """What receivers are asked to do with mail that is not the domain's own (RFC 7489)."""

    domain: str = ""
    """Where the record stands: the domain's own, or one above it."""
    policy: str = ""
    """``none``, ``quarantine`` or ``reject``, as it applies to this domain."""
    percent: int = 100
    """Of such mail, how much of it the policy is for."""


class Dkim(PolicyPart, frozen=True, kw_only=True, omit_defaults=True):
    """The key of one selector (RFC 6376)."""

    selector: str = ""
    key: str = ""
    """``rsa`` or ``ed25519``."""
    bits: int = 0
    """The key's length."""
