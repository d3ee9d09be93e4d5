"""The kinds ``tls``, ``http`` and ``ct`` against nginx, HAProxy, Apache and Caddy in the lab."""

import json
import secrets
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab import web, web_more
from tests.lab.lab import REPOSITORY
from tests.lab.names import Internet

pytestmark = pytest.mark.lab

_ZONE = "web.shop.example"
VERDICTS = {
    f"trusted.{_ZONE}": "trusted",
    f"expired.{_ZONE}": "expired",
    f"wrong-name.{_ZONE}": "name_mismatch",
    f"self-signed.{_ZONE}": "self_signed",
    f"revoked.{_ZONE}": "revoked",
    f"incomplete.{_ZONE}": "incomplete",
    "dane.web.signed.example": "self_signed",
    "dane-bad.web.signed.example": "self_signed",
}
MORE: list[dict[str, Any]] = [
    {"tls": f"trusted.{_ZONE}", "also": [8443]},
    {"tls": f"two.{_ZONE}", "alpn": ["http/1.1"]},
    {"tls": f"trusted.{_ZONE}:8443"},
    {"tls": f"trusted.{_ZONE}:80"},
    {"tls": "nobody.shop.example"},
    {"tls": "text-only.shop.example"},
    {"tls": "inside.shop.example"},
    {"tls": f"trusted.{_ZONE}:444"},
]


TOKEN = secrets.token_hex(8)
HOPS: list[dict[str, Any]] = [
    {"http": f"http://go.{_ZONE}/1", "keep": "all"},
    {"http": f"http://go.{_ZONE}/1", "http2": True},
    {"http": f"http://go.{_ZONE}/loop"},
    {"http": f"http://go.{_ZONE}/inside"},
    {"http": f"https://expired.{_ZONE}/"},
    {"http": f"https://trusted.{_ZONE}:8443/", "keep": "all"},
    {"http": f"http://trusted.{_ZONE}:443/"},
]
LOGGED: list[dict[str, Any]] = [
    {"ct": f"trusted.{_ZONE}"},
    {"ct": f"trusted.{_ZONE}", "after": "2026-10-01"},
    {"ct": "nobody.shop.example"},
    {"ct": "broken.shop.example"},
]


OTHERS: list[dict[str, Any]] = [
    {"tls": web_more.APACHE},
    {"tls": web_more.CADDY},
    {"http": f"https://{web_more.APACHE}/onward"},
    {"http": f"https://{web_more.APACHE}/", "http2": True},
]


@pytest.fixture(scope="module")
def all_answers(_internet: Internet) -> Iterator[list[dict[str, Any]]]:
    lab = _internet
    lab.flush()
    servers = web.start(lab, TOKEN)
    try:
        servers += web_more.start(lab, TOKEN)
        names = [{"tls": name} for name in VERDICTS]
        yield ask(lab, [*names, *MORE, *LOGGED, *HOPS, *OTHERS])
    finally:
        for one in servers:
            one.terminate()
            one.wait()


