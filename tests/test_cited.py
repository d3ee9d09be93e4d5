"""Kind cited: published measurements are read by ourselves, and never called ours."""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.rrset
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Outcome
from sotokara.definitions.definition import read_definition
from sotokara.engine.settings import load
from sotokara.kinds.cited.facts import CitedFacts
from sotokara.kinds.cited.kind import Cited
from sotokara.ledger import Ledger
from sotokara.ledger.verify import main as verify
from sotokara.render.figure import figure_html, figure_text
from sotokara.servers.certificates import CertificateAuthority
from sotokara.servers.nameserver import NameServer
from sotokara.site.build import Build
from sotokara.site.publish import Publication

from tests.servers.api import Answer, Api, Asked
from tests.servers.thread import serving

START = 1764320400  # 2025-11-28 09:00 UTC


def abuf(name: str = "shop.example", *addresses: str, rcode: int = 0) -> str:
    message = dns.message.make_response(dns.message.make_query(name, "A"))
    message.set_rcode(rcode)  # type: ignore[arg-type]
    if addresses:
        message.answer.append(dns.rrset.from_text(f"{name}.", 60, "IN", "A", *addresses))
    return base64.b64encode(message.to_wire()).decode()


def result(kind: str, **more: Any) -> dict[str, Any]:
    """What every result has, of a new firmware."""
    base = {"type": kind, "prb_id": 1234, "timestamp": START, "fw": 5090, "msm_id": 77, "af": 4}
    return base | {"from": "203.0.113.9", "dst_addr": "192.0.2.80"} | more


DNS = result("dns", result={"abuf": abuf("shop.example", "192.0.2.80"), "rt": 12.1})
CASES: dict[str, tuple[dict[str, Any], str, str]] = {
    "dns": (DNS, "NOERROR, A 192.0.2.80", ""),
    "dns nxdomain": (result("dns", result={"abuf": abuf(rcode=3)}), "NXDOMAIN", ""),
    "dns of several resolvers": (
        result("dns", resultset=[{"dst_addr": "192.0.2.53", "result": {"abuf": abuf()}}]),
        "NOERROR",
        "",
    ),
    "dns without answer": (result("dns", error={"timeout": 5000}), "", "timeout: 5000"),
    "ping": (result("ping", sent=3, rcvd=2, result=[{"rtt": 1.0}, {"x": "*"}]), "2/3", ""),
    "ping of an old firmware": (result("ping", result=[{"rtt": 1.5}, {"x": "*"}]), "1/2", ""),
    "ping silent": (result("ping", sent=3, rcvd=0, result=[{"x": "*"}] * 3), "", "0/3"),
    "traceroute": (
        result(
            "traceroute",
            result=[
                {"hop": 1, "result": [{"from": "198.51.100.1", "rtt": 1}]},
                {"hop": 2, "result": [{"x": "*"}]},
                {"hop": 3, "result": [{"from": "192.0.2.80", "rtt": 9}]},
            ],
        ),
        "3 hops",
        "",
    ),
    "traceroute that ends in silence": (
        result("traceroute", result=[{"hop": 1, "result": [{"from": "198.51.100.1"}]}]),
        "",
        "silent behind hop 1",
    ),
    "traceroute of nothing": (
        result("traceroute", result=[{"error": "connect failed: Network is unreachable"}]),
        "",
        "no hop answered",
    ),
    "sslcert alert": (
        result("sslcert", alert={"level": 2, "description": 40}),
        "",
        "TLS alert 40",
    ),
    "sslcert silent": (result("sslcert", err="connect: timeout"), "", "connect: timeout"),
    "http": (
        result("http", uri="http://shop.example/", result=[{"res": 451, "dst_addr": "192.0.2.80"}]),
        "HTTP 451",
        "",
    ),
    "http refused": (result("http", result=[{"err": "connect: refused"}]), "", "connect: refused"),
}
ABOUT = {"id": 77, "type": "dns", "query_argument": "shop.example", "description": "The shop"}
PROBES = {"results": [{"id": 1234, "country_code": "DE", "asn_v4": 64500, "asn_v6": None}]}


