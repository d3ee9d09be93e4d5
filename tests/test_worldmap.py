"""The map of places: only where it helps, every place on it, no name over another."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.observation import Observation
from sotokara.render.worldmap import SHAPES, Spot, middle_of, world_map

from tests.tampered.site import at, html, site
from tests.worldmap import OUT, simplified

NAMES = st.text("abcdefghij東", min_size=1, max_size=14)
DEGREES = st.tuples(NAMES, st.floats(-55, 80), st.floats(-180, 180), st.sampled_from(SHAPES))


def box(mark: dict[str, Any], font: float) -> tuple[float, float, float, float]:
    wide = sum(font if one == "東" else font * 0.6 for one in mark["name"])
    label = mark["label"]
    left = label["x"] - {"start": 0, "middle": wide / 2, "end": wide}[label["anchor"]]
    return left, label["y"] - font * 0.8, left + wide, label["y"] + font * 0.2


@settings(max_examples=60, deadline=None)
@given(st.lists(DEGREES, max_size=12))
def test_every_place_is_on_the_map_and_no_name_covers_another(every: list[Any]) -> None:
    drawn = world_map([Spot(*one) for one in every])
    apart = {(round(one[1]), round(one[2])) for one in every}
    assert (drawn is not None) == (len(apart) > 1)
    if drawn is None:
        return
    left, top, wide, high = map(float, drawn["view"].split())
    assert [one["name"] for one in drawn["marks"]] == [one[0] for one in every]
    boxes: list[tuple[float, float, float, float]] = []
    for mark in drawn["marks"]:
        assert top - 60 <= mark["y"] <= top + high + 60  # the poles are not drawn
        assert left - 1 <= mark["x"] <= left + wide + 40 * len(every)
        if mark["label"]:
            one = box(mark, drawn["font"])
            assert left - 1 <= one[0]
            assert one[2] <= left + wide + 1
            covers = [
                other
                for other in boxes
                if one[0] < other[2]
                and other[0] < one[2]
                and one[1] < other[3]
                and other[1] < one[3]
            ]
            assert not covers
            boxes.append(one)


def test_the_outlines_are_small_and_closed() -> None:
    assert OUT.stat().st_size <= 20_000
    world = json.loads(OUT.read_text("ascii"))
    for path in world["land"]:
        assert re.fullmatch(r"M-?\d+ \d+l[-\d ]+z", path)
    assert len(world["countries"]) > 200
    assert middle_of("sg") == (1.4, 103.8)
    assert middle_of("XX") is None
    wiggle = [(float(x), 0.1 * (x % 2)) for x in range(50)]
    assert simplified(wiggle, 0.2) == [wiggle[0], wiggle[-1]]


@pytest.fixture
def four(tmp_path: Path) -> Path:
    seen = [
        at(9, "192.0.2.80", vantage="home"),
        at(9, "198.51.100.1", vantage="tokyo"),
        at(9, failure="generic_timeout_error", vantage="fra"),
        reported(at(9, "192.0.2.80", vantage="de"), "DE"),
    ]
    return site(tmp_path, *seen, text="from: [home, tokyo, fra, de, office]\n")


def reported(one: Observation, country: str) -> Observation:
    vantage = msgspec.structs.replace(
        one.vantage, engine="ripe-atlas", country=country, probe="1234", measurement="77"
    )
    return msgspec.structs.replace(one, vantage=vantage)


PLACES = {
    "home": {"engine": "build", "at": [34.7, 135.2]},
    "tokyo": {"engine": "build", "at": [35.7, 139.7]},
    "fra": {"engine": "build", "at": [50.1, 8.7]},
    "de": {"engine": "ripe-atlas", "country": "DE"},
    "office": {"engine": "build"},
}


def test_the_map_stands_above_the_table_that_says_the_same(four: Path) -> None:
    page = html(four, places=PLACES)
    (drawn,) = re.findall(r'<svg class="probe-map".*?</svg>', page, re.DOTALL)
    assert re.findall(r'class="probe-at-(\w+)"><title>(\w+)<', drawn) == [
        ("disc", "home"),
        ("square", "tokyo"),
        ("ring", "fra"),
        ("disc", "de"),
    ]
    assert 'role="img" aria-label="Map of the places; the table below says the same"' in drawn
    assert page.index(drawn) < page.index("<table>")
    assert "Not on the map, for nobody has said where it is: office" in page
    assert page.count('<svg class="probe-shape"') == 4 + 5  # of each group, and of each row
    assert len(drawn) < 16_000


def test_there_is_no_map_where_nobody_says_where(four: Path) -> None:
    nowhere = {name: {"engine": "build"} for name in ("home", "tokyo", "fra", "office")}
    page = html(four, places=nowhere)  # but of one, and one alone makes no map
    assert "probe-map" not in page
    assert "probe-shape" not in page
