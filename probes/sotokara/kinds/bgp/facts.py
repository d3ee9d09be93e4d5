"""The facts of kind ``bgp``: what route collectors saw of a prefix, an address or an AS."""

import msgspec

from sotokara.core.observation import Facts

VALIDITIES = ("Valid", "Invalid", "NotFound")
"""The words of RFC 6811, 2. Empty: no set of ROAs of that time was at hand."""
ENDS = ("withdrawn", "replaced", "session lost")
"""Why an origin was no longer seen. Only the first two are said by routers."""


class AsPath(msgspec.Struct, frozen=True, omit_defaults=True):
    """One path, and by how many peers of the collectors it was given."""

    prefix: str
    path: str
    """AS numbers from the collector's peer to the origin; a set in ``{}``."""
    origin: str
    peers: int
    validity: str = ""
    """One of VALIDITIES, or empty."""


class Specific(msgspec.Struct, frozen=True, omit_defaults=True):
    """A prefix inside the one asked for, which wins over it where it is seen."""

    prefix: str
    origins: list[str] = []
    validity: str = ""


class Stretch(msgspec.Struct, frozen=True, omit_defaults=True):
    """From when to when an origin was seen for a prefix."""

    prefix: str
    origin: str
    came: str = ""
    """The second at which the first peer saw it; empty: it was there when the span began."""
    went: str = ""
    """The second at which the last peer lost it; empty: it was there when the span ended."""
    ended: str = ""
    """One of ENDS."""
    peers: int = 0
    """The most peers that saw it at once."""
    validity: str = ""
    """When it came: by a set of ROAs that was there then."""
    roas: str = ""
    """When that set was made, where it is another than that of the whole."""


class Leaked(msgspec.Struct, frozen=True, omit_defaults=True):
    """A network that passed a route on further than the relations given allow for (RFC 7908)."""

    prefix: str
    type: int
    """1 to 4, as RFC 7908 numbers them."""
    leaker: str
    learned_from: str
    sent_to: str
    path: str
    """One path with it."""
    came: str = ""
    went: str = ""
    ended: str = ""
    peers: int = 0


class BgpFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """What others saw in BGP. Nothing of it is measured by the blog."""

    moment: str = ""
    """Of which moment the paths are."""
    origins: list[str] = []
    """The ASes that originate the prefix itself then (RFC 4271)."""
    seen_by: int = 0
    """How many peers of the collectors had a route to it then."""
    of_peers: int = 0
    """Out of how many, as far as that is known."""
    paths: list[AsPath] = []
    """Of each ``prefix``, ``path``, ``origin``, ``peers``, ``validity``; most peers first."""
    more_specifics: list[Specific] = []
    """Of each ``prefix``, ``origins``, ``validity``."""
    prefixes: list[str] = []
    """Of an AS: what it announces."""
    since: str = ""
    """Where the span begins, if one was asked for."""
    until: str = ""
    """Where it ends."""
    timeline: list[Stretch] = []
    """Of each ``prefix``, ``origin``, ``came``, ``went``, ``ended``, ``peers``, ``validity``."""
    roas: str = ""
    """When the set of ROAs was made that validity is by."""
    roas_late: bool = False
    """The set that was given is of a later time: nothing is judged by it."""
    roas_failed: str = ""
    """The failure of the validator that was asked now."""
    leaks: list[Leaked] = []
    """Of each ``prefix``, ``type``, ``leaker``, ``learned_from``, ``sent_to``, ``path``."""
    relations: str = ""
    """By whose relations: a file's name, or ``stated`` (in the definition); empty: none given."""
    untold: int = 0
    """Paths of which no leak can be told and none ruled out: relations are missing."""
    missing: list[str] = []
    """Pairs of networks whose relation is missing, at most 20: ``AS64500 AS64501``."""
    route_objects: list[str] = []
    """The registries with a route object for an origin, as the source says: ``AS64500: RIPE``."""
    left_out: int = 0
    """Paths and stretches beyond those that are shown."""
    unread: int = 0
    """Routes and updates in a form that is not read here."""
    cut: bool = False
    """The dump ends in the middle of a record: what follows is not known."""
