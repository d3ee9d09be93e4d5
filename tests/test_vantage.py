"""Then and now, claims and changes compare within one vantage: that of the article's day."""

import itertools
import re
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Outcome
from sotokara.core.settings import Settings
from sotokara.definitions.definition import read_definition
from sotokara.engine.figure import Figure, Node
from sotokara.engine.recall import Recall
from sotokara.ledger import Ledger, Writer
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving
from tests.tampered import keep, observation
from tests.tampered.site import DAY, at, figure, findings, html, replay, site


def test_a_build_elsewhere_is_no_change(tmp_path: Path) -> None:
    """Three builds at home and one in CI, on the article's day."""
    home = [at(day, "192.0.2.1", vantage="home") for day in (2, 2.1, 2.2)]
    site(tmp_path, *home, at(2.3, "192.0.2.4", vantage="ci"), text=EXPECT)
    for vantage in ("home", "ci", "author"):
        one, found = figure(tmp_path, vantage=vantage), findings(tmp_path, vantage=vantage)
        assert one.facts.addresses == ["192.0.2.1"]
        assert found.drift is None
        assert found.changes == []
        assert [claim.state for claim in found.claims] == ["holds"]
        build, _ = replay(tmp_path, vantage=vantage)
        assert not any(found.changes for _, found in build.found())


EXPECT = "expect: \"'192.0.2.1' in addresses\"\n"


@pytest.mark.parametrize(
    ("days", "shown"),
    [
        ([(2, "home"), (2.3, "ci"), (9, "ci")], "home"),
        ([(2.3, "ci"), (2.1, "home")], "home"),
        ([(0, "old"), (1, "new"), (9, "old")], "new"),
        ([(9, "ci"), (5, "home")], "home"),
        ([(0, "lab"), (9, "home")], "home"),
    ],
)
def test_the_vantage_of_the_articles_day(
    tmp_path: Path, days: list[tuple[float, str]], shown: str
) -> None:
    site(tmp_path, *(at(day, f"192.0.2.{int(day) + 1}", vantage=name) for day, name in days))
    now = figure(tmp_path).now
    assert now
    assert now.vantage.name == shown


@pytest.mark.parametrize("key", ["from", "vantage"])
def test_a_definition_may_say_otherwise(tmp_path: Path, key: str) -> None:
    days = at(2, "192.0.2.1", vantage="home"), at(9, "192.0.2.4", vantage="ci")
    site(tmp_path, *days, text=f"{key}: ci\n")
    assert figure(tmp_path).facts.addresses == ["192.0.2.4"]
    assert findings(tmp_path).drift is None


def test_a_change_within_the_vantage_names_the_place_of_then_and_of_now(tmp_path: Path) -> None:
    days = at(2, "192.0.2.1", vantage="home"), at(3, "192.0.2.9", vantage="ci")
    site(tmp_path, *days, at(9, "192.0.2.4", vantage="home"))
    found = findings(tmp_path)
    assert found.drift
    assert [(one.path, one.before, one.after) for one in found.drift.fields] == [
        ("addresses", "192.0.2.1", "192.0.2.4")
    ]
    text = re.sub(r"<[^>]+>", "", html(tmp_path))
    assert "Then, observed 2026-03-03 12:00 UTC from home" in text
    assert "Now, observed 2026-03-10 12:00 UTC from home" in text


def test_a_page_without_a_date_is_shown_from_here(tmp_path: Path) -> None:
    days = at(2, "192.0.2.1", vantage="home"), at(9, "192.0.2.4", vantage="ci")
    site(tmp_path, *days, date="")
    assert figure(tmp_path, vantage="home").facts.addresses == ["192.0.2.1"]
    assert figure(tmp_path, vantage="ci").facts.addresses == ["192.0.2.4"]
    assert figure(tmp_path, vantage="office").facts.addresses == ["192.0.2.4"]
    assert findings(tmp_path, vantage="home").changes == []


