"""How long an answer is waited for: long where nothing is known, short where others answered."""

from collections.abc import Mapping

FLOOR = 0.3
"""Seconds that a hop is given in any case: routers answer when they have nothing better to do."""
_FACTOR = 10.0


def give_up_after(answered: Mapping[int, float], max_hops: int, wait: float) -> dict[int, float]:
    """Seconds after which a probe of each TTL is given up.

    ``answered``: TTL → the slowest round trip seen there. A hop that others behind it have answered
    is waited for ten of their round trips (as traceroute's ``-w`` does), ``FLOOR`` at least; one
    with silence behind it for the whole ``wait``.
    """
    farther: float | None = None
    limits: dict[int, float] = {}
    for ttl in range(max_hops, 0, -1):
        if ttl in answered:
            farther = max(farther or 0.0, answered[ttl])
        limits[ttl] = wait if farther is None else min(wait, max(FLOOR, _FACTOR * farther))
    return limits