def read(results: Any, about: Any = ABOUT, probes: Any = PROBES) -> CitedFacts:
    """What is read from a platform's JSON."""
    steps = {"measurement": about, "results": results, "probes": probes}
    exchanges = [
        Exchange(step, "atlas.ripe.net", "https", received=json.dumps(one).encode())
        for step, one in steps.items()
    ]
    facts = Cited(target="ripe-atlas:77").parse(exchanges).facts
    assert isinstance(facts, CitedFacts)
    return facts


@pytest.mark.parametrize("name", CASES)
def test_results_of_every_type(name: str) -> None:
    given_, said, failure = CASES[name]
    facts = read([given_])
    (report,) = facts.reports
    assert (report.said, report.failure) == (said, failure)
    assert (report.probe, report.at) == ("1234", "2025-11-28T09:00:00Z")
    assert (report.country, report.network) == ("DE", "AS64500")
    assert (facts.answered, facts.silent, facts.unread) == (bool(said), bool(failure), 0)


def test_a_certificate_is_told_by_its_subject_end_and_hash() -> None:
    pem = CertificateAuthority("shop.example").pem.decode()
    (report,) = read([result("sslcert", cert=[pem])]).reports
    assert re.fullmatch(r"CN=shop\.example, until 20\d\d-\d\d-\d\d, SHA-256 \w{16}…", report.said)
    assert read([result("sslcert", cert=["no certificate"])]).unread == 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["type", "prb_id", "timestamp", "result", "resultset", "error", "sent", "rcvd", "cert", "err"]
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(CASES)), FIELDS, JSON)
def test_hostile_json_in_every_field_is_never_an_error(name: str, field: str, value: Any) -> None:
    facts = read([CASES[name][0] | {field: value}, value], {"type": value, "target": value}, value)
    assert facts.answered + facts.silent == len(facts.reports)
    assert all(len(one.said) + len(one.failure) < 10000 for one in facts.reports)


def test_more_than_is_read_is_counted() -> None:
    facts = read([DNS] * 1002 + [7])
    assert (len(facts.reports), facts.left_out) == (1000, 3)
    assert read([DNS, {"type": "ntp"}, [], None]).unread == 3


@pytest.mark.parametrize(
    ("target", "keys", "said"),
    [
        ("ripe-atlas:0", "", "no measurement that can be cited"),
        ("globe:12", "", "no measurement that can be cited"),
        ("ripe-atlas:12", "start: soon", "soon"),
        ("ripe-atlas:12", "probes: [0]", "no such probe"),
    ],
)
def test_mistakes(target: str, keys: str, said: str) -> None:
    definition, mistakes = read_definition(f"cited: {target}\n{keys}\n", "a.md", 1, "t")
    assert definition is None
    assert said in str(mistakes[0])


def test_days_may_stand_bare() -> None:
    text = "cited: ripe-atlas:12\nstart: 2026-11-20\nstop: 2026-11-21 10:00:00\n"
    definition, mistakes = read_definition(text, "a.md", 1, "t")
    assert definition, mistakes
    assert definition.options == {"start": "2026-11-20", "stop": "2026-11-21T10:00:00"}


def answered(asked: Asked) -> Answer:
    if asked.path.startswith("/measurements/77/results/"):
        assert "probe_ids=1234" in asked.path
        assert f"start={START}" in asked.path
        return Answer(body=[DNS])
    return Answer(body=PROBES if asked.path.startswith("/probes/") else ABOUT)


@pytest.fixture(scope="module")
def resolver() -> Iterator[str]:
    one = NameServer()
    with serving(one):
        yield one.address


@pytest.fixture
def api() -> Iterator[Api]:
    one = Api(answered)
    with serving(one):
        yield one


