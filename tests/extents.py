"""Reduce Natural Earth's countries to boxes that hold them, for what a short ping excludes.

``python -m tests.extents world-atlas-2.0.2.tgz`` reads the countries (1:10 m) of the npm package
``world-atlas`` and writes ``probes/sotokara/kinds/ping/extents.json``: for each code of ISO 3166-1
boxes of whole degrees, south, west, north, east, rounded outwards. One across the 180th
meridian goes on beyond it. A box may be too large: then
less is excluded. It is never too small.
"""

import json
import math
import sys
import tarfile
from collections.abc import Iterable
from pathlib import Path

from babel.core import get_global

from tests.worldmap import _arcs, _outer, _unwrapped

OUT = Path(__file__).parents[1] / "probes" / "sotokara" / "kinds" / "ping" / "extents.json"
_MARGIN = 0.2
"""Degrees around each outline, before it is rounded outwards."""
_NEAR = 3.0
"""Degrees between boxes that become one."""
Box = tuple[float, float, float, float]


def main(package: str) -> None:
    """Read the package, write the file."""
    with tarfile.open(package) as files:
        countries = json.load(files.extractfile("package/countries-10m.json"))  # type: ignore[arg-type]
    arcs, codes = _arcs(countries), get_global("territory_aliases")
    found: dict[str, list[Box]] = {}
    for geometry in countries["objects"]["countries"]["geometries"]:
        code = codes.get(str(geometry.get("id", "")).zfill(3))
        if code:
            found.setdefault(code[0], []).extend(
                _box(_unwrapped(ring)) for ring in _outer(geometry, arcs)
            )
    boxes = {code: sorted(_merged(every)) for code, every in sorted(found.items())}
    text = json.dumps(boxes, separators=(",", ":"))
    OUT.write_text(text + "\n", "ascii")
    sys.stdout.write(f"{len(boxes)} countries, {sum(map(len, boxes.values()))} boxes\n")


def _box(ring: Iterable[tuple[float, float]]) -> Box:
    points = list(ring)
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    return (
        max(math.floor(min(lats) - _MARGIN), -90),
        math.floor(min(lons) - _MARGIN),
        min(math.ceil(max(lats) + _MARGIN), 90),
        math.ceil(max(lons) + _MARGIN),
    )


def _merged(boxes: list[Box]) -> list[Box]:
    """Boxes that lie near each other as one that holds both."""
    waiting, done = list(boxes), []
    while waiting:
        one = waiting.pop()
        near = next((other for other in waiting if _beside(one, other)), None)
        if near is None:
            done.append(one)
            continue
        waiting.remove(near)
        south, west = min(one[0], near[0]), min(one[1], near[1])
        waiting.append((south, west, max(one[2], near[2]), max(one[3], near[3])))
    return done


def _beside(one: Box, other: Box) -> bool:
    apart = one[2] + _NEAR < other[0] or other[2] + _NEAR < one[0]
    return not apart and one[3] + _NEAR >= other[1] and other[3] + _NEAR >= one[1]


if __name__ == "__main__":
    main(sys.argv[1])