@pytest.fixture(scope="module")
def asked(all_answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All but those of Apache and Caddy."""
    return all_answers[: -len(OTHERS)]


def ask(lab: Internet, definitions: list[dict[str, Any]], **more: str) -> list[dict[str, Any]]:
    """Each definition's answer, as asked on the author's computer."""
    folder = lab.folder / web.FOLDER
    environ = {
        "SOTOKARA_TIMEOUT": "3",
        "SOTOKARA_CONTROL": json.dumps({"https": [f"trusted.{_ZONE}"]}),
        "SOTOKARA_TLS": json.dumps({"logs": str(folder / "logs.json")}),
        "SOTOKARA_CT": json.dumps({"index": web.INDEX}),
        "SSL_CERT_FILE": str(folder / "authority.pem"),
        **more,
    }
    told = lab.run(
        "pc",
        [sys.executable, "-m", "tests.kind_ask"],
        env=lab.settings() | environ,
        cwd=REPOSITORY,
        stdin=json.dumps(definitions),
        timeout=60,
        should_succeed=False,
    )
    assert told.returncode == 0, told.stderr
    found: list[dict[str, Any]] = json.loads(told.stdout)
    return found


def test_verdicts(asked: list[dict[str, Any]]) -> None:
    found = {
        name: (one["facts"] or one["failure"])
        for name, one in zip(VERDICTS, asked[: len(VERDICTS)], strict=True)
    }
    assert {name: one.get("verdict") for name, one in found.items()} == VERDICTS
    good = found[f"trusted.{_ZONE}"]
    assert (good["version"], good["protocol"], good["ocsp"]) == ("TLSv1.3", "h2", "good")
    assert good["transparency"] == "enough"
    assert good["caa"] == ["iodef mailto:security@shop.example", "issue ca.example"]
    assert found["dane.web.signed.example"]["tlsa"] == "match"
    assert found["dane-bad.web.signed.example"]["tlsa"] == "mismatch"
    assert "tlsa" not in good  # its zone is not signed


def test_the_issuer_that_a_chain_lacks_is_named_by_its_certificate(
    asked: list[dict[str, Any]],
) -> None:
    one = asked[list(VERDICTS).index(f"incomplete.{_ZONE}")]
    (issuer,) = [exchange for exchange in one["exchanges"] if exchange["step"] == "issuer"]
    assert issuer["sent_text"] == f"GET {web.AIA}"
    assert "chain: trusted" in issuer["received_text"]
    assert "the chain is incomplete" in one["styles"]["verdict"][-1]


def test_other_ports_and_failures(asked: list[dict[str, Any]]) -> None:
    both, two, old, plain, nobody, none, inside, closed = asked[len(VERDICTS) :][: len(MORE)]
    assert not both["facts"]["same"]
    assert {one["address"] for one in two["facts"]["endpoints"]} == {
        "192.0.2.80",
        "2001:db8:80::80",
    }
    assert two["facts"]["protocol"] == "http/1.1"
    assert (old["facts"]["version"], old["facts"]["verdict"]) == ("TLSv1.2", "trusted")
    failures = [one["failure"]["name"] for one in (plain, nobody, none, inside, closed)]
    assert failures == [
        "tls_not_spoken",
        "dns_nxdomain_error",
        "dns_no_answer",
        "policy_refused",
        "connection_refused",
    ]


def test_openssl_says_the_same(asked: list[dict[str, Any]], lab: Internet) -> None:
    """The printed command, run as it stands, has the facts' certificate and chain."""
    facts = asked[0]["facts"]
    command = f"openssl s_client -connect trusted.{_ZONE}:443 -showcerts -status"
    shell = f"{command} < /dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256"
    said = lab.run("pc", ["sh", "-c", shell]).stdout
    assert said.partition("=")[2].strip().replace(":", "").lower() == facts["fingerprint"]


def test_somebody_in_between_is_not_the_target(asked: list[dict[str, Any]], lab: Internet) -> None:
    """Where the control's certificate does not hold either, nothing was measured."""
    control = json.dumps({"https": [f"self-signed.{_ZONE}"]})
    (one,) = ask(lab, [{"tls": f"expired.{_ZONE}"}], SOTOKARA_CONTROL=control)
    assert one["failure"]["name"] == "port_blocked"
    assert "does not hold either" in one["failure"]["detail"]


def test_the_third_hop_s_token_is_in_the_figure(asked: list[dict[str, Any]]) -> None:
    """Made for this run: what is shown was measured. The author's own address is not in it."""
    plain, h2, *_ = asked[-len(HOPS) :]
    for one, version in ((plain, "HTTP/1.1"), (h2, "HTTP/2")):
        facts = one["facts"]
        assert [hop["status"] for hop in facts["hops"]] == [301, 302, 200]
        assert facts["hops"][-1]["version"] == version
        assert facts["headers"]["x-powered-by"] == TOKEN
        assert any(TOKEN in line for line in one["styles"]["curl"])
        assert (facts["verdict"], facts["title"]) == ("ok", "Hop three")
        assert facts["hops"][-1].get("problems") is None
    assert "You are xxx.xx.xxx.xx" in plain["exchanges"][-2]["received_text"]
    assert "198.51.100.77" not in json.dumps(asked[-len(HOPS) :])


def test_hops_that_lead_nowhere(asked: list[dict[str, Any]]) -> None:
    _, _, loop, inside, expired, haproxy, wrong = asked[-len(HOPS) :]
    assert loop["facts"]["verdict"] == "redirect_loop"
    assert inside["facts"]["verdict"] == "hop_refused"
    assert inside["facts"]["hops"][-1]["failure"] == "policy_refused"
    assert expired["facts"]["hops"][0]["problems"] == ["expired"]
    assert haproxy["exchanges"][0]["received_text"].endswith("haproxy")
    assert wrong["facts"]["status"] == 400  # nginx says itself that plain HTTP came to TLS's port


def test_an_index_of_the_logs(asked: list[dict[str, Any]]) -> None:
    every, late, none, broken = asked[: -len(HOPS)][-len(LOGGED) :]
    assert (every["facts"]["count"], late["facts"]["count"]) == (2, 1)
    assert every["facts"]["names"] == [f"trusted.{_ZONE}", f"two.{_ZONE}"]
    assert "somebody" not in json.dumps(every)
    assert none["facts"] == {}
    assert broken["failure"]["name"] == "index_unavailable"


def test_apache_and_caddy(all_answers: list[dict[str, Any]]) -> None:
    """Caddy has its certificate from pebble, by ACME; the token of this run ends the way there."""
    apache, caddy, onward, h2 = all_answers[-len(OTHERS) :]
    assert apache["facts"]["verdict"] == caddy["facts"]["verdict"] == "trusted"
    assert "Pebble" in caddy["facts"]["chain"][0]["issuer"]
    assert [hop["status"] for hop in onward["facts"]["hops"]] == [307, 200]
    assert onward["facts"]["headers"]["x-powered-by"] == TOKEN
    assert (onward["facts"]["title"], onward["facts"]["verdict"]) == ("Caddy", "ok")
    assert h2["facts"]["hops"][0]["version"] == "HTTP/2"
    assert h2["facts"]["headers"]["x-powered-by"] == TOKEN
    assert h2["facts"]["headers"]["server"].startswith("Apache/")
