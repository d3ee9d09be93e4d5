"""An address that is masked in bytes is zeros there, and nowhere passes for an answer of zeros."""

import json
import re
from collections.abc import AsyncIterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from sotokara.core.hidden import FOUR, SIX, hidden_in, is_hidden, without_zeros
from sotokara.ledger import Ledger
from sotokara.ledger.verify import exchange_lines
from sotokara.servers.nameserver import NameServer, honest, labels_of, rdtype, record, reply

from tests.servers.thread import serving
from tests.sites import build, fence, figures, make_site, with_evidence

SECRET = {1: "203.0.113.77", 28: "2001:db8::77"}
OPEN = {1: "0.0.0.0", 28: "::"}  # noqa: S104  # what a name server gives for a name it blocks
GIVEN = {b"secret": SECRET, b"blocked": OPEN}
JAPANESE = "---\nlang: ja\n---\n"


async def answer(wire: bytes) -> AsyncIterator[bytes]:
    kind, given = rdtype(wire), GIVEN.get(labels_of(wire)[0])
    if given is None or kind not in given:
        yield honest(wire)
    else:
        yield reply(wire, record(kind, ip_address(given[kind]).packed))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Measured once, and built again from what was kept."""
    pages = {
        "a.md": fence(dns="secret.example", id="secret")
        + fence(dns="secret.example", id="dig", style="dig")
        + fence(dns="blocked.example", id="blocked")
        + fence(dns="blocked.example", id="both", style="dig")
        + fence(whois="{{ secret.addresses[0] }}", id="whose"),
        "b.md": JAPANESE + fence(dns="secret.example", id="secret"),
    }
    server = NameServer(answer)
    with serving(server):
        where = [server.address]
        folder = make_site(
            tmp_path_factory.mktemp("masked"),
            pages,
            resolvers=where,
            control=where,
            redact=list(SECRET.values()),
        )
        with_evidence(folder)
        done = build(folder)
    assert done.returncode == 0, done.stderr
    (folder / "live.html").write_bytes((folder / "site/a/index.html").read_bytes())
    done = build(folder, SOTOKARA_MODE="replay")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("page", ["live.html", "site/a/index.html"])
def test_a_figure_says_masked_and_never_zeros(site: Path, page: str) -> None:
    shown = figures((site / page).read_text("utf-8"))
    for name in ("secret", "dig"):
        assert FOUR in shown[name]
        assert SIX in shown[name]
        assert f"{FOUR} stands for an address that is masked here" in shown[name]
        assert OPEN[1] not in shown[name]
        assert not re.search(r"AAAA\s+::", shown[name])
    assert f"Address: {OPEN[1]}" in shown["blocked"]
    assert re.search(r"AAAA\s+::", shown["both"])
    assert "masked" not in shown["blocked"] + shown["both"]
    if page == "live.html":
        assert "the address is masked, so nobody may be asked about it" in shown["whose"]


def test_in_japanese(site: Path) -> None:
    shown = figures((site / "site/b/index.html").read_text("utf-8"))["secret"]
    assert f"{FOUR} は伏せたアドレスです" in shown


def test_the_evidence_says_so_wherever_facts_stand(site: Path) -> None:
    ledger = Ledger(site / "evidence")
    every = {one.definition.get("dns"): one for one in map(ledger.line, ledger.index.every())}
    secret, blocked = every["secret.example"], every["blocked.example"]
    hidden, other = (site / "site/evidence" / one.id for one in (secret, blocked))
    told = json.loads((hidden / "facts.json").read_text("utf-8"))
    assert told["facts"]["addresses"] == [FOUR, SIX]
    assert told["masked"] == [
        "addresses[0]",
        "addresses[1]",
        "records[0].value",
        "records[1].value",
    ]
    table = (hidden / "facts.csv").read_text("utf-8")
    assert f",addresses[0],{FOUR}" in table
    page = (hidden / "index.html").read_text("utf-8")
    assert "stands for an address that is masked here" in page
    assert f"secret.example. 60 IN A {FOUR}" in page  # the raw in words
    for text in (table, page, json.dumps(told)):
        assert OPEN[1] not in text
    assert "masked" not in json.loads((other / "facts.json").read_text("utf-8"))
    assert OPEN[1] in (other / "index.html").read_text("utf-8")


def test_the_raw_has_zeros_and_counts_them(site: Path) -> None:
    """A message keeps its length; whoever reads it without us is told as well."""
    ledger = Ledger(site / "evidence")
    lines = {one.definition.get("dns"): one for one in map(ledger.line, ledger.index.every())}
    for name, hidden in (("secret.example", 1), ("blocked.example", 0)):
        raw = ledger.object(lines[name].raw or "")["exchanges"]
        asked = [one for one in raw if one["step"] in ("A", "AAAA")]
        assert [one.get("hidden", 0) for one in asked] == [hidden, hidden]
        said = " ".join(line for one in asked for line in exchange_lines(one))
        assert ("A masked" in said) == bool(hidden)
        assert (OPEN[1] in said) != bool(hidden)


def test_what_passes_for_a_masked_address() -> None:
    assert [
        one for one in ("x.x.x.x", "xxx.x.xxx.xx", "xxxx:xxx::x", SIX) if not is_hidden(one)
    ] == []
    assert not any(map(is_hidden, ("x.example", "xx", "192.0.2.1", "::", "x.x.x", "")))
    assert without_zeros("1 svc alpn=h2 ipv4hint=0.0.0.0 ipv6hint=::") == (
        f"1 svc alpn=h2 ipv4hint={FOUR} ipv6hint={SIX}"
    )
    for text in ("10.0.0.0.0", "0.0.0.0/0", "2001:db8::", "::1", "1:0.0.0.0/8"):
        assert without_zeros(text) == text
    assert list(hidden_in({"a": ["y", {"b": "10 x.x.x.x"}]})) == ["a[1].b"]