def cite(folder: Path, api: Api, resolver: str, mode: str = "live") -> Build:
    given_ = {"cited": {"ripe_atlas": api.url}, "policy": {"allow": ["127.0.0.0/8"]}}
    own = {"resolvers": [resolver], "control": [resolver], "mode": mode}
    build = Build(load({**given_, **own}, {}), folder)
    source = "cited: ripe-atlas:77\nid: atlas\nprobes: [1234]\nstart: 2025-11-28T09:00Z\n"
    source += 'expect: reports[0].addresses == ["192.0.2.80"]\n'
    definition, mistakes = read_definition(source, "a.md", 1, "t")
    assert definition, mistakes
    build.run.add([definition])
    assert build.finish() == []
    return build


def test_a_cited_measurement_has_no_outcome_and_is_never_called_ours(
    tmp_path: Path, api: Api, resolver: str
) -> None:
    (figure,) = cite(tmp_path, api, resolver).plan.figures()
    assert figure.now
    assert figure.now.outcome is Outcome.CITED
    assert figure.now.vantage.reported
    again = cite(tmp_path, api, resolver, "replay")
    (shown,) = again.plan.figures()
    assert shown.facts == figure.facts
    (run,) = (tmp_path / "evidence" / "runs").rglob("*.jsonl")
    line = json.loads(run.read_text())
    assert "outcome" not in line
    assert line["v"] == 2
    assert verify([str(tmp_path / "evidence")]) in (0, 1)  # unsealed runs are named, not broken
    html = figure_html(shown.node, "en", again.findings)[0]
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Reported by RIPE Atlas" in text
    assert "reported by RIPE Atlas, measurement 77" in text
    assert "DE AS64500" in text
    assert "has not measured it" in text
    assert labels("en")["answered"] not in text
    assert "measured from" not in text
    assert "from author" not in text
    assert "RIPE Atlas の報告" in figure_text(shown.node, "ja", again.findings)
    (claim,) = again.findings[shown].claims
    assert claim.state == "holds"
    assert [one.outcome for one in Ledger(tmp_path / "evidence").index.every()] == [Outcome.CITED]
    again.languages["a.md"] = "en"
    Publication(again, {"a.md": "a/"}, "https://blog.example/", "A blog").preview(tmp_path)
    (page,) = (tmp_path / "evidence").glob("*-author-*/index.html")
    said = " ".join(re.sub(r"<[^>]+>", " ", page.read_text("utf-8")).split())
    assert "Cited · reported by RIPE Atlas, measurement 77" in said
    assert "“ Reported by RIPE Atlas" in said
    assert "Cited · measured" not in said


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, {"error": "none"}),
        Answer(429, b""),
        Answer(200, b"{"),
        Answer(200, b"[" * 5000),
        Answer(200, {"error": {"detail": "no"}}),
        Answer(302, b"", {"Location": "http://192.0.2.1/"}),
    ],
)
def test_what_cannot_be_fetched_is_not_measured(
    tmp_path: Path, answer: Answer, resolver: str
) -> None:
    api = Api(lambda _: answer)
    with serving(api):
        (figure,) = cite(tmp_path, api, resolver).plan.figures()
    assert figure.now
    assert figure.now.failure
    assert figure.now.failure.name == "source_unavailable"
    assert figure.now.outcome is Outcome.NOT_MEASURED
    assert not figure.now.vantage.reported


def test_the_platform_is_asked_through_policy(tmp_path: Path, api: Api) -> None:
    build = Build(load({"cited": {"ripe_atlas": api.url}}, {}), tmp_path)
    definition, _ = read_definition("cited: ripe-atlas:77", "a.md", 1, "t")
    assert definition
    build.run.add([definition])
    build.finish()
    (figure,) = build.plan.figures()
    assert figure.now
    assert figure.now.failure
    assert figure.now.failure.name == "policy_refused"
    assert not api.asked


