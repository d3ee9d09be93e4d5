"""One definition at several places: an observation, facts and a figure of each, side by side."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sotokara.core.expressions import EmptyReference, OpenReference, expression
from sotokara.core.observation import Observation
from sotokara.core.settings import SettingsError, load
from sotokara.render.figure import figure_text
from sotokara.site.build import Build
from sotokara.site.report import broken

from tests.sites import fence, make_site
from tests.tampered import keep
from tests.tampered.site import at, html, replay, site

PLACES = "from: [home, fra, tokyo]\n"
SEEN = ("home", "192.0.2.80"), ("fra", "192.0.2.80"), ("tokyo", "198.51.100.1")


def three(folder: Path, *seen: Observation, text: str = "", date: str = "") -> Path:
    """An article over three places, of which two see the same."""
    found = seen or tuple(at(9, address, vantage=place) for place, address in SEEN)
    return site(folder, *found, text=PLACES + text, date=date)


def value(build: Build, text: str) -> object:
    return expression(text)(lambda one: build.plan.lookup("posts/a.md", one))


def plain(folder: Path) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html(folder)).split())


def test_each_place_has_its_own_figure_and_evidence(tmp_path: Path) -> None:
    build, mistakes = replay(three(tmp_path))
    assert not mistakes
    found = {one.place: one for one in build.plan.figures()}
    assert list(found) == ["home", "fra", "tokyo"]
    assert {place: one.facts.addresses for place, one in found.items()} == {
        place: [address] for place, address in SEEN
    }
    assert {one.now.vantage.name for one in found.values() if one.now} == set(found)


def test_equal_answers_are_grouped_and_each_listing_stands_behind(tmp_path: Path) -> None:
    three(tmp_path)
    page = html(tmp_path)
    assert "2 of 3 places:</b> 192.0.2.80 <span>(home, fra)</span>" in page
    assert "1 of 3 places:</b> 198.51.100.1 <span>(tokyo)</span>" in page
    rows = re.findall(r'<th scope="row">(\w+)</th><td>.*?</b> ([\d.]+)</td>', page)
    assert rows == list(SEEN)
    assert page.count('<figure class="probe ') == page.count("</figure>") == 3
    assert page.count('<details class="probe-at-place"') == 3
    assert "Asked within 0 s from 2026-03-10 12:00:00 UTC." in plain(tmp_path)


def test_a_silence_and_an_unmeasured_place_stay_apart(tmp_path: Path) -> None:
    silent = at(9, failure="generic_timeout_error", vantage="fra")
    three(tmp_path, at(9, "192.0.2.80", vantage="home"), silent)
    keep(tmp_path / "evidence", silent, at(9, failure="no_network", vantage="tokyo"))
    said = plain(tmp_path)
    assert "1 of 3 places: 192.0.2.80" in said
    assert "1 of 3 places: no reply came in time (fra)" in said
    assert "1 of 3 places: it has never been observed, and nothing is measured" in said
    build, _ = replay(tmp_path)
    with pytest.raises(OpenReference, match="fra has no answer"):
        value(build, "ssl3.addresses")
    with pytest.raises(OpenReference, match="tokyo"):
        value(build, "ssl3.agree")
    assert value(build, "ssl3.places.home.addresses") == ["192.0.2.80"]
    with pytest.raises(EmptyReference):
        value(build, "ssl3.places.fra.addresses")


def test_references_to_places(tmp_path: Path) -> None:
    build, _ = replay(three(tmp_path))
    assert value(build, "ssl3.places.tokyo.addresses[0]") == "198.51.100.1"
    assert value(build, "ssl3.agree") is False
    assert value(build, "ssl3.rcode") == "NOERROR"
    with pytest.raises(OpenReference, match=r"home: 192\.0\.2\.80; fra: .*tokyo: 198\.51\.100\.1"):
        value(build, "ssl3.addresses")
    assert value(build, "ssl3.seeing('192.0.2.80')") == ["home", "fra"]
    assert value(build, "ssl3.lacking('192.0.2.80')") == ["tokyo"]
    asked = "ssl3.places.values() | map(attribute='addresses') | map('first') | unique | list"
    assert value(build, asked) == ["192.0.2.80", "198.51.100.1"]


def test_what_is_put_side_by_side_is_of_one_time(tmp_path: Path) -> None:
    seen = [at(9, "192.0.2.80", vantage=place) for place in ("fra", "tokyo")]
    three(tmp_path, at(6, "192.0.2.80", vantage="home"), *seen)
    assert "Not at the same time: home was asked more than 10 minutes before" in plain(tmp_path)
    build, _ = replay(tmp_path)
    with pytest.raises(OpenReference, match="home was asked at another time"):
        value(build, "ssl3.agree")
    build, _ = replay(tmp_path, window="7d")
    assert value(build, "ssl3.agree") is True


def test_claims_over_places_stand_once_and_others_at_each_place(tmp_path: Path) -> None:
    claims = """expect:
  - ssl3.agree
  - "'tokyo' in ssl3.lacking('192.0.2.80')"
  - "'192.0.2.80' in addresses"
