"""The facts of kind ``mail``: what a domain says of its mail, part by part."""

import msgspec

from sotokara.core.observation import Facts

STATES = ("present", "absent", "broken", "not_answered")
"""What came of each part. Only ``absent`` says that there is none: somebody answered that."""


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One part: its state, and what is wrong with it."""

    state: str = "not_answered"
    """One of STATES."""
    record: str = ""
    """The record as it stands; of several that contradict each other, none."""
    problems: list[str] = []
    """Why it is broken, or what a receiver would stumble over."""


class Spf(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Who may send in the domain's name (RFC 7208)."""

    all: str = ""
    """What is said of everybody who is not named: ``-`` fail, ``~`` softfail, ``?``, ``+`` pass."""
    lookups: int = 0
    """Look-ups that a receiver makes at most; more than ten are an error (4.6.4)."""


class Dmarc(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What receivers are asked to do with mail that is not the domain's own (RFC 7489)."""

    domain: str = ""
    """Where the record stands: the domain's own, or one above it."""
    policy: str = ""
    """``none``, ``quarantine`` or ``reject``, as it applies to this domain."""
    percent: int = 100
    """Of such mail, how much of it the policy is for."""


class Dkim(Part, frozen=True, kw_only=True, omit_defaults=True):
    """The key of one selector (RFC 6376)."""

    selector: str = ""
    key: str = ""
    """``rsa`` or ``ed25519``."""
    bits: int = 0
    """The key's length."""


class MtaSts(Part, frozen=True, kw_only=True, omit_defaults=True):
    """Whether senders have to use TLS, and to which servers (RFC 8461)."""

    mode: str = ""
    """``enforce``, ``testing`` or ``none``, out of the policy's file."""
    uncovered: list[str] = []
    """Mail servers of the domain that the policy does not name."""


class Dane(Part, frozen=True, kw_only=True, omit_defaults=True):
    """What the DNS says of one mail server's certificate (RFC 7672)."""

    host: str = ""


class MailFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """What a domain has published about its mail."""

    route: str = "not_answered"
    """``mx``, ``address`` (no MX, an address all the same), ``null_mx``, ``null_mx_beside_others``,
    ``nothing``, ``no_domain``, ``not_answered``."""
    mx: list[str] = []
    """Preference and name of each mail server."""
    spf: Spf = Spf()
    """``state``, ``record``, ``problems``, ``all`` (the sign before ``all``), ``lookups``."""
    dmarc: Dmarc = Dmarc()
    """``state``, ``record``, ``problems``, ``domain``, ``policy``, ``percent``."""
    dkim: list[Dkim] = []
    """Of each selector ``selector``, ``state``, ``record``, ``problems``, ``key``, ``bits``."""
    mta_sts: MtaSts = MtaSts()
    """``state``, ``record``, ``problems``, ``mode``, ``uncovered`` (servers it does not name)."""
    tls_rpt: Part = Part()
    """``state``, ``record``, ``problems``."""
    dane: list[Dane] = []
    """Of each mail server ``host``, ``state``, ``record``, ``problems``."""
