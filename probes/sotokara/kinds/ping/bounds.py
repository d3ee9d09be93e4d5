"""Which countries a distance excludes, seen from a place. Never where a host is.

The countries are boxes of whole degrees around the outlines of Natural Earth (public domain), with
all that belongs to them overseas; ``tests/extents.py`` makes them. They are too large rather than
too small, so what is said to be excluded is.
"""

import json
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).with_name("extents.json")
_RADIUS = 6371.0 * 0.995
"""Kilometres; a little less than the Earth's, which is no ball."""
_SLACK = 50.0
"""Kilometres by which a place's own position may be wrong."""


def excluded(at: Sequence[float], within_km: float) -> list[str]:
    """The codes of the countries that are farther from ``[latitude, longitude]``, nearest first."""
    far = [(_distance(at, boxes), code) for code, boxes in _extents().items()]
    return [code for distance, code in sorted(far) if distance - _SLACK > within_km]


@lru_cache
def _extents() -> dict[str, list[list[float]]]:
    found: dict[str, list[list[float]]] = json.loads(_DATA.read_text("ascii"))
    return found


def _distance(at: Sequence[float], boxes: Sequence[Sequence[float]]) -> float:
    return min(_to_box(at[0], at[1], box) for box in boxes)


def _to_box(lat: float, lon: float, box: Sequence[float]) -> float:
    """Kilometres from a point to the nearest point of a box."""
    south, west, north, east = box
    if any(west <= lon + turn <= east for turn in (-360, 0, 360)):
        return max(south - lat, lat - north, 0.0) * math.pi / 180 * _RADIUS
    return min(_to_meridian(lat, side - lon, south, north) for side in (west, east))


def _to_meridian(lat: float, away: float, south: float, north: float) -> float:
    """To the nearest point of a piece of a meridian that is so many degrees away."""
    near, turn = math.radians(lat), math.radians(away)
    foot = math.degrees(math.atan2(math.tan(near), math.cos(turn)))
    every = {south, north, min(max(foot, south), north)}
    return min(_great_circle(near, math.radians(one), turn) for one in every)


def _great_circle(one: float, other: float, turn: float) -> float:
    half = math.sin((other - one) / 2) ** 2
    half += math.cos(one) * math.cos(other) * math.sin(turn / 2) ** 2
    return 2 * _RADIUS * math.asin(math.sqrt(min(half, 1.0)))
