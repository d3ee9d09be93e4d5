"""Globalping as an engine: its reports are facts of the same kind, and stay its own."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sotokara.core.observation import Exchange, Observation, Outcome
from sotokara.definitions.definition import read_definition
from sotokara.engine import globalping
from sotokara.engine.settings import load
from sotokara.kinds.dns.kind import Dns
from sotokara.ledger import Ledger
from sotokara.render.figure import figure_html
from sotokara.servers.nameserver import NameServer
from sotokara.site.build import Build

from tests.servers.api import Answer, Api, Asked
from tests.servers.thread import serving

RECORD = {"name": "www.shop.example.", "type": "A", "ttl": 30, "class": "IN"}
PROBE = {"country": "JP", "city": "Tokyo", "asn": 64500, "network": "Example Net"}
RESULT = {"status": "finished", "statusCode": 0, "answers": [RECORD | {"value": "192.0.2.80"}]}
SOURCE = "dns: www.shop.example\ntype: A\nid: shop\nfrom: [author, tokyo]\n"


def report(result: Any = RESULT, **more: Any) -> dict[str, Any]:
    results = [{"probe": PROBE, "result": result}]
    return {"id": "abc123", "status": "finished", "results": results, **more}


class Platform:
    """The API's server: accepts, is busy for one look, and then gives what it is told to."""

    def __init__(self, give: Answer, made: Answer | None = None) -> None:
        self._give, self._looks = give, 0
        self._made = made or Answer(202, {"id": "abc123", "probesCount": 1})
        self.api = Api(self._answer)

    def _answer(self, asked: Asked) -> Answer:
        if asked.method == "POST":
            return self._made
        self._looks += 1
        return Answer(200, report(status="in-progress")) if self._looks == 1 else self._give


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
    def asked(platform: Platform, text: str = SOURCE, **more: Any) -> tuple[Build, Observation]:
        given_ = {
            "places": {"tokyo": {"engine": "globalping", "location": "Tokyo"}},
            "globalping": {"api": platform.api.url},
            "policy": {"allow": ["127.0.0.0/8"]},
            "resolvers": [resolver],
            "control": [resolver],
            **more,
        }
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
    platform = Platform(Answer(200, report()))
    with serving(platform.api):
        build, seen = ask(platform)
    assert seen.outcome is Outcome.ANSWERED
    assert seen.facts.addresses == ["192.0.2.80"]  # type: ignore[union-attr]
    vantage = seen.vantage
    assert (vantage.name, vantage.engine, vantage.measurement) == ("tokyo", "globalping", "abc123")
    assert (vantage.city, vantage.country, vantage.network) == ("Tokyo", "JP", "AS64500")
    post = platform.api.asked[0]
    assert (post.method, post.path) == ("POST", "/measurements")
    assert json.loads(post.body) == {
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
    platform = Platform(Answer(200, report(result)))
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
        (MADE, Answer(429, b""), "place_unreachable", "its limit"),
        (MADE, Answer(200, report(results=[])), "place_unreachable", "no probe"),
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
    platform = Platform(given_ or Answer(500), made)
    with serving(platform.api):
        _, seen = ask(platform)
    assert seen.failure
    assert (seen.failure.name, seen.outcome) == (name, Outcome.NOT_MEASURED)
    assert said in seen.failure.detail
    assert seen.vantage.name == "tokyo"


def test_what_must_not_or_cannot_be_asked_there_is_not_sent(ask: Ask) -> None:
    platform = Platform(Answer(200, report()))
    with serving(platform.api):
        hidden = f"{SOURCE}redact: shop\n"
        assert "hidden target" in _why(ask(platform, hidden)[1])
        assert "cannot ask" in _why(ask(platform, f"{SOURCE}server: 192.0.2.1\n")[1])
    assert not platform.api.asked


def _why(seen: Observation) -> str:
    assert seen.outcome is Outcome.NOT_MEASURED
    assert seen.failure
    return seen.failure.detail


def test_nobody_is_asked_unless_named(ask: Ask, tmp_path: Path, resolver: str) -> None:
    platform = Platform(Answer(200, report()))
    with serving(platform.api):
        build = Build(load({"globalping": {"api": platform.api.url}}, {}), tmp_path / "x")
        definition, _ = read_definition("dns: a.example\nfrom: author\n", "a.md", 1, "t")
        assert definition
        build.run.add([definition])
        build.finish()
    assert not platform.api.asked


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@example("ttl", -1)
@example("ttl", 2**40)
@given(st.sampled_from(["name", "type", "ttl", "class", "value", "", "code", "answers"]), JSON)
def test_hostile_json_gives_an_answer_or_no_measurement(field: str, value: Any) -> None:
    record = RECORD | {"value": "192.0.2.80"} | ({field: value} if field in RECORD else {})
    result = {"statusCode": value if field == "code" else 0}
    result["answers"] = value if field == "answers" else [value if not field else record]
    body = json.dumps(report(result)).encode()
    exchange = Exchange("A", "resolver", "globalping", received=body)
    reading = Dns(target="www.shop.example", type=["A"]).parse([exchange])
    assert reading.facts or reading.failure
    if reading.failure and not reading.facts:
        assert reading.failure.name.startswith(("place_differs", "dns_", "refused"))
