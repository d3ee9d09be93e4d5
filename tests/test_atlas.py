"""RIPE Atlas as an engine: credits said and bounded first, reports kept, read, and never ours."""

import base64
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import dns.message
import dns.rrset
import pytest
from sotokara.core.observation import Observation, Outcome
from sotokara.core.settings import SettingsError
from sotokara.definitions.definition import read_definition
from sotokara.engine import atlas
from sotokara.engine.settings import load
from sotokara.ledger import Ledger
from sotokara.ledger.verify import main as verify
from sotokara.render.figure import figure_html
from sotokara.servers.nameserver import NameServer
from sotokara.site.build import Build

from tests.servers.api import Answer
from tests.servers.platforms import AtlasApi
from tests.servers.thread import serving

KEY = "00000000-0000-4000-8000-00000000feed"
SOURCE = "dns: www.shop.example\nid: shop\nfrom: [author, de]\n"
DE = {"engine": "ripe-atlas", "country": "de"}
Ask = Callable[..., tuple[Build, Observation]]


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    one = NameServer()
    with serving(one):
        yield one.address


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "_POLL", 0.01)
    monkeypatch.setenv("SOTOKARA_ATLAS_KEY", KEY)


@pytest.fixture
def ask(tmp_path: Path, resolver: str) -> Ask:
    def asked(
        platform: AtlasApi,
        text: str = SOURCE,
        place: Mapping[str, Any] = DE,
        **settings: Any,
    ) -> tuple[Build, Observation]:
        given = {
            "places": {"de": place},
            "ripe_atlas": {"api": platform.api.url, **settings},
            "policy": {"allow": ["127.0.0.0/8"]},
            "resolvers": [resolver],
            "control": [resolver],
        }
        build = Build(load(given, {}), tmp_path)
        definition, mistakes = read_definition(text, "a.md", 1, "t")
        assert definition, mistakes
        build.run.add([definition])
        assert build.finish() == []
        (seen,) = (one.now for one in build.plan.figures() if one.place == "de")
        assert seen
        return build, seen

    return asked


def abuf(definition: Mapping[str, Any], *addresses: str) -> str:
    """A message that answers a definition's question."""
    name, rdtype = definition["query_argument"], definition["query_type"]
    message = dns.message.make_response(dns.message.make_query(name, rdtype))
    if addresses and rdtype == "A":
        message.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "A", *addresses))
    return base64.b64encode(message.to_wire()).decode()


def result(probe: int, **more: Any) -> dict[str, Any]:
    base = {"prb_id": probe, "timestamp": 1764320400, "fw": 5090, "af": 4, "from": "203.0.113.9"}
    return {**base, **more}


def resolved(probe: int, definition: Mapping[str, Any], *addresses: str) -> dict[str, Any]:
    answer = {"abuf": abuf(definition, *addresses), "rt": 12.1}
    return result(probe, type="dns", resultset=[{"dst_addr": "192.168.1.1", "result": answer}])


