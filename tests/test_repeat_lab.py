"""Every kind's printed commands, run as they stand in the page, see what the figure shows."""

import html
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sotokara.ledger import Ledger, RunLine

from tests.lab.whole import WholeInternet
from tests.sites import fence, make_site

pytestmark = pytest.mark.lab

QUESTIONS: dict[str, dict[str, Any]] = {
    "name": {"dns": "ssl3.gcrest.com", "type": "A"},
    "reverse": {"dns": "203.104.255.140"},
    "reverse_text": {"dns": "203.104.255.140", "type": "TXT"},
    "named": {"dns": "shop.example", "type": "MX", "server": "ns1.data-hotel.net"},
    "zone": {"dns": "two-servers.example", "type": "A", "server": "authoritative"},
    "path": {"traceroute": "203.104.255.140"},
    "path_tcp": {"traceroute": "203.104.255.140", "protocol": {"tcp": 80}, "max_hops": 20},
    "registry": {"whois": "221.246.251.104", "server": "whois.apnic.net"},
    "registry_json": {"rdap": "221.246.251.104", "server": "https://rdap.apnic.net"},
    "chain": {"whois": "221.246.251.104"},
    "servers": {"dns": "version.bind", "server": "ns1.data-hotel.net"},
    "odd": {"dns": "+a\\032b$(id).shop.example", "type": "TXT"},
    "web": {"http": "http://go.web.shop.example/1"},
    "certificate": {"tls": "trusted.web.shop.example"},
    "mail": {"smtp": "rejects.post.example"},
}


class Asked:
    """What was measured, and what its printed commands say."""

    def __init__(self, facts: Any, said: list[str]) -> None:
        self.facts, self.said, self.all = facts, said, "\n".join(said)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Asked]]:
    if os.geteuid() != 0:
        pytest.skip("Postfix works as several users: run this as root")
    folder = tmp_path_factory.mktemp("repeat")
    text = "\n".join(fence(id=name, **question) for name, question in QUESTIONS.items())
    with WholeInternet() as lab:
        make_site(folder, {"index.md": text}, timeout=4, own_network=False)
        argv = [sys.executable, "-m", "mkdocs", "build"]
        elsewhere = lab.settings() | {"SOTOKARA_VANTAGE": "author"}  # the lab's has no commands
        done = lab.run("pc", argv, cwd=folder, env=elsewhere, should_succeed=False)
        assert done.returncode == 0, done.stderr
        page = (folder / "site" / "index.html").read_text("utf-8")
        yield {name: _again(lab, folder, page, name) for name in QUESTIONS}


def _again(lab: WholeInternet, folder: Path, page: str, name: str) -> Asked:
    figure = page.split(f'id="probe-{name}"')[1].partition("</figure>")[0]
    listed = re.search(r"Repeat the look-up</b></p>\s*<pre><code>(.*?)</code>", figure, re.DOTALL)
    assert listed, name
    said = []
    for line in html.unescape(listed[1]).strip().splitlines():
        argv = ["sh", "-c", f"{line} < /dev/null 2>&1"]
        settings = lab.settings()
        environ = settings | {"CURL_CA_BUNDLE": settings["SSL_CERT_FILE"]}
        done = lab.run("pc", argv, env=environ, timeout=60, should_succeed=False)
        said.append(done.stdout)
    return Asked(_facts(folder, name), said)


def _facts(folder: Path, name: str) -> Any:
    ledger = Ledger(folder / "evidence")
    lines: list[RunLine] = list(map(ledger.line, ledger.index.newest()))
    (line,) = [one for one in lines if f"index.md#{name}" in one.cited]
    return ledger.facts(line)


@pytest.mark.parametrize("name", ["name", "zone"])
def test_addresses(asked: dict[str, Asked], name: str) -> None:
    one = asked[name]
    assert one.facts.addresses
    assert all(address in one.all for address in one.facts.addresses)


def test_each_server_of_a_zone_is_asked_as_it_was(asked: dict[str, Asked]) -> None:
    one = asked["zone"]
    assert len(one.said) == len(one.facts.servers) > 1
    for server, said in zip(one.facts.servers, one.said, strict=True):
        assert re.search(r";; SERVER: ([^#]+)#", said)[1] in server.server  # type: ignore[index]
        assert all(address in said for address in server.addresses)
        assert " rd" not in re.search(";; flags:(.*?);", said)[1]  # type: ignore[index]


@pytest.mark.parametrize("name", ["reverse", "named"])
def test_names(asked: dict[str, Asked], name: str) -> None:
    one = asked[name]
    assert one.facts.names
    assert all(f"{found}." in one.all for found in one.facts.names)


def test_another_type_of_an_address(asked: dict[str, Asked]) -> None:
    one = asked["reverse_text"]
    assert f"status: {one.facts.rcode}" in one.all
    assert ";140.255.104.203.in-addr.arpa.\tIN\tTXT" in one.all


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("name", "ssl3.gcrest.com. IN A"),
        ("reverse", "140.255.104.203.in-addr.arpa. IN PTR"),
        ("servers", "version.bind. CH TXT"),
        ("odd", "+a\\032b\\$\\(id\\).shop.example. IN TXT"),
    ],
)
def test_the_printed_question_is_ours(asked: dict[str, Asked], name: str, question: str) -> None:
    """One question, whatever signs are in the name; none is asked beside it."""
    printed = re.findall(r"^;(\S+)\s+(IN|CH)\s+(\S+)$", asked[name].all, re.MULTILINE)
    assert [" ".join(one) for one in printed] == [question]
    assert f"status: {asked[name].facts.rcode}" in asked[name].all


@pytest.mark.parametrize("name", ["path", "path_tcp"])
def test_paths(asked: dict[str, Asked], name: str) -> None:
    one = asked[name]
    assert one.facts.end.how == "reached"
    assert "203.104.255.140" in one.all.splitlines()[-1]
    hops = [address for hop in one.facts.hops for address in hop.addresses]
    assert len(hops) > 2
    assert all(f"({address})" in one.all for address in hops)


def test_each_registry_along_the_way_is_asked_again(asked: dict[str, Asked]) -> None:
    one = asked["chain"]
    assert len(one.said) == len({said.server for said in one.facts.asked}) > 1
    assert all(said.strip() for said in one.said)
    assert one.facts.netname
    assert one.facts.netname in one.all


def test_the_web(asked: dict[str, Asked]) -> None:
    one = asked["web"]
    hops = [hop for hop in one.facts.hops if hop.status]
    assert re.findall(r"^HTTP/\S+ (\d+)", one.all, re.MULTILINE) == [
        str(hop.status) for hop in hops
    ]
    assert all(hop.location in one.all for hop in hops)
    certificate = asked["certificate"]
    assert f"ALPN protocol: {certificate.facts.protocol}" in certificate.all
    assert f"CN = {certificate.facts.chain[0].subject}" in certificate.all.replace("CN=", "CN = ")


@pytest.mark.parametrize("name", ["registry", "registry_json"])
def test_registries(asked: dict[str, Asked], name: str) -> None:
    one = asked[name]
    assert one.facts.netname
    assert one.facts.netname in one.all


def test_mail(asked: dict[str, Asked]) -> None:
    one = asked["mail"]
    found, dialogue, handshake = one.said
    assert one.facts.mx
    assert all(f"{host}." in found for host in one.facts.mx)
    assert one.facts.code == 550
    assert re.search(rf"RCPT TO:<no-such-account-[^>]*>\n.*{one.facts.code} ", dialogue)
    assert "\n -> DATA" not in dialogue
    assert "BEGIN CERTIFICATE" in handshake