def cite_file(folder: Path, keys: str = "", name: str = "reports/shop.txt", **own: Any) -> Build:
    """An article in posts/ that cites a file beside it; nobody is asked."""
    build = Build(load({"control": ["192.0.2.1"], **own}, {}), folder)
    source = f"cited: file:{name}\nid: paper\nby: Example Institute\npublished: 2026-03-01\n{keys}"
    definition, mistakes = read_definition(source, "posts/a.md", 1, "t")
    assert definition, mistakes
    build.run.add([definition])
    assert build.finish() == []
    return build


@pytest.fixture
def paper(tmp_path: Path) -> Path:
    path = tmp_path / "docs" / "posts" / "reports" / "shop.txt"
    path.parent.mkdir(parents=True)
    path.write_text("The shop was blocked <b>everywhere</b>.\n")
    return path


def test_a_file_is_cited_with_its_day_source_and_hash(tmp_path: Path, paper: Path) -> None:
    digest = hashlib.sha256(paper.read_bytes()).hexdigest()
    keys = f"link: https://institute.example/shop\nsha256: {digest.upper()}\nstyle: lines\n"
    keys += "expect: size == 40\n"
    (figure,) = cite_file(tmp_path, keys).plan.figures()
    assert figure.now
    assert figure.now.outcome is Outcome.CITED
    facts: Any = figure.facts
    assert (facts.platform, facts.published, facts.sha256, facts.size) == (
        "Example Institute",
        "2026-03-01",
        digest,
        paper.stat().st_size,
    )
    paper.unlink()
    again = cite_file(tmp_path, keys, mode="replay")
    (shown,) = again.plan.figures()
    assert shown.facts == facts
    (run,) = (tmp_path / "evidence" / "runs").rglob("*.jsonl")
    assert "outcome" not in json.loads(run.read_text())
    assert verify([str(tmp_path / "evidence")]) in (0, 1)  # unsealed runs are named, not broken
    html = figure_html(shown.node, "en", again.findings)[0]
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "Cited from Example Institute" in text
    assert "cited from the file posts/reports/shop.txt" in text
    assert "The shop was blocked &lt;b&gt;everywhere&lt;/b&gt;." in text
    assert "has not measured what it says" in text
    for wrong in (labels("en")["answered"], "measured from", "from author", "reports of an answer"):
        assert wrong not in text
    assert digest in html
    assert "からの引用" in figure_text(shown.node, "ja", again.findings)
    (claim,) = again.findings[shown].claims
    assert claim.state == "holds"


def test_results_that_somebody_has_saved_are_read(tmp_path: Path, paper: Path) -> None:
    paper.with_suffix(".json").write_text(json.dumps([DNS, {"type": "ntp"}]))
    (figure,) = cite_file(tmp_path, name="reports/shop.json").plan.figures()
    facts: Any = figure.facts
    assert [one.said for one in facts.reports] == ["NOERROR, A 192.0.2.80"]
    assert (facts.answered, facts.unread, facts.type) == (1, 1, "dns, ntp")


def test_of_a_long_file_the_hash_is_kept(tmp_path: Path, paper: Path) -> None:
    content = b"\x00\xff" * 200_000
    paper.write_bytes(content)
    (figure,) = cite_file(tmp_path).plan.figures()
    facts: Any = figure.facts
    assert (facts.size, facts.sha256) == (400_000, hashlib.sha256(content).hexdigest())
    kept = sum(path.stat().st_size for path in (tmp_path / "evidence").rglob("*") if path.is_file())
    assert kept < 20_000


def test_files_that_are_not_read(tmp_path: Path, paper: Path) -> None:
    outside = tmp_path / "secret.key"
    outside.write_text("secret")
    (paper.parent / "link.txt").symlink_to(outside)
    for name, keys, said in (
        ("reports/none.txt", "", "no such file"),
        ("reports/link.txt", "", "no such file"),
        ("reports", "", "no such file"),
        ("reports/shop.txt", f"sha256: {'f' * 64}\n", f", not {'f' * 64}"),
    ):
        (figure,) = cite_file(tmp_path, keys, name).plan.figures()
        assert figure.now
        assert figure.now.failure
        assert figure.now.failure.name == "file_unreadable"
        assert said in figure.now.failure.detail
        assert figure.now.outcome is Outcome.NOT_MEASURED
    assert not [one for one in (tmp_path / "evidence").rglob("*") if b"secret" in one.read_bytes()]


