"""The facts of kind ``mail``: what a domain says of its mail, part by part."""

from sotokara.core.observation import Facts
from sotokara.kinds.shared.mail.parts import Dkim, Dmarc, PolicyPart, Spf


class MtaSts(PolicyPart, frozen=True, kw_only=True, omit_defaults=True):
    """Whether senders have to use TLS, and to which servers (RFC 8461)."""

    mode: str = ""
    """``enforce``, ``testing`` or ``none``, out of the policy's file."""
    uncovered: list[str] = []
    """Mail servers of the domain that the policy does not name."""


class Dane(PolicyPart, frozen=True, kw_only=True, omit_defaults=True):
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
    tls_rpt: PolicyPart = PolicyPart()
    """``state``, ``record``, ``problems``."""
    dane: list[Dane] = []
    """Of each mail server ``host``, ``state``, ``record``, ``problems``."""
