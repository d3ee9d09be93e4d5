"""RDAP and what follows the end of port 43: the shared cases, and others of their kinds.

All are asked over real servers on loopback.
"""

from pathlib import Path
from typing import Any

import pytest
from sotokara.kinds.interface import Kind
from sotokara.kinds.rdap.kind import Rdap
from sotokara.kinds.whois.kind import Whois

from tests.registry_cases import Seen, cases, hold, internet_of, measure, page, question_of
from tests.servers.internet import Internet, Response

PREFIXES = ("r1", "r2", "r3", "r4", "c-rdap", "f5", "f7", "o1", "c-origin")


@pytest.mark.parametrize("case", cases(*PREFIXES))
def test_what_comes_of_a_case(
    case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = measure(question_of(case), internet_of(case), tmp_path, monkeypatch)
    hold(case, seen, tmp_path)


IANA = "whois.iana.org"
OBJECT = {
    "objectClassName": "domain",
    "ldhName": "EXAMPLE.IO",
    "events": [{"eventAction": "Registration", "eventDate": "2015-03-02T00:00:00Z"}],
    "entities": [
        {
            "roles": ["registrar"],
            "vcardArray": ["vcard", [["fn", {}, "text", "Sellers of Names"]]],
        },
        {
            "handle": "R1",
            "roles": ["registrant"],
            "vcardArray": [
                "vcard",
                [["kind", {}, "text", "individual"], ["fn", {}, "text", "Ada Roe"]],
            ],
        },
    ],
}
BOOTSTRAP = Response(200, {"services": [[["io"], ["https://rdap.nic.io/"]]]})


def internet(registry: bytes | None = None, **more: Any) -> Internet:
    """IANA, which refers to `whois.nic.io` where there is a `registry`; and RDAP for .io."""
    refers = b"refer: whois.nic.io\n\n" if registry is not None else b""
    whois = {IANA: lambda _: refers + b"domain: IO\nstatus: ACTIVE\nsource: IANA\n"}
    if registry:
        whois["whois.nic.io"] = lambda _: registry
    if "seller" in more:
        whois["whois.seller.example"] = lambda _: more["seller"]
    rdap = {
        ("data.iana.org", "/rdap/dns.json"): more.get("bootstrap", BOOTSTRAP),
        ("rdap.nic.io", "/domain/example.io"): more.get("response", Response(200, OBJECT)),
    }
    return Internet(whois, rdap)


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def asked(question: Kind, of: Internet) -> Seen:
        return measure(question.normal(), of, tmp_path, monkeypatch)

    return asked


ENDED = (
    b"The WHOIS service for .io has been retired. Please use RDAP: https://rdap.nic.io\n",
    b"% Whois is no longer available for this TLD.\n",
    b"Port 43 was shut down on 28 January 2025.\nhttps://rdap.nic.io/\n",
    b"WHOIS sunset - this service ended on 2025-01-28\n",
    b"Der WHOIS-Dienst wurde eingestellt, bitte RDAP benutzen.\n",
    b"% As of 2025 this registry\n% provides registration data only via RDAP.\n",
)


@pytest.mark.parametrize("said", [None, b"", *ENDED])
@pytest.mark.parametrize("named", ["", "whois.nic.io"])
def test_a_registry_without_whois_is_asked_by_rdap(
    said: bytes | None, named: str, ask: Any, tmp_path: Path
) -> None:
    """None: IANA names no server; empty: the name of the server does not resolve."""
    if named and said is None:
        said = b""
    seen = ask(Whois(target="example.io", server=named), internet(said))
    assert seen.reading.failure is None
    facts = seen.facts
    assert (facts["answer"], facts["via"], facts["allocated"]) == (
        "registered",
        "rdap",
        "2015-03-02",
    )
    assert facts["registrar"] == "Sellers of Names"
    assert "organization" not in facts
    shown = page(seen, tmp_path)
    assert "It was asked by RDAP instead (rdap.nic.io)" in shown
    assert "a person, not shown" in shown
    assert "Ada" not in shown + seen.evidence


def test_an_author_can_forbid_rdap(ask: Any) -> None:
    seen = ask(Whois(target="example.io", rdap=False), internet())
    assert seen.reading.failure.name == "no_server_known"
    assert {host for host, _ in seen.asked} == {IANA}
    detail = seen.reading.failure.detail
    assert detail == "the registry of .io speaks RDAP only, by which it was not asked"


def test_a_no_match_by_rdap_is_an_answer(ask: Any, tmp_path: Path) -> None:
    seen = ask(Whois(target="example.io"), internet(response=Response(404, {"errorCode": 404})))
    assert (seen.facts["answer"], seen.facts["via"]) == ("no_match", "rdap")
    shown = page(seen, tmp_path)
    assert "IANA names no whois server for .io: its registry speaks RDAP only." in shown
    assert "no match" in shown


def test_no_rdap_either_is_nobody_s_fault(ask: Any) -> None:
    none = Response(200, {"services": []})
    seen = ask(Whois(target="example.io"), internet(bootstrap=none))
    assert seen.reading.failure.name == "no_server_known"


def test_a_silent_server_is_told_where_rdap_has_nothing_to_say(ask: Any) -> None:
    broken = Response(500, {})
    seen = ask(Whois(target="example.io"), internet(b"", response=broken))
    assert (seen.reading.failure.name, seen.reading.failure.step) == (
        "dns_no_answer",
        "whois.nic.io",
    )


@pytest.mark.parametrize(
    "said",
    [
        b"domain: example.io\nregistrar: Sellers\n\n% Whois will be retired. Use RDAP.\n",
        b"No match for example.io\n% Whois is deprecated and has been replaced by RDAP.\n",
        b"Query rate limit exceeded. Please use RDAP: https://rdap.nic.io\n",
    ],
)
def test_a_server_that_still_answers_is_believed(said: bytes, ask: Any) -> None:
    seen = ask(Whois(target="example.io"), internet(said))
    assert "via" not in seen.facts
    assert {host for host, _ in seen.asked} == {IANA, "whois.nic.io"}


def test_a_registrar_s_silence_is_no_change(ask: Any) -> None:
    registry = (
        b"Domain Name: EXAMPLE.IO\nRegistrar WHOIS Server: whois.seller.example\n"
        b"Creation Date: 2015-03-02T00:00:00Z\nRegistrar: Sellers of Names\n"
    )
    words = registry + b"Registrant Organization: Example Ltd\nUpdated Date: 2026-01-01\n"
    full = internet(registry, seller=words)
    before = ask(Whois(target="example.io"), full).reading
    after = ask(Whois(target="example.io"), internet(registry)).reading
    assert before.facts.organization == "Example Ltd"
    assert after.failure is None
    assert after.facts.unknown == ["contacts", "country", "organization"]
    assert after.volatile["unanswered"] == {"whois.seller.example": "dns_no_answer"}
    assert Whois.same(before.facts, after.facts)
    moved = registry.replace(b"Sellers of Names", b"Others")
    later = ask(Whois(target="example.io"), internet(moved)).reading
    assert not Whois.same(before.facts, later.facts)


@pytest.mark.parametrize(
    "location",
    [
        "https://rdap.nic.io:8443/domain/example.io",
        "http://rdap.nic.io/domain/example.io",
        "https://[::1/domain",
        "https://rdap.nic.io:99999/x",
        "https://rdap.nic.io:x/",
        "ftp://rdap.nic.io/x",
        "https://a@rdap.nic.io/x",
        "",
        "//",
        "https://a..b.example/",
        "file:///etc/passwd",
    ],
)
def test_a_redirect_leads_to_the_ports_of_the_web_or_ends_there(location: str, ask: Any) -> None:
    response = Response(302, b"", {"Location": location})
    seen = ask(Rdap(target="example.io"), internet(response=response))
    assert seen.reading.facts is None
    assert seen.reading.failure.name in ("server_misbehaving", "referral_loop")


@pytest.mark.parametrize(
    ("response", "failure"),
    [
        (Response(200, {"errorCode": "429", "title": "Too many"}), "rate_limited"),
        (Response(200, {"errorCode": 500, "description": "at 198.51.100.7"}), "server_misbehaving"),
        (Response(200, {"errorCode": 403}), "refused_by_server"),
        (Response(200, {"errorCode": "404"}), None),
        (Response(404, b""), None),
        (Response(404, {"errorCode": 404, "title": "Not Found"}), None),
        (Response(404, {"errorCode": 429}), "rate_limited"),
        (
            Response(404, b"<html>404 Not Found", {"Content-Type": "text/html"}),
            "server_misbehaving",
        ),
        (
            Response(404, b"404 page not found", {"Content-Type": "text/plain"}),
            "server_misbehaving",
        ),
        (Response(200, {"title": "nothing of RDAP"}), "server_misbehaving"),
        (Response(426, b"", {"Upgrade": "TLS/1.2"}), "refused_by_server"),
        (Response(200, [1, 2]), "json_parse_error"),
    ],
)
def test_what_an_error_is(response: Response, failure: str | None, ask: Any) -> None:
    seen = ask(Rdap(target="example.io"), internet(response=response))
    found = seen.reading.failure
    assert (found.name if found else None) == failure
    assert failure or seen.facts["answer"] == "no_match"
    assert "198.51.100.7" not in seen.evidence