def one_probe(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [resolved(1234, definition, "192.0.2.80")]


def three_probes(definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    every = ((1234, "192.0.2.80"), (5678, "192.0.2.80"), (9012, "198.51.100.1"))
    return [resolved(probe, definition, address) for probe, address in every]


def why(seen: Observation) -> str:
    assert seen.outcome is Outcome.NOT_MEASURED
    assert seen.failure
    return f"{seen.failure.name}: {seen.failure.detail}"


@pytest.mark.parametrize(
    ("body", "cost"),
    [  # the examples and defaults of the platform's page, twice: once and for all
        ({"type": "ping", "packets": 3}, 6),
        ({"type": "ping", "packets": 3, "size": 1499}, 6),
        ({"type": "ping", "packets": 3, "size": 1500}, 12),
        ({"type": "traceroute", "packets": 3}, 60),
        ({"type": "traceroute", "packets": 1, "size": 3000, "protocol": "TCP"}, 60),
        ({"type": "dns", "protocol": "UDP"}, 20),
        ({"type": "dns", "protocol": "TCP"}, 40),
        ({"type": "sslcert"}, 20),
    ],
)
def test_what_a_question_costs(body: dict[str, object], cost: int) -> None:
    assert atlas.credits_of(body) == cost


def test_a_report_is_kept_whole_and_said_to_be_theirs(
    ask: Ask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    platform = AtlasApi(one_probe)
    platform.limited = 1
    with serving(platform.api), caplog.at_level(logging.INFO):
        build, seen = ask(platform)
    said = "RIPE Atlas: www.shop.example at de costs about 40 credits (40 of 1000 in this build)"
    assert said in caplog.text
    assert seen.outcome is Outcome.ANSWERED
    assert seen.facts.addresses == ["192.0.2.80"]  # type: ignore[union-attr]
    vantage = seen.vantage
    assert (vantage.engine, vantage.measurement, vantage.probe) == (
        "ripe-atlas",
        "7001, 7002",
        "1234",
    )
    assert (vantage.country, vantage.network) == ("DE", "AS64500")
    assert vantage.software.endswith(", RIPE Atlas firmware 5090")
    (post,) = platform.posted()
    assert [one["query_type"] for one in post["definitions"]] == ["A", "AAAA"]
    assert all(one["use_probe_resolver"] and one["is_public"] for one in post["definitions"])
    assert post["probes"] == [{"requested": 1, "type": "country", "value": "DE"}]
    assert post["is_oneoff"] is True
    keys = [one.headers.get("authorization") for one in platform.api.asked]
    assert keys == [f"Key {KEY}"] + [None] * (len(keys) - 1)
    steps = {one.step: one for one in seen.exchanges}
    assert set(steps) == {"A", "AAAA", "headers of A", "headers of AAAA", "their probes"}
    assert b"content-length: " in (steps["headers of A"].received or b"")
    (node,) = build.plan.nodes.values()
    html = figure_html(node, "en", build.findings)[0]
    assert "Reported by RIPE Atlas probe 1234, DE, AS64500" in html
    assert "reported by RIPE Atlas probe 1234, measurement 7001, 7002, DE, AS64500" in html
    theirs = re.sub(r"<[^>]+>", " ", html.rpartition('<details class="probe-at-place"')[2])
    assert "measured from" not in theirs
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json*"))
    assert KEY.encode() not in kept
    assert verify([str(tmp_path / "evidence")]) in (0, 1)  # unsealed runs are named, not broken
    lines = Ledger(tmp_path / "evidence").index.every()
    assert sorted(one.vantage for one in lines) == ["author", "de"]


def test_probes_of_one_place_stand_side_by_side(ask: Ask) -> None:
    platform = AtlasApi(three_probes)
    with serving(platform.api):
        build, seen = ask(platform, place=DE | {"probes": 3})
    facts: Any = seen.facts
    assert [(one.server, one.addresses) for one in facts.servers] == [
        ("probe 1234", ["192.0.2.80"]),
        ("probe 5678", ["192.0.2.80"]),
        ("probe 9012", ["198.51.100.1"]),
    ]
    assert facts.agree is False
    assert (seen.vantage.probe, seen.vantage.country) == ("1234, 5678, 9012", "")
    assert seen.volatile["probes"] == {"asked": 3, "reported": 3}
    (node,) = build.plan.nodes.values()
    html = figure_html(node, "en", build.findings)[0]
    assert "Reported by RIPE Atlas probes 1234, 5678, 9012" in html
    assert "the probes do not say the same" in html


@pytest.mark.parametrize("scheduled", [3, None])
def test_probes_that_do_not_report_are_said(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, scheduled: int | None
) -> None:
    monkeypatch.setattr(atlas, "_SETTLED", 0.1)
    platform = AtlasApi(three_probes)
    platform.scheduled = scheduled
    with serving(platform.api):
        build, seen = ask(platform, place=DE | {"probes": 5})
    assert seen.volatile["probes"] == {"asked": 5, "reported": 3}
    (node,) = build.plan.nodes.values()
    said = "3 of 5 probes that were asked have reported"
    assert said in figure_html(node, "en", build.findings)[0]


def test_a_probe_that_has_not_answered_every_question_is_not_compared(ask: Ask) -> None:
    def some(definition: dict[str, Any]) -> list[dict[str, Any]]:
        every = three_probes(definition)
        return every[:2] if definition["query_type"] == "A" else every

    platform = AtlasApi(some, status={"id": 4, "name": "Stopped"})
    platform._status = {"id": 2, "name": "Ongoing"}
    platform.scheduled = 2
    with serving(platform.api):
        _, seen = ask(platform, place=DE | {"probes": 3})
    facts: Any = seen.facts
    assert [one.server for one in facts.servers] == ["probe 1234", "probe 5678"]
    assert facts.agree is True


def test_nothing_is_spent_beyond_what_the_settings_allow(ask: Ask) -> None:
    platform = AtlasApi(one_probe)
    with serving(platform.api):
        _, seen = ask(platform, credits=39)
        assert why(seen) == "policy_refused: it costs 40 credits, and 39 of 39 are left"
        _, seen = ask(platform, place=DE | {"probes": 2}, credits=79)
        assert "it costs 80 credits" in why(seen)
    assert not platform.posted()


def test_nobody_is_asked_without_a_key(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOTOKARA_ATLAS_KEY")
    platform = AtlasApi(one_probe)
    with serving(platform.api):
        _, seen = ask(platform)
    assert why(seen) == "place_unreachable: SOTOKARA_ATLAS_KEY has no key"
    assert not platform.api.asked


FORBIDDEN = {"error": {"status": 403, "detail": "The key is not valid.", "title": "Forbidden"}}


@pytest.mark.parametrize(
    ("platform", "said"),
    [
        (AtlasApi(made=Answer(403, FORBIDDEN)), "HTTP 403: The key is not valid."),
        (AtlasApi(made=Answer(400, b"<html>")), "place_unreachable: HTTP 400"),
        (AtlasApi(made=Answer(429, {}, {"Retry-After": "120"})), "free again in 120 s"),
        (AtlasApi(made=Answer(201, b"{")), "place_differs: it sent what is no report"),
        (AtlasApi(made=Answer(201, b"[" * 9000)), "place_differs: it sent what is no report"),
        (AtlasApi(made=Answer(201, {"measurements": [7]})), "gave the measurement no name"),
        (AtlasApi(made=Answer(201, {"measurements": [7, "8"]})), "gave the measurement no name"),
        (AtlasApi(made=Answer(201, {"measurements": [7, True]})), "gave the measurement no name"),
        (AtlasApi(given=Answer(500, b"")), "place_unreachable: HTTP 500"),
        (AtlasApi(given=Answer(200, b"{]")), "place_differs: it sent what is no report"),
        (AtlasApi(given=Answer(200, {"prb_id": 1}), status={"id": 6, "name": "No suitable probes"}),
         "ended without a report: No suitable probes"),
        (AtlasApi(lambda _: [result(1234, type="dns", error={"timeout": 5000})]),
         "its probe says: timeout: 5000"),
        (AtlasApi(lambda _: [result(1234, type="dns", result={"abuf": "AAAA"})]), "no DNS answer"),
        (AtlasApi(lambda one: [resolved(1234, {**one, "query_argument": "other.example"})]),
         "an answer to another question"),
        (AtlasApi(lambda _: [result(1234)]), "its probe says: nothing"),
    ],
)  # fmt: skip
def test_what_goes_wrong_between_is_not_measured(ask: Ask, platform: AtlasApi, said: str) -> None:
    with serving(platform.api):
        _, seen = ask(platform)
    assert said in why(seen)
    assert seen.facts is None


def test_reports_that_do_not_come_in_time_are_named_for_citing(ask: Ask) -> None:
    with serving((platform := AtlasApi()).api):
        _, seen = ask(platform, patience=0.3)
    assert re.fullmatch(
        r"deadline_exceeded: measurement (\d+) did not end in time; cite it as ripe-atlas:\1",
        why(seen),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{SOURCE}redact: shop\n", "hidden target"),
        (f"{SOURCE}dnssec: self\n", "RIPE Atlas cannot ask"),
        ("http: www.shop.example\nfrom: [author, de]\n", "RIPE Atlas cannot ask"),
        ("traceroute: www.shop.example\nfrom: [author, de]\n", "several probes cannot ask"),
    ],
)
def test_what_must_not_or_cannot_be_asked_there_is_not_sent(ask: Ask, text: str, said: str) -> None:
    platform = AtlasApi(one_probe)
    with serving(platform.api):
        _, seen = ask(platform, text, DE | {"probes": 2})
    assert said in why(seen)
    assert not platform.api.asked


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({}, "say where with one of"),
        ({"country": "DE", "asn": 64500}, "say where with one of"),
        ({"country": "DEU"}, "country: 'DEU' is none"),
        ({"asn": -1}, "asn: -1 is none"),
        ({"area": "Mars"}, "area: 'Mars' is none"),
        ({"prefix": "192.0.2.0"}, "prefix: '192.0.2.0' is none"),
        ({"ids": [0]}, "probes: '0' is none"),
        ({"country": "DE", "probes": 51}, "probes"),
    ],
)
def test_places_that_are_none_are_mistakes(place: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        load({"places": {"de": {"engine": "ripe-atlas", **place}}}, {})


def test_where_is_said_in_the_platform_s_terms(ask: Ask) -> None:
    def own(definition: dict[str, Any]) -> list[dict[str, Any]]:
        return three_probes(definition)[:2]

    platform = AtlasApi(own)
    with serving(platform.api):
        ask(platform, place={"engine": "ripe-atlas", "ids": [1234, 5678], "tags": ["home"]})
    assert platform.posted()[0]["probes"] == [
        {"requested": 2, "type": "probes", "value": "1234,5678", "tags": {"include": ["home"]}}
    ]
