"""Globalping as an engine: its reports are facts of the same kind, and stay its own."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sotokara.core.observation import Observation, Outcome
from sotokara.definitions.definition import read_definition
from sotokara.engine import globalping
from sotokara.engine.settings import load
from sotokara.ledger import Ledger
from sotokara.render.figure import figure_html
from sotokara.servers.nameserver import NameServer
from sotokara.site.build import Build

from tests.servers.api import Answer
from tests.servers.platforms import GlobalpingApi, report
from tests.servers.thread import serving

RECORD = {"name": "www.shop.example.", "type": "A", "ttl": 30, "class": "IN"}
RESULT = {"statusCode": 0, "answers": [RECORD | {"value": "192.0.2.80"}]}
SOURCE = "dns: www.shop.example\ntype: A\nid: shop\nfrom: [author, tokyo]\n"


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    one = NameServer()
    with serving(one):
        yield one.address


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(globalping, "_POLL", 0.01)


Ask = Callable[..., tuple[Build, Observation]]


@pytest.fixture
def ask(tmp_path: Path, resolver: str) -> Ask:
    def asked(
        platform: GlobalpingApi, text: str = SOURCE, **more: Any
    ) -> tuple[Build, Observation]:
        given_ = {
            "places": {"tokyo": {"engine": "globalping", "location": "Tokyo"}},
            "globalping": {"api": platform.api.url},
            "resolvers": [resolver],
            "control": [resolver],
            **more,
        }
        given_["policy"] = {"allow": ["127.0.0.0/8"], **more.get("policy", {})}
        build = Build(load(given_, {}), tmp_path)
        definition, mistakes = read_definition(text, "a.md", 1, "t")
        assert definition, mistakes
        build.run.add([definition])
        assert build.finish() == []
        seen = [one.now for one in build.plan.figures() if one.place == "tokyo"]
        assert seen[0]
        return build, seen[0]

    return asked


def test_a_report_is_read_and_said_to_be_theirs(ask: Ask, tmp_path: Path) -> None:
    platform = GlobalpingApi(Answer(200, report(RESULT)))
    with serving(platform.api):
        build, seen = ask(platform)
    assert seen.outcome is Outcome.ANSWERED
    assert seen.facts.addresses == ["192.0.2.80"]  # type: ignore[union-attr]
    vantage = seen.vantage
    assert (vantage.name, vantage.engine, vantage.measurement) == ("tokyo", "globalping", "abc123")
    assert (vantage.city, vantage.country, vantage.network) == ("Tokyo", "JP", "AS64500")
    (post,) = platform.posted()
    assert post == {
        "type": "dns",
        "target": "www.shop.example",
        "limit": 1,
        "locations": [{"magic": "Tokyo"}],
        "measurementOptions": {"query": {"type": "A"}},
    }
    (node,) = build.plan.nodes.values()
    html = figure_html(node, "en", build.findings)[0]
    theirs = re.sub(r"<[^>]+>", " ", html.rpartition('<details class="probe-at-place"')[2])
    assert "reported by Globalping, measurement abc123, Tokyo, JP, AS64500" in theirs
    assert "the resolver of the reporting probe" in theirs
    assert "observed 20" not in theirs.partition("Other styles")[0]
    assert "Reported by Globalping, Tokyo, JP, AS64500" in html
    kept = [one.vantage for one in Ledger(tmp_path / "evidence").index.every()]
    assert sorted(kept) == ["author", "tokyo"]


@pytest.mark.parametrize(
    ("result", "rcode", "failure"),
    [
        ({"status": "finished", "statusCode": 3, "answers": []}, "NXDOMAIN", None),
        ({"status": "finished", "statusCode": 2, "answers": []}, "", "dns_servfail_error"),
    ],
)
def test_what_the_probe_s_resolver_said(
    ask: Ask, result: dict[str, Any], rcode: str, failure: str | None
) -> None:
    platform = GlobalpingApi(Answer(200, report(result)))
    with serving(platform.api):
        _, seen = ask(platform)
    assert (seen.failure and seen.failure.name) == failure
    assert not rcode or seen.facts.rcode == rcode  # type: ignore[union-attr]


MADE = Answer(202, {"id": "abc123"})


@pytest.mark.parametrize(
    ("made", "given_", "name", "said"),
    [
        (Answer(429, {}, {"Retry-After": "9"}), None, "place_unreachable", "its limit"),
        (
            Answer(422, {"error": {"type": "no_probes_found"}}),
            None,
            "place_unreachable",
            "no probe",
        ),
        (Answer(500, b"oops"), None, "place_unreachable", "HTTP 500"),
        (Answer(202, b"{"), None, "place_differs", "no report"),
        (Answer(202, {"id": "../../x"}), None, "place_differs", "no name"),
        (MADE, Answer(429, b"", {"Retry-After": "70"}), "place_unreachable", "free again in 70 s"),
        (MADE, Answer(200, report()), "place_unreachable", "no probe"),
        (MADE, Answer(200, report({"status": "failed"})), "place_lost", "failed"),
        (MADE, Answer(200, report({"status": "finished"})), "place_differs", "no DNS answer"),
        (
            MADE,
            Answer(200, report(RESULT | {"answers": [RECORD | {"value": "no address"}]})),
            "place_differs",
            "cannot be read",
        ),
    ],
)
def test_what_goes_wrong_between_is_not_measured(
    ask: Ask, made: Answer, given_: Answer | None, name: str, said: str
) -> None:
    platform = GlobalpingApi(given_ or Answer(500), made)
    with serving(platform.api):
        _, seen = ask(platform)
    assert seen.failure
    assert (seen.failure.name, seen.outcome) == (name, Outcome.NOT_MEASURED)
    assert said in seen.failure.detail
    assert seen.vantage.name == "tokyo"


def test_what_must_not_or_cannot_be_asked_there_is_not_sent(ask: Ask) -> None:
    platform = GlobalpingApi(Answer(200, report(RESULT)))
    with serving(platform.api):
        hidden = f"{SOURCE}redact: shop\n"
        assert "hidden target" in _why(ask(platform, hidden)[1])
        several = "server: [192.0.2.1, 192.0.2.2]"
        assert "cannot ask" in _why(ask(platform, f"{SOURCE}{several}\n")[1])
        assert "cannot ask" in _why(ask(platform, f"{SOURCE}server: authoritative\n")[1])
        assert "does not list dns" in _why(ask(platform, policy={"kinds": ["ping"]})[1])
    assert not platform.api.asked


def _why(seen: Observation) -> str:
    assert seen.outcome is Outcome.NOT_MEASURED
    assert seen.failure
    return seen.failure.detail


def test_nobody_is_asked_unless_named(ask: Ask, tmp_path: Path, resolver: str) -> None:
    platform = GlobalpingApi(Answer(200, report(RESULT)))
    with serving(platform.api):
        build = Build(load({"globalping": {"api": platform.api.url}}, {}), tmp_path / "x")
        definition, _ = read_definition("dns: a.example\nfrom: author\n", "a.md", 1, "t")
        assert definition
        build.run.add([definition])
        build.finish()
    assert not platform.api.asked


LIMITS = {"rateLimit": {"measurements": {"create": {"limit": 250, "remaining": 0, "reset": 1800}}}}


def test_nothing_is_asked_where_nothing_is_left(ask: Ask) -> None:
    platform = GlobalpingApi(limits=Answer(200, LIMITS))
    with serving(platform.api):
        _, seen = ask(platform)
    assert "its limit of measurements is reached; free again in 1800 s" in _why(seen)
    assert not platform.posted()


def test_credits_do_where_the_hour_s_are_spent(ask: Ask) -> None:
    bought = LIMITS | {"credits": {"remaining": 12}}
    platform = GlobalpingApi(Answer(200, report(RESULT)), limits=Answer(200, bought))
    with serving(platform.api):
        _, seen = ask(platform)
    assert seen.outcome is Outcome.ANSWERED


def test_at_its_limit_the_platform_is_left_alone(ask: Ask) -> None:
    full = Answer(429, {"error": {"type": "rate_limit_exceeded"}}, {"X-RateLimit-Reset": "600"})
    platform = GlobalpingApi(made=full)
    with serving(platform.api):
        _, seen = ask(platform, SOURCE.replace("type: A", "type: [A, MX]"))
        assert "free again in 600 s" in _why(seen)
    assert len(platform.posted()) == 1


def test_a_look_that_comes_too_soon_is_looked_again(ask: Ask) -> None:
    platform = GlobalpingApi(Answer(200, report(RESULT)))
    platform.busy = [Answer(429, {"error": {}}, {"Retry-After": "1"})]
    with serving(platform.api):
        _, seen = ask(platform)
    assert seen.outcome is Outcome.ANSWERED
    assert platform.looks == 2


def test_fewer_probes_than_were_asked_are_said(ask: Ask) -> None:
    other = {"statusCode": 0, "answers": [RECORD | {"value": "192.0.2.81"}]}
    failed = {"status": "failed"}
    platform = GlobalpingApi(Answer(200, report(RESULT, RESULT, other, failed)))
    places = {"tokyo": {"engine": "globalping", "location": "Tokyo", "probes": 5}}
    with serving(platform.api):
        build, seen = ask(platform, places=places)
    assert platform.posted()[0]["limit"] == 5
    facts: Any = seen.facts
    assert facts.addresses == ["192.0.2.80", "192.0.2.81"]
    assert [one.server for one in facts.servers] == [
        "Tokyo, JP, AS64500",
        "Tokyo, JP, AS64500 (2)",
        "Tokyo, JP, AS64500 (3)",
    ]
    assert facts.agree is False
    (node,) = build.plan.nodes.values()
    html = figure_html(node, "en", build.findings)[0]
    assert "3 of 5 probes that were asked have reported" in html
    assert "the probes do not say the same" in html


def test_what_only_the_definition_hides_is_masked(ask: Ask, tmp_path: Path) -> None:
    platform = GlobalpingApi(Answer(200, report(RESULT)))
    with serving(platform.api):
        _, seen = ask(platform, f"{SOURCE}redact: 192.0.2.80\n")
    assert "cannot be read" in _why(seen)  # a record without its address is none
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*.json*"))
    assert b"192.0.2.80" not in kept