"""
    build, mistakes = replay(three(tmp_path, text=claims))
    assert not mistakes
    found = [
        (figure.place, claim.text, claim.state, claim.over)
        for figure, findings in build.found()
        for claim in findings.claims
    ]
    own = "'192.0.2.80' in addresses"
    assert found == [
        ("home", "ssl3.agree", "broken", True),
        ("home", "'tokyo' in ssl3.lacking('192.0.2.80')", "holds", True),
        ("home", own, "holds", False),
        ("fra", own, "holds", False),
        ("tokyo", own, "broken", False),
    ]
    assert html(tmp_path).count("<code>ssl3.agree</code>") == 1
    over, at_tokyo = broken(build.found(), "docs")
    assert ": ssl3.agree does not hold" in over
    assert f": {own} · tokyo does not hold" in at_tokyo


def test_a_claim_over_places_says_since_when_it_is_broken(tmp_path: Path) -> None:
    before = [at(5, "192.0.2.80", vantage=place) for place, _ in SEEN]
    after = [at(9, address, vantage=place) for place, address in SEEN]
    build, _ = replay(three(tmp_path, *before, *after, text="expect: ssl3.agree\n"))
    ((claim,), *_) = [findings.claims for _, findings in build.found() if findings.claims]
    assert claim.state == "broken"
    assert claim.held
    assert claim.since
    assert (claim.since.moment - claim.held.moment) == timedelta(days=4)


def test_then_and_now_compare_within_a_place(tmp_path: Path) -> None:
    before = [at(2, "192.0.2.80", vantage=place) for place, _ in SEEN]
    after = [at(9, address, vantage=place) for place, address in SEEN]
    build, _ = replay(three(tmp_path, *before, *after, date="2026-03-03"))
    drifts = {figure.place: bool(findings.drift) for figure, findings in build.found()}
    assert drifts == {"home": False, "fra": False, "tokyo": True}


def test_the_terminal_says_the_same(tmp_path: Path) -> None:
    build, _ = replay(three(tmp_path))
    (node,) = build.plan.nodes.values()
    text = figure_text(node, "ja", build.findings)
    assert "3 か所中 2 か所: 192.0.2.80 (home、fra)" in text
    assert text.count("198.51.100.1") >= 2


def test_mistakes_in_places_are_named(tmp_path: Path) -> None:
    three(tmp_path)
    for wrong, said in (
        ("from: [home, fa]", "no place is called 'fa'; did you mean 'fra'?"),
        ("from: [home, home]", "the place 'home' stands twice"),
        ("from: []", "from names no place"),
        ("from: [home, fra]\npin: 2026-03-10", "pin is of one place, and from names 2"),
    ):
        text = f"# A\n\n```probe\ndns: ssl3.example.com\n{wrong}\n```\n"
        (tmp_path / "docs" / "posts" / "a.md").write_text(text, "utf-8")
        _, mistakes = replay(tmp_path)
        assert said in " ".join(mistakes), mistakes


@pytest.mark.parametrize(
    ("place", "mistakes"),
    [
        ({"engine": "globalping", "location": "Tokyo"}, 1),
        ({"engine": "ripe-atlas", "country": "JP"}, 1),
        ({"engine": "dask"}, 0),
        ({"engine": "build"}, 0),
    ],
)
def test_many_subjects_are_not_asked_from_a_platform(
    place: dict[str, object], mistakes: int, tmp_path: Path
) -> None:
    text = fence(dns="{{ each.value }}", each="198.51.100.0/30", **{"from": "tokyo"})
    site = make_site(tmp_path, {"a.md": f"# A\n\n{text}"}, places={"tokyo": place})
    _, told = replay(site)
    said = "docs/a.md:3: each asks many, and 'tokyo' is a place of a platform"
    assert [one.startswith(said) for one in told] == [True] * mistakes


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ({"fra": {"engine": "dusk"}}, "dusk"),
        ({"fra": {"engine": "dask", "at": [91, 0]}}, "at"),
        ({"fr/a": {"engine": "build"}}, "fr/a"),
        ({"fra": {"engine": "build", "worker": "x"}}, "worker"),
    ],
)
def test_settings_of_places_are_looked_at(places: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load({"places": places}, {})


def test_a_prose_value_is_open_where_places_differ(tmp_path: Path) -> None:
    three(tmp_path)
    extensions = "[sotokara, pymdownx.highlight, pymdownx.inlinehilite]"
    (tmp_path / "mkdocs.yml").write_text(f"site_name: t\nmarkdown_extensions: {extensions}\n")
    page = tmp_path / "docs" / "posts" / "a.md"
    page.write_text(page.read_text("utf-8") + "\n`#!probe ssl3.addresses`\n", "utf-8")
    build, mistakes = replay(tmp_path)
    assert not mistakes
    (token,) = build.inlines
    said = build.value("posts/a.md", token)
    assert "not the same at all places" in said
    assert "tokyo: 198.51.100.1" in said
