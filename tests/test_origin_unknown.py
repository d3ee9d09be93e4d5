"""A question for the origin AS that failed: the AS is not known, which is no change of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import Exchange, Observation, Outcome, Reading, Vantage
from sotokara.core.settings import Settings
from sotokara.engine.figure import Figure
from sotokara.kinds.shared import origin
from sotokara.kinds.whois.kind import Whois
from sotokara.network.network import Network
from sotokara.servers.nameserver import NameServer, Udp, record, reply

from tests.servers.thread import serving
from tests.tampered import keep
from tests.tampered.site import DAY, findings, html, replay

ADDRESS = "221.246.251.104"
SERVER = "whois.apnic.net"
RAW = (Path(__file__).parent / "cases/whois/whois.nic.ad.jp/synthetic-post-en.raw").read_bytes()
_TXT = 16


def rows(origin: str, name: str = "", *, name_rcode: int = 0) -> Udp:
    """A server of Cymru's zones; an empty row is an NXDOMAIN."""

    async def answer(wire: bytes) -> AsyncIterator[bytes]:
        about_name = b"\x06origin" not in wire
        text = name if about_name else origin
        if about_name and name_rcode:
            yield reply(wire, flags=0x8180 | name_rcode)
        elif text:
            yield reply(wire, record(_TXT, bytes([len(text)]) + text.encode()))
        else:
            yield reply(wire, flags=0x8183)

    return answer


async def _servfail(wire: bytes) -> AsyncIterator[bytes]:
    yield reply(wire, flags=0x8182)


async def _silence(wire: bytes) -> AsyncIterator[bytes]:
    for nothing in wire[:0]:
        yield bytes(nothing)


ROW, NAME = "17506 | 221.240.0.0/12 | JP | apnic | 2002-09-26", "17506 | JP | apnic | x | ARTERIA"
KNOWN = rows(ROW, NAME)
OTHER = rows(ROW.replace("17506", "64511"), NAME.replace("17506", "64511"))
WITHDRAWN = rows("")
NAMELESS = rows(ROW, name_rcode=2)


def ask(udp: Udp) -> list[Exchange]:
    """What a name server answers to the questions for the origin AS."""

    async def main() -> list[Exchange]:
        settings = Settings(resolvers=[server.address], timeout=1.0)
        network = Network(settings)
        try:
            return await origin.ask_origin(network.for_probe(), ADDRESS)
        finally:
            network.close()

    server = NameServer(udp)
    with serving(server):
        return asyncio.run(main())


@pytest.fixture(scope="module")
def answers() -> dict[str, list[Exchange]]:
    moods = {"known": KNOWN, "other": OTHER, "withdrawn": WITHDRAWN, "nameless": NAMELESS}
    return {name: ask(udp) for name, udp in {**moods, "broken": _servfail}.items()}


def read(origin: list[Exchange]) -> Reading:
    question = Whois(target=ADDRESS, server="whois.nic.ad.jp")
    whois = Exchange(
        "referral", question.server, "whois", b"?", RAW, media_type="text/plain; charset=us-ascii"
    )
    return question.parse([whois, *origin])


@pytest.mark.parametrize(
    ("name", "unknown", "unanswered"),
    [
        ("known", [], {}),
        ("withdrawn", [], {}),
        ("nameless", ["as_name"], {"name of AS17506": "dns_servfail_error"}),
        (
            "broken",
            ["as_name", "asn", "bgp_prefix"],
            {f"origin AS of {ADDRESS}": "dns_servfail_error"},
        ),
    ],
)
def test_what_is_not_known_is_told(
    answers: dict[str, list[Exchange]], name: str, unknown: list[str], unanswered: dict[str, str]
) -> None:
    reading = read(answers[name])
    assert reading.failure is None
    assert reading.facts.unknown == unknown  # type: ignore[union-attr]
    assert reading.volatile.get("unanswered", {}) == unanswered


def test_silence_leaves_it_open() -> None:
    assert read(ask(_silence)).volatile["unanswered"] == {
        f"origin AS of {ADDRESS}": "generic_timeout_error"
    }


