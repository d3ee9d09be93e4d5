"""The facts of kind ``page``: what was loaded, from whom, and what is to be read."""

import msgspec

from sotokara.core.observation import Facts
from sotokara.kinds.shared.web.trackers import Tracker

VERDICTS = ("ok", "error_status", "slow", "too_long")
"""A page, an error's status, a page that had not come to its end in time, or was stopped there."""


class Host(msgspec.Struct, frozen=True, omit_defaults=True):
    """One host that the page loads from."""

    host: str
    requests: int = 0
    failed: int = 0
    """How many of them brought nothing."""


class Refused(msgspec.Struct, frozen=True, omit_defaults=True):
    """A connection that the page wanted and this blog's policy does not make."""

    host: str
    port: int
    address: str = ""


class PageFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """What was seen."""

    verdict: str  # of VERDICTS
    url: str = ""
    status: int = 0
    title: str = ""
    text: str = ""
    hosts: list[Host] = []
    refused: list[Refused] = []
    unreached: list[str] = []
    """Hosts with which no connection came about, for other reasons."""
    trackers: list[Tracker] = []
    generator: str = ""
    problems: list[str] = []
    """What is wrong with the page's certificate, as in kind ``tls``."""
    fingerprint: str = ""
    """The certificate's SHA-256."""


# The names of a visit's exchanges, beside `resource N` and `picture WIDTH`.

VISIT, DOCUMENT, TEXT, CERTIFICATE = "visit", "document", "text", "certificate"
WIDTHS = (1280, 390)
"""Of the pictures, in pixels."""