@pytest.mark.parametrize(
    ("target", "keys", "said"),
    [
        ("file:a.txt", "by: A", "needs the day"),
        ("file:a.txt", "published: soon\nby: A", "needs the day"),
        ("file:a.txt", "published: 2026-03-01", "needs the name"),
        ("file:/etc/passwd", "published: 2026-03-01\nby: A", "no path of a file"),
        ("file:../../x", "published: 2026-03-01\nby: A", "no path of a file"),
        ("file:a.txt", "published: 2026-03-01\nby: A\nlink: javascript:x", "no web address"),
        ("file:a.txt", "published: 2026-03-01\nby: A\nsha256: ab", "no SHA-256"),
        ("file:a.txt", "published: 2026-03-01\nby: A\nprobes: [1]", "probes is of a platform"),
        ("ripe-atlas:12", "by: A", "by is of a file"),
    ],
)
def test_mistakes_in_citing_a_file(target: str, keys: str, said: str) -> None:
    definition, mistakes = read_definition(f"cited: {target}\n{keys}\n", "a.md", 1, "t")
    assert definition is None
    assert said in str(mistakes[0])


# Further sources.

PASSIVE: list[dict[str, Any]] = [
    {"rrname": "shop.example.", "rrtype": "A", "rdata": ["192.0.2.80"], "count": 12}
    | {"time_first": START, "time_last": START + 3600, "sensor_id": "s1"},
    {"rrname": "www.shop.example", "rrtype": "CNAME", "rdata": "shop.example."}
    | {"time_first": START + 60, "time_last": START + 120},
    {"rrname": "person.other.example", "rrtype": "A", "rdata": "192.0.2.99"}
    | {"time_first": START, "time_last": START},
    {"rrname": "shop.example", "rrtype": "A", "time_first": "soon"},
]
INCIDENTS: dict[str, Any] = {
    "page": {"name": "Shop Status"},
    "incidents": [
        {
            "id": "i1",
            "name": "DNS outage",
            "status": "resolved",
            "impact": "major",
            "created_at": "2025-11-28T10:00:00.000+01:00",
            "resolved_at": "2025-11-28T11:00:00.000+01:00",
            "incident_updates": [{"body": "Jane is on it"}],
        },
        {"id": "i2", "name": "Slow", "status": "investigating", "created_at": "2025-11-29T00:00Z"},
        7,
    ],
}
MEMENTO = {
    "Memento-Datetime": "Fri, 28 Nov 2025 09:00:00 GMT",
    "Link": '<https://shop.example/>; rel="original", <x>; rel="timegate"',
    "Content-Type": "text/html",
}


def others_answer(asked: Asked) -> Answer:
    if asked.path == "/api/v2/incidents.json":
        return Answer(body=INCIDENTS)
    if asked.path.startswith("/web/20251128090000/"):
        return Answer(200, b"<html>Jane</html>", MEMENTO)
    return Answer(404, b"no")


@pytest.fixture(scope="module")
def further(
    tmp_path_factory: pytest.TempPathFactory, resolver: str
) -> Iterator[dict[str, tuple[Build, Any]]]:
    """Each source cited in one build: the node's figure by id, and the build."""
    folder, api = tmp_path_factory.mktemp("cited"), Api(others_answer)
    (folder / "docs").mkdir()
    rows = "\n".join(json.dumps(one) for one in PASSIVE) + "\nno row\n"
    (folder / "docs" / "rows.jsonl").write_text(rows, "utf-8")
    with serving(api):
        sources = {
            "passive": "passive-dns:shop.example\nrows: rows.jsonl\nstyle: timeline",
            "capture": f"memento:{api.url}/web/20251128090000/https://shop.example/",
            "none": f"memento:{api.url}/web/2025/https://shop.example/",
            "incidents": f"status:{api.url}",
            "no_page": f"status:{api.url}/other",
            "no_file": "passive-dns:shop.example\nrows: no.jsonl",
        }
        own = {"resolvers": [resolver], "control": [resolver]}
        build = Build(load({**own, "policy": {"allow": ["127.0.0.0/8"]}}, {}), folder)
        made = [
            read_definition(f"cited: {one}\nid: {name}\n", "a.md", 1, name)[0]
            for name, one in sources.items()
        ]
        assert all(made)
        build.run.add([one for one in made if one])
        build.run.finish(lambda _: None)
        yield {node.definition.token: (build, node) for node in build.plan.nodes.values()}


