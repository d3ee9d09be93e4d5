"""What is kept of a source's answer: the routes and updates alone, in one form for all sources."""

from typing import Any, NamedTuple

import msgspec

Route = tuple[str, str, list[Any]]
"""A peer, a prefix, a path: numbers, and lists of them for sets."""
Update = tuple[int, str, str, list[Any] | None, bool]
"""Seconds since 1970, a peer, a prefix, its path (None: taken back), whether a session was lost."""
STATE, ROAS, RELATIONS = "routes", "roas", "relations"
RTR = "rtr"
MOST_ROUTES, MOST_UPDATES = 20_000, 100_000
MOST_SETS = 50
"""Changes of a validator's set that are carried on."""


class Times(NamedTuple):
    """What was asked for, in seconds since 1970; 0 where nothing was."""

    at: int
    since: int
    until: int


class Routes(msgspec.Struct, frozen=True, omit_defaults=True):
    """What collectors saw."""

    time: int = 0
    """Seconds since 1970: the moment of the state; 0: the source does not say."""
    since: int = 0
    until: int = 0
    before: list[Route] = []
    """The state at ``since``; without a span, at ``time``."""
    then: list[Update] = []
    """What followed, in the order of time."""
    seen_by: int = 0
    of_peers: int = 0
    specifics: list[tuple[str, int]] = []
    """Prefixes inside the one asked for, with an origin of each."""
    route_objects: list[str] = []
    announced: list[tuple[str, int, int]] = []
    """Of an AS: a prefix, since when and until when it was seen."""
    unread: int = 0
    cut: bool = False
