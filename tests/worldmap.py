"""Reduce Natural Earth's outlines to what the map of places needs.

``python -m tests.worldmap world-atlas-2.0.2.tgz`` reads land (1:110 m) and countries (1:50 m) from
the npm package ``world-atlas`` and writes ``probes/sotokara/render/world.json``: rings of land as
SVG paths in quarters of a degree, and for each country the middle of its largest part. Babel knows
which country has which number.
"""

import json
import math
import sys
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from babel.core import get_global

OUT = Path(__file__).parents[1] / "probes" / "sotokara" / "render" / "world.json"
UNITS = 4
"""Of one degree."""
_TOLERANCE, _SMALLEST = 0.3, 4.0
"""Degrees by which a line may move, and square degrees below which an island is left out."""
_SOUTH = -58.0
"""Antarctica is not drawn."""
Point = tuple[float, float]
Ring = list[Point]


def main(package: str) -> None:
    """Read the package, write the file."""
    with tarfile.open(package) as files:
        land, countries = (
            json.load(files.extractfile(f"package/{name}.json"))  # type: ignore[arg-type]
            for name in ("land-110m", "countries-50m")
        )
    whole = map(_unwrapped, _rings(land, "land"))
    rings = [part for one in whole if _area(one) >= _SMALLEST for part in _on_both_edges(one)]
    rings = [one for one in rings if max(lat for _, lat in one) > _SOUTH]
    rings.sort(key=_area, reverse=True)
    paths = [_path(simplified(one, _TOLERANCE)) for one in rings]
    middles = dict(sorted(_middles(countries)))
    text = json.dumps({"land": paths, "countries": middles}, separators=(",", ":"))
    OUT.write_text(text + "\n", "ascii")
    sys.stdout.write(f"{len(paths)} rings, {len(middles)} countries, {len(text)} bytes\n")


def _rings(topology: dict[str, Any], name: str) -> Iterator[Ring]:
    """The outer rings of an object, as [longitude, latitude]."""
    arcs = _arcs(topology)
    for geometry in topology["objects"][name]["geometries"]:
        yield from _outer(geometry, arcs)


def _unwrapped(ring: Ring) -> Ring:
    """A ring across the 180th meridian without the jump from one edge to the other."""
    found, turn, before = [], 0.0, ring[0][0]
    for lon, lat in ring:
        turn -= 360.0 * round((lon - before) / 360.0)
        before = lon
        found.append((lon + turn, lat))
    return found


def _on_both_edges(ring: Ring) -> Iterator[Ring]:
    """A ring, and once more a turn away where it reaches over an edge."""
    yield ring
    for turn in (-360.0, 360.0):
        moved = [(lon + turn, lat) for lon, lat in ring]
        if min(lon for lon, _ in moved) < 180 and max(lon for lon, _ in moved) > -180:  # degrees
            yield moved


def _outer(geometry: dict[str, Any], arcs: Sequence[Ring]) -> Iterator[Ring]:
    parts = {"Polygon": lambda one: [one], "MultiPolygon": list}.get(geometry["type"])
    for polygon in parts(geometry["arcs"]) if parts else []:
        ring: Ring = []
        for number in polygon[0]:
            arc = arcs[number] if number >= 0 else arcs[~number][::-1]
            ring += arc[1 if ring else 0 :]
        yield ring


def _arcs(topology: dict[str, Any]) -> list[Ring]:
    (kx, ky), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * kx + tx, y * ky + ty))
        found.append(line)
    return found


def _area(ring: Ring) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(a * d - c * b for (a, b), (c, d) in pairs)) / 2


def simplified(line: Ring, tolerance: float) -> Ring:
    """Fewer points, none of the old ones farther from the new line (Douglas and Peucker, 1973)."""
    kept, waiting = {0, len(line) - 1}, [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        far, at = 0.0, 0
        for number in range(first + 1, last):
            away = _away(line[number], line[first], line[last])
            if away > far:
                far, at = away, number
        if far > tolerance:
            kept.add(at)
            waiting += [(first, at), (at, last)]
    return [line[number] for number in sorted(kept)]


def _away(point: Point, start: Point, end: Point) -> float:
    (x, y), (ax, ay), (bx, by) = point, start, end
    length = math.hypot(bx - ax, by - ay)
    if not length:
        return math.hypot(x - ax, y - ay)
    along = max(0.0, min(1.0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length**2))
    return math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay))


def _path(ring: Ring) -> str:
    """A closed ring as an SVG path of whole numbers, each relative to the one before."""
    points = [(round((lon + 180) * UNITS), round((90 - lat) * UNITS)) for lon, lat in ring]
    (x, y), *rest = points
    steps = []
    for nx, ny in rest[:-1]:
        if (nx, ny) != (x, y):
            steps.append(f"{nx - x} {ny - y}".replace(" -", "-"))
        x, y = nx, ny
    return f"M{points[0][0]} {points[0][1]}l{' '.join(steps).replace(' -', '-')}z"


def _middles(countries: dict[str, Any]) -> Iterator[tuple[str, list[float]]]:
    """Each country's code, and [latitude, longitude] of the middle of its largest part."""
    arcs, codes = _arcs(countries), get_global("territory_aliases")
    for geometry in countries["objects"]["countries"]["geometries"]:
        code = codes.get(str(geometry.get("id", "")).zfill(3))
        rings = list(_outer(geometry, arcs))
        if code and rings:
            lon, lat = _middle(max(rings, key=_area))
            yield code[0], [round(lat, 1), round(lon, 1)]


def _middle(ring: Ring) -> Point:
    """The centre of gravity."""
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    crosses = [a * d - c * b for (a, b), (c, d) in pairs]
    area = sum(crosses) * 3
    if not area:
        return ring[0]
    lon = sum((a + c) * one for ((a, _), (c, _)), one in zip(pairs, crosses, strict=True)) / area
    lat = sum((b + d) * one for ((_, b), (_, d)), one in zip(pairs, crosses, strict=True)) / area
    return lon, lat


if __name__ == "__main__":
    main(sys.argv[1])