def fetched(further: dict[str, tuple[Build, Any]], name: str) -> tuple[Any, str]:
    _, node = further[name]
    observation = node.figures[0].now
    return observation, figure_text(node, "en", {})


def test_rows_of_passive_dns(further: dict[str, tuple[Build, Any]]) -> None:
    observation, shown = fetched(further, "passive")
    facts = observation.facts
    assert isinstance(facts, CitedFacts)
    assert [(one.said, one.at, one.until) for one in facts.reports] == [
        ("shop.example A 192.0.2.80 (12 times)", "2025-11-28T09:00:00Z", "2025-11-28T10:00:00Z"),
        ("www.shop.example CNAME shop.example.", "2025-11-28T09:01:00Z", "2025-11-28T09:02:00Z"),
    ]
    assert facts.unread == 2
    assert observation.outcome is Outcome.CITED
    kept = b"".join(one.received or b"" for one in observation.exchanges)
    assert b"person" not in kept
    assert "passive DNS" in shown
    assert "Answered" not in shown


def test_a_capture_is_dated_by_its_archive(further: dict[str, tuple[Build, Any]]) -> None:
    observation, shown = fetched(further, "capture")
    facts = observation.facts
    assert isinstance(facts, CitedFacts)
    assert (facts.first, facts.target) == ("2025-11-28T09:00:00Z", "https://shop.example/")
    assert "HTTP 200, text/html, 17 bytes" in shown
    assert b"Jane" not in b"".join(one.received or b"" for one in observation.exchanges)
    nothing, _ = fetched(further, "none")
    assert nothing.failure.detail == "no Memento-Datetime"


def test_incidents_of_a_status_page(further: dict[str, tuple[Build, Any]]) -> None:
    observation, _ = fetched(further, "incidents")
    facts = observation.facts
    assert isinstance(facts, CitedFacts)
    assert [(one.said, one.at, one.until) for one in facts.reports] == [
        ("major: DNS outage (resolved)", "2025-11-28T09:00:00Z", "2025-11-28T10:00:00Z"),
        ("Slow (investigating)", "2025-11-29T00:00:00Z", ""),
    ]
    assert (facts.target, facts.unread) == ("Shop Status", 1)
    assert b"Jane" not in b"".join(one.received or b"" for one in observation.exchanges)
    assert fetched(further, "no_page")[0].failure.detail == "HTTP 404"
    assert fetched(further, "no_file")[0].failure.name == "file_unreadable"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("cited: passive-dns:shop.example", "read from a file"),
        ("cited: 'memento:ftp://a.example/'", "no measurement that can be cited"),
        ("cited: 'status:nowhere'", "no measurement that can be cited"),
    ],
)
def test_mistakes_of_further_sources(keys: str, said: str) -> None:
    _, mistakes = read_definition(keys + "\n", "a.md", 1, "t")
    assert said in str(mistakes[0])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["rrname", "rrtype", "rdata", "time_first", "time_last", "count"]), JSON)
def test_hostile_rows_are_never_an_error(field: str, value: Any) -> None:
    row = json.dumps(PASSIVE[0] | {field: value}).encode()
    raw = Exchange("rows", "rows.jsonl", "file", received=row + b"\n" + json.dumps(value).encode())
    reading = Cited(target="passive-dns:shop.example", rows="a").parse([raw])
    assert (reading.facts is None) == (reading.failure is not None)
