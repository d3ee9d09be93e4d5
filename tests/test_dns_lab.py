"""Kind `dns` on real name servers: what each of them says, and what the page makes of it."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab.names import Internet
from tests.sites import fence, figures, lab_figures, make_site

pytestmark = pytest.mark.lab

QUESTIONS: dict[str, dict[str, Any]] = {
    "plain": {"dns": "www.shop.example"},
    "secure": {"dns": "signed.example", "type": "A"},
    "own_secure": {"dns": "signed.example", "type": "A", "dnssec": "self"},
    "own_insecure": {"dns": "shop.example", "type": "A", "dnssec": "self"},
    "own_bogus": {"dns": "bogus.example", "type": "A", "dnssec": "self"},
    "own_expired": {"dns": "expired.example", "type": "A", "dnssec": "self"},
    "own_denied": {"dns": "nobody.signed.example", "type": "A", "dnssec": "self"},
    "own_nodata": {"dns": "text-only.signed.example", "type": "A", "dnssec": "self"},
    "bogus": {"dns": "bogus.example", "type": "A"},
    "nxdomain": {"dns": "nobody.shop.example"},
    "nodata": {"dns": "text-only.shop.example"},
    "refused": {"dns": "www.example.jp", "type": "A", "server": "ns1.data-hotel.net"},
    "lame": {"dns": "lame.example", "type": "A", "server": "authoritative"},
    "half_lame": {"dns": "half-lame.example", "type": "A", "server": "authoritative"},
    "silent": {"dns": "silent.example", "type": "A", "server": "203.174.64.56"},
    "two": {"dns": "two-servers.example", "type": "A", "server": "authoritative"},
    "same": {"dns": "same.two-servers.example", "type": "A", "server": "authoritative"},
    "chain": {"dns": "store.shop.example", "type": "CNAME"},
    "loop": {"dns": "loop-a.shop.example", "type": "A", "server": "ns1.data-hotel.net"},
    "big": {"dns": "big.shop.example", "type": "TXT"},
    "utf8": {"dns": "annai.shop.example", "type": "TXT"},
    "idn": {"dns": "日本語.example", "type": "A"},
    "ptr": {"dns": "203.104.255.140"},
    "many": {
        "dns": "shop.example",
        "type": ["MX", "NS", "SOA", "TXT", "CAA", "HTTPS"],
        "style": "table",
    },
    "srv": {"dns": "_imaps._tcp.shop.example", "type": "SRV"},
    "svcb": {"dns": "_dns.shop.example", "type": "SVCB"},
    "keys": {"dns": "signed.example", "type": ["DS", "DNSKEY"], "style": "dig"},
}


@pytest.fixture(scope="module")
def page(_internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The figures of one page with every question, built on the author's computer in the lab."""
    return lab_figures(_internet, tmp_path_factory.mktemp("dns"), QUESTIONS)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("plain", ["Name: www.shop.example\nAddress: 192.0.2.80\nAddress: 2001:db8:80::80\n"]),
        ("plain", ["Answered", "DNSSEC: not validated", "judged by the resolver"]),
        ("secure", ["the signatures verify", "judged by the resolver"]),
        (
            "own_secure",
            ["192.0.2.90", "the signatures verify", "our own verification from the root"],
        ),
        ("own_insecure", ["DNSSEC: the zone is not signed", "our own verification from the root"]),
        ("own_bogus", ["DNSSEC: bogus", "our own verification from the root"]),
        ("own_expired", ["DNSSEC: bogus", "our own verification from the root"]),
        ("own_denied", ["NXDOMAIN", "the signatures verify", "our own verification from the root"]),
        ("own_nodata", ["No answer (A)", "the signatures verify", "our own verification"]),
        ("bogus", ["No answer", "SERVFAIL", "DNSSEC: bogus", "judged by the resolver"]),
        ("nxdomain", ["Answered", "server can't find nobody.shop.example: NXDOMAIN"]),
        ("nodata", ["Answered", "Can't find text-only.shop.example: No answer (A, AAAA)"]),
        ("refused", ["No answer: the name server refused to answer (REFUSED)"]),
        ("lame", ["No answer: lame delegation"]),
        ("half_lame", ["Answered"]),
        ("silent", ["No answer: no reply came in time"]),
        ("two", ["the servers do not say the same", "192.0.2.72", "192.0.2.73"]),
        ("same", ["all servers say the same", "192.0.2.74"]),
        ("chain", ["front.shop.example", "edge.shop.example", "canonical name = www.shop.example"]),
        ("loop", ["the CNAME chain returns to itself"]),
        ("big", ["block 01", "block 04", "… (+"]),
        ("utf8", ['text = "店の案内"']),
        ("idn", ["xn--wgv71a119e.example (日本語.example)", "192.0.2.76"]),
        ("ptr", ["140.255.104.203.in-addr.arpa  name = 7a-d07-b4.data-hotel.net"]),
        ("many", ["10 mail.shop.example", '0 issue "ca.example"', "ipv4hint"]),
        ("srv", ["service = 0 1 993 mail.shop.example"]),
        ("svcb", ['SVCB = 1 mail.shop.example. alpn="dot" port="853"']),
        ("keys", [";; ANSWER SECTION:", "DNSKEY", "DS"]),
    ],
)
def test_figure_says(page: dict[str, str], name: str, said: list[str]) -> None:
    for text in said:
        assert text in page[name]