def test_a_test_network_shows_what_was_seen_in_it_alone(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1", vantage="home"), at(9, "192.0.2.4", vantage="lab"))
    assert figure(tmp_path, vantage="lab").facts.addresses == ["192.0.2.4"]
    assert findings(tmp_path, vantage="lab").drift is None


def test_an_answer_of_this_build_counts_before_it_is_kept(tmp_path: Path) -> None:
    keep(tmp_path / "evidence", at(0, "192.0.2.1", vantage="ci"))
    definition, _ = read_definition("dns: ssl3.example.com", "a.md", 1, "t")
    assert definition
    definition = definition.on_page_in("en", (DAY + timedelta(days=2)).date())
    asked = Figure(Node(definition), "ssl3.example.com", definition.question("ssl3.example.com"))
    recall = Recall(Settings(vantage="home"), Ledger(tmp_path / "evidence"), [])
    assert recall.place(asked) == "ci"
    fresh = observation("ssl3.example.com", "192.0.2.2", start=DAY, vantage="home")
    assert recall.place(asked, fresh) == "home"  # an hour before noon is later than two days before
    on_the_day = at(2, "192.0.2.2", vantage="home")
    assert recall.fits(asked, on_the_day)
    assert not recall.fits(asked, at(20, "192.0.2.2", vantage="home"))


def test_a_live_build_elsewhere_measures_and_shows_the_place_of_the_article(
    tmp_path: Path,
) -> None:
    site(tmp_path, at(2, "192.0.2.1", vantage="home"), text=EXPECT)
    server = NameServer()
    with serving(server):
        asked = [server.address]
        build, mistakes = replay(
            tmp_path, mode="live", vantage="ci", resolvers=asked, control=asked
        )
    assert not mistakes
    ((one, found),) = build.found()
    assert one.facts.addresses == ["192.0.2.1"]
    assert (found.drift, found.changes) == (None, [])
    assert [claim.state for claim in found.claims] == ["holds"]
    assert [seen.vantage.name for seen in build.kept] == ["ci"]
    again = findings(tmp_path, vantage="ci")
    assert (again.drift, again.changes) == (None, [])


_HERE = "engine: build"
_WORKER = "engine: dask"
_GLOBALPING = "engine: globalping, location: Frankfurt"
_ATLAS = "engine: ripe-atlas, country: DE"


@pytest.mark.parametrize(
    ("place", "seen"),
    [
        (_HERE, ["192.0.2.1", "192.0.2.2"]),
        (_WORKER, ["192.0.2.1", "192.0.2.2"]),  # the same host of one's own
        (_GLOBALPING, ["192.0.2.3", "192.0.2.5"]),
        (_ATLAS, ["192.0.2.4"]),
        ("", ["192.0.2.3", "192.0.2.5"]),  # it is named no more: what went on last
    ],
)
def test_a_place_that_has_another_engine_by_now_begins_anew(
    tmp_path: Path, place: str, seen: list[str]
) -> None:
    """One name, and four who have measured under it: nothing of them is one history."""
    engines = ["", "dask", "globalping", "ripe-atlas", "globalping"]
    every = [
        msgspec.structs.replace(
            kept := at(day, f"192.0.2.{day + 1}", vantage="fra"),
            vantage=msgspec.structs.replace(kept.vantage, engine=engine),
        )
        for day, engine in enumerate(engines)
    ]
    site(tmp_path, *every, text="from: fra\n", date="2026-03-20")
    if place:
        with (tmp_path / "mkdocs.yml").open("a", encoding="utf-8") as file:
            file.write(f"extra: {{probes: {{places: {{fra: {{{place}}}}}}}}}\n")
    one, found = figure(tmp_path), findings(tmp_path)
    assert one.facts.addresses == seen[-1:]
    told = [(change.before.moment.day, change.after.moment.day) for change in found.changes]
    days = [int(address.rpartition(".")[2]) for address in seen]
    assert told == list(itertools.pairwise(days))
    assert found.drift is None
    assert {entry.vantage for entry in Ledger(tmp_path / "evidence").index.every()} == {"fra"}


def test_what_others_report_stays_in_the_history_of_who_cites_it(tmp_path: Path) -> None:
    """A citation bears the platform's name, and no place is the platform's for that."""
    cited = at(2, "192.0.2.1")
    vantage = msgspec.structs.replace(cited.vantage, engine="ripe-atlas")
    keep(
        tmp_path / "evidence",
        msgspec.structs.replace(cited, vantage=vantage, outcome=Outcome.CITED),
    )
    index = Ledger(tmp_path / "evidence").index
    assert index.history("author") == "author"
    assert index.rows(cited.digest, lambda one: one == "author")


def test_a_masked_question_of_another_article_chooses_no_place(tmp_path: Path) -> None:
    """Two targets of one shape are one question once both are masked; each has its own past."""
    identity = {"dns": "xxxx.example"}
    for day, address, vantage, place in (
        (0, "192.0.2.9", "tokyo", "posts/b.md#other"),
        (5, "192.0.2.1", "home", "posts/a.md#ssl3"),
        (6, "192.0.2.9", "tokyo", "posts/b.md#other"),
    ):
        seen = msgspec.structs.replace(
            at(day, address, vantage=vantage),
            definition=identity,
            digest=digest(canonical(identity)),
            exchanges=(),
        )
        writer = Writer(Ledger(tmp_path / "evidence"), vantage)
        writer.append([(seen, [place])])
        assert writer.close()
    site(tmp_path, at(8, "192.0.2.1", vantage="home"))
    now = figure(tmp_path).now
    assert now
    assert now.vantage.name == "home"
