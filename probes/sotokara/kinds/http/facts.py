"""The facts of kind ``http``: each hop, and what the last one's page is."""

import msgspec

from sotokara.core.observation import Facts
from sotokara.kinds.shared.web.trackers import Tracker

VERDICTS = (
    "ok",
    "error_status",
    "redirect_loop",
    "too_many_hops",
    "hop_refused",
    "hop_failed",
    "no_web_address",
    "not_followed",
    "cut",
    "too_long",
    "slow",
    "bomb",
    "not_unpacked",
    "not_as_promised",
)
"""How it ended: with a page, an error's status, on the way, or with a body that is not whole."""


class HttpHop(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request of the chain."""

    url: str
    status: int = 0
    """0 where nothing came."""
    version: str = ""
    """HTTP/1.1 or HTTP/2."""
    address: str = ""
    location: str = ""
    """Where it redirects to, absolute."""
    problems: list[str] = []
    """What is wrong with the certificate, as in kind ``tls``."""
    fingerprint: str = ""
    """The certificate's SHA-256."""
    failure: str = ""
    """Why nothing came."""


class HttpFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """``url``, ``status`` and all below are those of the last hop that answered."""

    verdict: str  # of VERDICTS
    url: str = ""
    status: int = 0
    hops: list[HttpHop] = []
    headers: dict[str, str] = {}
    cookies: list[str] = []
    type: str = ""
    charset: str = ""
    title: str = ""
    size: int = 0
    sha256: str = ""
    text_sha256: str = ""
    trackers: list[Tracker] = []
    favicon: int | None = None
    generator: str = ""