def site(folder: Path, answers: dict[str, list[Exchange]], *names: str) -> None:
    """A page with one whois figure over an observation a day."""
    question = Whois(target=ADDRESS, server="whois.nic.ad.jp")
    for day, name in enumerate(names):
        reading = read(answers[name])
        one = Observation(
            digest=digest(canonical(question.identity())),
            definition=question.identity(),
            start=DAY + timedelta(days=day),
            outcome=Outcome.ANSWERED,
            vantage=Vantage("author", "test"),
            version=question.version,
            facts=reading.facts,
            volatile=reading.volatile,
        )
        keep(folder / "evidence", one)
    (folder / "docs").mkdir()
    text = f"whois: {ADDRESS}\nserver: {question.server}\nstyle: table\nexpect: asn == 17506\n"
    page = f"---\ndate: {DAY:%Y-%m-%d}\n---\n```probe\n{text}```\n"
    (folder / "docs" / "a.md").write_text(page, "utf-8")
    (folder / "mkdocs.yml").write_text("site_name: t\nmarkdown_extensions: [sotokara]\n", "utf-8")


def figure(folder: Path) -> Figure:
    build, mistakes = replay(folder)
    assert not mistakes
    (one,) = build.plan.figures()
    return one


@pytest.mark.parametrize(
    ("names", "changes", "state"),
    [
        (["known", "broken"], 0, "undecided"),
        (["known", "nameless"], 0, "holds"),
        (["known", "broken", "known"], 0, "holds"),
        (["broken", "known"], 0, "holds"),
        (["known", "other"], 1, "broken"),
        (["known", "broken", "other"], 1, "broken"),
        (["known", "broken", "nameless", "other"], 1, "broken"),
        (["known", "other", "broken", "other"], 1, "broken"),
        (["broken", "other"], 0, "broken"),
        (["known", "withdrawn"], 1, "broken"),
    ],
)
def test_only_what_both_know_is_compared(
    tmp_path: Path,
    answers: dict[str, list[Exchange]],
    names: list[str],
    changes: int,
    state: str,
) -> None:
    site(tmp_path, answers, *names)
    found = findings(tmp_path)
    assert len(found.changes) == changes
    assert bool(found.drift) == bool(changes)
    assert [one.state for one in found.claims] == [state]


def test_the_page_says_so(tmp_path: Path, answers: dict[str, list[Exchange]]) -> None:
    site(tmp_path, answers, "known", "broken")
    shown = html(tmp_path)
    assert f"no answer for origin AS of {ADDRESS} (" in shown
    assert "cannot be decided: a fact that it names could not be found out" in shown


@pytest.mark.parametrize(
    ("row", "asn", "prefix"),
    [
        ("15169 | 221.240.0.0/12 | | NA", 15169, "221.240.0.0/12"),
        ("15169 | 221.240.0.0/12", 15169, "221.240.0.0/12"),
        ("AS15169 | 221.246.251.0/24 | JP | | ", 15169, "221.246.251.0/24"),
        ("64501 64500 | 221.240.0.0/12 | JP | elsewhere | NA", 64500, "221.240.0.0/12"),
        ("{64502, 64501} | 221.240.0.0/12 | | | |", 64501, "221.240.0.0/12"),
        ("1.10 | 221.240.0.0/12 | JP | apnic | 2002-09-26", 65546, "221.240.0.0/12"),
    ],
)
def test_a_row_needs_no_registry(row: str, asn: int, prefix: str) -> None:
    reading = read(ask(rows(row)))
    facts = reading.facts
    assert (facts.asn, facts.bgp_prefix) == (asn, prefix)  # type: ignore[union-attr]
    assert "asn" not in facts.unknown  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "row", ["no row at all", "15169 | nowhere | JP", "x | 221.240.0.0/12", "1 | 192.0.2.0/24 | |"]
)
def test_a_row_that_cannot_be_read_is_not_nobody(row: str) -> None:
    reading = read(ask(rows(row)))
    assert reading.facts.unknown == ["as_name", "asn", "bgp_prefix"]  # type: ignore[union-attr]
    assert reading.volatile["unanswered"] == {f"origin AS of {ADDRESS}": "dns_server_misbehaving"}


def test_a_prefix_that_nobody_announces_is_told() -> None:
    facts = read(ask(rows("NA | 221.240.0.0/12 | JP | apnic | 2002-09-26"))).facts
    assert (facts.asn, facts.unknown) == (None, [])  # type: ignore[union-attr]
