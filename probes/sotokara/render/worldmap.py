"""The small map of a figure of several places: land, a mark for each place, its name where it fits.

The outlines are Natural Earth's (public domain), reduced by ``tests/worldmap.py``. The map repeats
what the table below it says, so nothing is lost to who does not see it. Lengths are quarters of a
degree, in a plain projection of longitude and latitude.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import east_asian_width

_DATA = Path(__file__).with_name("world.json")
_UNITS = 4
_WORLD, _TOP, _BOTTOM = 360 * _UNITS, 6 * _UNITS, 148 * _UNITS
"""The world's width, and from where to where it is drawn: Antarctica is not."""
_SHAPE = 0.5
"""Height by width."""
_LEAST = 56 * _UNITS
"""The narrowest piece: a region that is still known by its outlines."""
_MARGIN = 0.14
"""Around the outermost places, by the distance between them: their names need room."""
_FONT, _MARK = 0.034, 0.012
"""By the width: at 350 pixels letters of 12 and marks of 8."""
_STEP = re.compile(r"-?\d+")
SHAPES = ("disc", "square", "diamond", "triangle")
"""Of places that have answered, by what they said; the last one for all that follow."""
RING, CROSS = "ring", "cross"


class Spot(NamedTuple):
    """A place: its name, where it is in degrees, and the shape of its mark."""

    name: str
    latitude: float
    longitude: float
    shape: str


class _Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        apart = self.right <= other.left or other.right <= self.left
        return not apart and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: "_Box") -> bool:
        beside = other.left < self.left or other.right > self.right
        return not beside and other.top >= self.top and other.bottom <= self.bottom


def middle_of(country: str) -> tuple[float, float] | None:
    """Latitude and longitude of the middle of a country's largest part; None for what is none."""
    found = _world()["countries"].get(country.upper())
    return (found[0], found[1]) if found else None


def world_map(spots: Sequence[Spot]) -> dict[str, Any] | None:
    """The template's variables; None where there are not two places apart from each other."""
    if len({(round(one.latitude), round(one.longitude)) for one in spots}) < 2:  # noqa: PLR2004
        return None
    points = [((one.longitude + 180) * _UNITS, (90 - one.latitude) * _UNITS) for one in spots]
    view = _view(points)
    wide = view.right - view.left
    font, mark = wide * _FONT, wide * _MARK
    points = _spread(points, mark)
    taken = [_Box(x - mark, y - mark, x + mark, y + mark) for x, y in points]
    marks = []
    for one, (x, y) in zip(spots, points, strict=True):
        label = _label(one.name, (x, y), font, mark, (view, taken))
        marks.append(
            {
                "name": one.name,
                "x": round(x, 1),
                "y": round(y, 1),
                "shape": one.shape,
                **_mark(one.shape, mark),
                "label": label,
            }
        )
    land = "".join(path for path, box in _land() if box.meets(view))
    return {
        "view": f"{view.left:.0f} {view.top:.0f} {wide:.0f} {view.bottom - view.top:.0f}",
        "land": land,
        "font": round(font, 1),
        "line": round(mark / 2, 1),
        "marks": marks,
    }


def legend(shape: str) -> dict[str, Any]:
    """The mark as it stands in lists and rows."""
    return _mark(shape, 8)


def _mark(shape: str, size: float) -> dict[str, Any]:
    """Its path, and whether that is a line alone."""
    return {"d": _path(shape, size), "open": shape in (RING, CROSS)}


def _path(shape: str, size: float) -> str:
    """A mark around the origin."""
    r = round(size, 1)
    if shape == "square":
        return f"M{-r} {-r}h{2 * r}v{2 * r}h{-2 * r}z"
    if shape == "diamond":
        r = round(size * 1.35, 1)
        return f"M0 {-r}L{r} 0 0 {r} {-r} 0z"
    if shape == "triangle":
        r = round(size * 1.2, 1)
        return f"M0 {-r}L{r} {r} {-r} {r}z"
    if shape == CROSS:
        return f"M{-r} {-r}L{r} {r}M{-r} {r}L{r} {-r}"
    return f"M{-r} 0a{r} {r} 0 1 0 {2 * r} 0a{r} {r} 0 1 0 {-2 * r} 0z"


def _view(points: Sequence[tuple[float, float]]) -> _Box:
    """The piece of the world that holds them all, in the map's shape."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    around = 1 + 2 * _MARGIN
    wide = max((max(xs) - min(xs)) * around, (max(ys) - min(ys)) * around / _SHAPE, _LEAST)
    wide = min(wide, _WORLD)
    high = min(wide * _SHAPE, _BOTTOM - _TOP)
    left = min(max((min(xs) + max(xs) - wide) / 2, 0), _WORLD - wide)
    top = min(max((min(ys) + max(ys) - high) / 2, _TOP), _BOTTOM - high)
    return _Box(left, top, left + wide, top + high)


def _spread(points: Sequence[tuple[float, float]], mark: float) -> list[tuple[float, float]]:
    """Marks that would cover each other beside each other."""
    found: list[tuple[float, float]] = []
    for x, y in points:
        while any(abs(x - ox) < 2 * mark and abs(y - oy) < 2 * mark for ox, oy in found):
            x += 2.2 * mark  # noqa: PLW2901  # until it is free
        found.append((x, y))
    return found


def _label(
    name: str,
    at: tuple[float, float],
    font: float,
    mark: float,
    where: tuple[_Box, list[_Box]],
) -> dict[str, Any] | None:
    """Where a name stands beside its mark; None where it would cover something."""
    (x, y), (view, taken) = at, where
    wide = sum(font if east_asian_width(one) in "WF" else font * 0.6 for one in name)
    gap = mark * 1.6
    for left, base, anchor in (
        (x + gap, y + font * 0.35, "start"),
        (x - gap - wide, y + font * 0.35, "end"),
        (x - wide / 2, y - gap - font * 0.2, "middle"),
        (x - wide / 2, y + gap + font * 0.9, "middle"),
    ):
        box = _Box(left, base - font * 0.9, left + wide, base + font * 0.25)
        if view.holds(box) and not any(box.meets(one) for one in taken):
            taken.append(box)
            start = {"start": left, "end": left + wide, "middle": left + wide / 2}[anchor]
            return {"x": round(start, 1), "y": round(base, 1), "anchor": anchor}
    return None


@lru_cache
def _world() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_DATA.read_text("ascii"))
    return found


@lru_cache
def _land() -> list[tuple[str, _Box]]:
    """Each ring with its bounds."""
    found = []
    for path in _world()["land"]:
        x, y, *steps = map(int, _STEP.findall(path))
        xs, ys = [x], [y]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            xs.append(xs[-1] + dx)
            ys.append(ys[-1] + dy)
        found.append((path, _Box(min(xs), min(ys), max(xs), max(ys))))
    return found