def test_six_things_are_six_things(page: dict[str, str]) -> None:
    """NXDOMAIN, NODATA, SERVFAIL, REFUSED, lame and silence differ in what the page says."""
    six = [
        page[name].split("Evidence")[0]
        for name in ("nxdomain", "nodata", "bogus", "refused", "lame", "silent")
    ]
    words = [" ".join(text.split()[2:]).partition("observed")[0] for text in six]
    assert len(set(words)) == 6


SPECIAL = {
    "loopback": {"dns": "www.shop.example", "server": "127.0.0.1"},
    "name_of_loopback": {"dns": "www.shop.example", "server": "loopback.shop.example"},
    "name_of_metadata": {"dns": "www.shop.example", "server": "metadata.shop.example"},
    "name_of_mapped": {"dns": "www.shop.example", "server": "mapped.shop.example"},
    "name_of_inside": {"dns": "www.shop.example", "server": "inside.shop.example"},
    "mapped": {"dns": "www.shop.example", "server": "::ffff:169.254.169.254"},
    "nat64": {"dns": "www.shop.example", "server": "64:ff9b::7f00:1"},
    "six_to_four": {"dns": "www.shop.example", "server": "2002:7f00:1::1"},
    "unique_local": {"dns": "www.shop.example", "server": "fd00::1"},
    "carrier": {"dns": "www.shop.example", "server": "100.64.0.1"},
    "multicast": {"dns": "www.shop.example", "server": "224.0.0.251"},
}
BUILD = [sys.executable, "-m", "mkdocs", "build", "-q"]
NETWORKS = (
    "127.0.0.0/8", "169.254.0.0/16", "192.168.11.254/32", "100.64.0.0/10", "224.0.0.0/4",
    "64:ff9b::/96", "2002::/16", "fd00::/8",
)  # fmt: skip


def _build(lab: Internet, folder: Path) -> None:
    """Build with the site's own policy, not the one that the lab needs for the other tests."""
    settings = lab.settings()
    settings.pop("SOTOKARA_POLICY")
    lab.run("pc", BUILD, cwd=folder, env=settings)


def test_policy_sends_no_packet(lab: Internet, tmp_path: Path) -> None:
    """Names and forms of special-purpose addresses: refused, and the counters do not move."""
    text = "\n".join(fence(id=name, type="A", **question) for name, question in SPECIAL.items())
    make_site(tmp_path, {"index.md": text})
    before = [lab.packets("pc", network, port=53) for network in NETWORKS]
    _build(lab, tmp_path)
    assert [lab.packets("pc", network, port=53) for network in NETWORKS] == before
    shown = figures((tmp_path / "site" / "index.html").read_text("utf-8"))
    for name in SPECIAL:
        assert "Not measured: the blog's policy does not allow packets there" in shown[name]
    # The same counters do move when policy allows it: the test can fail.
    make_site(tmp_path, {"index.md": text}, policy={"allow": ["127.0.0.0/8"]})
    _build(lab, tmp_path)
    assert lab.packets("pc", "127.0.0.0/8", port=53) > before[0]


def test_policy_deny_wins(lab: Internet, tmp_path: Path) -> None:
    text = fence(id="denied", dns="www.shop.example", server="ns1.data-hotel.net", type="A")
    make_site(tmp_path, {"index.md": text}, policy={"deny": ["203.174.64.0/24"]})
    before = lab.packets("pc", "203.174.64.0/24")
    _build(lab, tmp_path)
    assert lab.packets("pc", "203.174.64.0/24") == before
    shown = figures((tmp_path / "site" / "index.html").read_text("utf-8"))
    assert "closed by policy.deny" in shown["denied"]


def test_policy_kinds(lab: Internet, tmp_path: Path) -> None:
    text = fence(id="dns_only", dns="www.shop.example")
    make_site(tmp_path, {"index.md": text}, policy={"kinds": ["whois"]})
    _build(lab, tmp_path)
    shown = figures((tmp_path / "site" / "index.html").read_text("utf-8"))
    assert "policy.kinds does not list dns" in shown["dns_only"]
