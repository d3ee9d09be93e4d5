"""The facts of kind ``cited``: what a platform reports, probe by probe."""

import msgspec

from sotokara.core.observation import Facts


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one probe of a platform reports of one moment."""

    probe: str
    """The platform's own name for it."""
    at: str
    """When it asked, by the platform: ``2026-11-28T09:00:00Z``; or since when it was so."""
    said: str = ""
    """What came of it, in short: a reply code and records, replies and hops, a status."""
    failure: str = ""
    """What the platform says where nothing came back."""
    addresses: list[str] = []
    """Those in an answer, or the one that was reached."""
    country: str = ""
    """Where the probe is, by the platform: a code of ISO 3166-1."""
    network: str = ""
    """The probe's AS, by the platform."""
    until: str = ""
    """Until when it was so, where the source tells of a span."""
    through: str = ""
    """The resolver or server that the probe asked, where it was not the target."""


class CitedFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """A published measurement. Nothing of it is ours: not the question, the place or the time."""

    platform: str
    """``RIPE Atlas``; of a file, who has published it."""
    measurement: str
    """The platform's own number of it; of a file, its path below the pages' folder."""
    type: str = ""
    """``dns``, ``ping``, ``traceroute``, ``sslcert`` or ``http``."""
    target: str = ""
    """What was asked about or of, by the platform."""
    description: str = ""
    """What its maker wrote about it."""
    first: str = ""
    """The time of the earliest report."""
    last: str = ""
    """The time of the latest report."""
    reports: list[Report] = []
    """In the order of time, and of probes."""
    answered: int = 0
    """Reports in which something came back."""
    silent: int = 0
    """Reports in which nothing did."""
    unread: int = 0
    """Reports in a form that is not read here."""
    left_out: int = 0
    """Reports beyond those that are read."""
    published: str = ""
    """Of a file: the day on which it was published, as its author says."""
    link: str = ""
    """Where it was published."""
    sha256: str = ""
    """The SHA-256 of the file as it is."""
    size: int = 0
    """Its bytes."""
