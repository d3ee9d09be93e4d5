"""The facts of kind ``ping``."""

from sotokara.core.observation import Facts

KM_PER_MS = 100.0
"""Kilometres of distance for each millisecond of round trip: light in fibre has two thirds of its
speed in a vacuum (some 200 km in a millisecond), and goes there and back."""


class PingFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """Whether the host answered. How fast it did is no change from one time to the next."""

    address: str = ""
    """The address that was asked."""
    state: str = ""
    """Of a TCP port: ``open`` or ``closed``; both are an answer of the host."""
    sent: int = 0
    """How often it was asked."""
    received: int = 0
    """How often it answered."""
    best: float = 0.0
    """The shortest round trip in milliseconds."""
    within_km: int = 0
    """How far away it can be at most, by light in fibre. Delay on the way only widens it."""
    excluded: list[str] = []
    """Countries (ISO 3166-1) that lie farther away, the nearest first; none where the position of
    the place that measured is not known."""
