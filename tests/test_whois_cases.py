"""Kind `whois` over recorded answers: raw → facts, personal data, and whatever bytes may come."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import ipwhois.net
import ipwhois.whois
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.observation import FAILURES, Exchange, Failure
from sotokara.core.settings import Settings
from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.facts import RegistryFacts
from sotokara.kinds.shared.registry.target import networks, read_target, spelled
from sotokara.kinds.whois import verdict, walk
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.persons import mask_persons, own_address_masked
from sotokara.kinds.whois.referral import next_server
from sotokara.kinds.whois.text import charset, decode_answer
from sotokara.kinds.whois.verdict import assignment, read_answer
from sotokara.network.network import Network
from sotokara.network.ways import TownWays

from tests.examples import examples

CASES = sorted((Path(__file__).parent / "cases" / "whois").glob("*/*.json"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in CASES]


def answer(path: Path) -> bytes:
    return path.with_suffix(".raw").read_bytes()


def exchange(server: str, raw: bytes, *, contacts: bool = False) -> Exchange:
    """The exchange that a measurement of this answer leaves."""
    name = charset(server, raw)
    kept = raw if contacts else mask_persons(raw, name)
    media_type = f"text/plain; charset={name}"
    return Exchange("referral", server, "whois", b"?", kept, media_type=media_type)


@pytest.mark.parametrize("path", CASES, ids=NAMES)
def test_facts_of_recorded_answers(path: Path) -> None:
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    server = path.parent.name
    assert case["source"]
    assert charset(server, answer(path)) == case["charset"]
    question = Whois(target=case["target"], server=server, lang=case.get("lang", "en"))
    reading = question.parse([exchange(server, answer(path))])
    assert (reading.failure.name if reading.failure else None) == case.get("failure")
    facts = msgspec.to_builtins(reading.facts) if reading.facts else None
    if facts:
        facts.pop("asked")
    assert facts == case.get("facts")


@pytest.mark.parametrize("path", CASES, ids=NAMES)
def test_masking_changes_no_fact(path: Path) -> None:
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    server = path.parent.name
    question = Whois(target=case["target"], server=server, lang=case.get("lang", "en"))
    first = question.parse([exchange(server, answer(path), contacts=True)])
    again = question.parse([exchange(server, answer(path))])
    assert first.facts == again.facts


def test_persons_leave_and_organizations_stay() -> None:
    raw = b"""person:         Taro Example
address:        1-2-3 Example
phone:          +81 3 1234 5678
e-mail:         taro@example.jp
nic-hdl:        TE1-EXAMPLE
abuse-mailbox:  abuse@example.jp

organisation:   ORG-EX1
org-name:       Example Corp.
address:        4-5-6 Street
phone:          +81 3 8765 4321
remarks:        write to hanako@example.jp or abuse@example.jp
"""
    text = mask_persons(raw, "us-ascii").decode()
    for gone in ("Taro", "1-2-3", "1234 5678", "taro@", "8765", "hanako@"):
        assert gone not in text
    for kept in ("TE1-EXAMPLE", "abuse@example.jp", "Example Corp.", "4-5-6 Street", "ORG-EX1"):
        assert kept in text
    assert len(text) == len(raw)


def test_a_person_as_registrant_leaves_in_japanese_too() -> None:
    text = "[登録者名]    山田太郎\n[電話番号]    03-1234-5678\n[登録者名]    株式会社例示\n"
    raw = text.encode("iso-2022-jp")
    shown = mask_persons(raw, "iso-2022-jp").decode("iso-2022-jp")
    assert "山田" not in shown
    assert "1234" not in shown
    assert "株式会社例示" in shown


def test_refusals_do_not_tell_where_the_author_is() -> None:
    refusal = b"%ERROR:201: access denied for 198.51.100.7\n% and 2001:db8:1::100\n"
    clean = own_address_masked(refusal, "us-ascii", refused=True)
    assert b"198.51" not in clean
    assert b"2001:db8" not in clean
    assert len(clean) == len(refusal)
    answer = b"% You are 198.51.100.7\n% Related to '62.239.237.0'\ninetnum: 62.239.237.0/24\n"
    clean = own_address_masked(answer, "us-ascii", refused=False)
    assert b"198.51" not in clean
    assert clean.count(b"62.239.237.0") == 2


@pytest.mark.parametrize("path", CASES, ids=NAMES)
def test_an_answer_that_registers_is_read_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the server's bytes over what is masked to the facts; other answers twice at most."""
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    server, raw = path.parent.name, answer(path)
    question = Whois(target=case["target"], server=server, lang=case.get("lang", "en"), rdap=False)
    answers = [exchange(server, raw, contacts=True)]

    async def sent(_: Network, asked: str, *_rest: str) -> Exchange:
        """The registry's answer, once; whoever else is asked is silent."""
        silent = Failure("generic_timeout_error", asked)
        return answers.pop() if answers else Exchange("", asked, "whois", failure=silent)

    monkeypatch.setattr(walk, "ask_server", sent)

    async def main() -> list[Exchange]:
        net = Network(Settings(registry_pause=0), TownWays({}, ssl.create_default_context()))
        try:
            return await question.registries(net.for_probe(4), read_target(question.target))
        finally:
            net.close()

    verdict.registration.cache_clear()
    verdict.read_answer.cache_clear()
    reading = question.parse(asyncio.run(main()))
    registered = isinstance(reading.facts, RegistryFacts) and reading.facts.answer == "registered"
    assert verdict.registration.cache_info().misses <= (1 if registered else 2)
    assert verdict.read_answer.cache_info().misses <= (1 if registered else 2)


def test_contacts_true_keeps_names_and_role_mails() -> None:
    path = next(path for path in CASES if path.stem == "google-v4")
    question = Whois(target="74.125.225.229", server="whois.arin.net", contacts=True)
    facts = question.parse([exchange("whois.arin.net", answer(path), contacts=True)]).facts
    assert isinstance(facts, RegistryFacts)
    assert {contact.email for contact in facts.contacts} == {"arin-contact@google.com"}


@pytest.mark.parametrize(
    ("server", "raw", "name"),
    [
        ("whois.nic.ad.jp", "組織名".encode("iso-2022-jp"), "iso-2022-jp"),
        ("whois.nic.ad.jp", "組織名 株式会社".encode("euc-jp"), "euc-jp"),
        ("whois.jprs.jp", "組織名ｶﾌﾞｼｷ株式会社".encode("shift_jis"), "shift_jis"),
        ("whois.example", "Zürich".encode(), "utf-8"),
        ("whois.example", "Zürich".encode("latin-1"), "iso-8859-1"),
        ("whois.example", "% charset: utf-8\nZürich".encode("latin-1"), "iso-8859-1"),
        ("whois.example", "% charset: rot13\nZ\xfcrich".encode("latin-1"), "iso-8859-1"),
        ("whois.kisa.or.kr", "한국인터넷진흥원".encode("euc-kr"), "euc-kr"),
    ],
)
def test_the_character_set_is_told(server: str, raw: bytes, name: str) -> None:
    assert charset(server, raw) == name


@pytest.mark.parametrize(
    ("server", "text", "target", "next_one"),
    [
        ("whois.iana.org", "refer: whois.apnic.net\n", "1.1.1.1", "whois.apnic.net"),
        ("whois.arin.net", "ReferralServer: whois://r.example:43\n", "9.9.9.9", "r.example"),
        ("whois.arin.net", "ReferralServer: rwhois://r.example.net:4321\n", "9.9.9.9", "refused"),
        ("whois.arin.net", "ReferralServer: whois://127.0.0.1\n", "9.9.9.9", "127.0.0.1"),
        ("whois.arin.net", "ReferralServer: whois://a b/../c\n", "9.9.9.9", "refused"),
        ("whois.apnic.net", "inetnum: 1.0.0.0/8\nsource: JPNIC\n", "1.1.1.1", "whois.nic.ad.jp"),
        (
            "whois.verisign-grs.com",
            "Domain Name: A.COM\nRegistrar WHOIS Server: whois.r.example\n",
            "a.com",
            "whois.r.example",
        ),
        ("whois.ripe.net", "inetnum: 9.0.0.0/8\nsource: RIPE\n", "9.9.9.9", None),
    ],
)
def test_referrals(server: str, text: str, target: str, next_one: str | None) -> None:
    said = read_answer(server, text, read_target(target))
    facts = None if isinstance(said, Failure) else said
    refers = next_server(server, text, facts, read_target(target))
    shown = refers and ("refused" if refers.refused else refers.server)
    assert shown == next_one


def test_an_assignment_stands_for_its_whole_range_and_an_allocation_does_not() -> None:
    found = {
        path.stem: assignment(
            path.parent.name,
            decode_answer(answer(path), charset(path.parent.name, answer(path))),
            read_target(json.loads(path.read_text("utf-8"))["target"]),
        )
        for path in CASES
    }
    assert found["post-ja"]
    assert found["bt-v4"]
    assert not found["kddi-ja"]
    assert not found["google-v4"]
    assert not found["triara"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200.57.128/19", "200.57.128.0 - 200.57.159.255"),
        ("2001:0240:010c::/48", "2001:240:10c:: - 2001:240:10c:ffff:ffff:ffff:ffff:ffff"),
        ("1.2.3.0 - 1.2.3.255", "1.2.3.0 - 1.2.3.255"),
        ("1.2.3.0 - ::1", ""),
        ("nothing", ""),
    ],
)
def test_ranges(text: str, expected: str) -> None:
    assert spelled(networks(text))[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2005/01/06 10:53:02(JST)", "2005-01-06"),
        ("15-sep-1997", "1997-09-15"),
        ("hm@example.net 20021025", "2002-10-25"),
        ("2018-03-12T21:44:25+01:00", "2018-03-12"),
        ("31.12.2020", "2020-12-31"),
        ("99999999", ""),
        ("", ""),
    ],
)
def test_days(text: str, expected: str) -> None:
    assert first_day(text) == expected


@pytest.mark.parametrize("target", ["2515", "http://example.com", "a b", "", "AS99999999999"])
def test_no_target_for_a_registry(target: str) -> None:
    assert [wrong.option for wrong in Whois(target=target).option_errors()] == ["target"]


def test_equal_questions_are_one() -> None:
    first = Whois(target="AS02515").normal().identity()
    assert first == Whois(target="as2515", show="a b").normal().identity()
    assert Whois(target="日本語.jp").normal().target == "xn--wgv71a119e.jp"
    assert Whois(target="221.246.251.104/26").normal().target == "221.246.251.64/26"


@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_whatever_comes_is_facts_or_a_named_failure(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(CASES))
    raw = bytearray(answer(path))
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(0, max(0, len(raw) - 1)))
        piece = data.draw(st.binary(max_size=6) | st.sampled_from([b"\n", b":", b"[", b"/", b"-"]))
        raw[at : at + data.draw(st.integers(0, 40))] = piece
    case = json.loads(path.read_text("utf-8"))
    question = Whois(target=case["target"], server=path.parent.name)
    reading = question.parse([exchange(path.parent.name, bytes(raw))])
    assert reading.facts is not None or reading.failure is not None
    if reading.failure:
        assert reading.failure.name in FAILURES


@settings(max_examples=examples(60), deadline=None)
@given(raw=st.binary(max_size=400), server=st.sampled_from(sorted({p.parent.name for p in CASES})))
def test_any_bytes_at_all(raw: bytes, server: str) -> None:
    for target in ("221.246.251.104", "2001:dc2::1", "AS2515", "google.com"):
        reading = Whois(target=target, server=server).parse([exchange(server, raw)])
        assert reading.facts is not None or reading.failure is not None


@pytest.mark.parametrize(
    ("server", "name", "registry"),
    [
        ("whois.arin.net", "google-v4", "arin"),
        ("whois.ripe.net", "bt-v4", "ripencc"),
        ("whois.apnic.net", "krnic-v4", "apnic"),
        ("whois.apnic.net", "jpnic-v6", "apnic"),
        ("whois.afrinic.net", "mtn", "afrinic"),
        ("whois.lacnic.net", "triara", "lacnic"),
    ],
)
def test_another_parser_reads_the_same(server: str, name: str, registry: str) -> None:
    """ipwhois 1.3 over the same answers: the network, its name, country and days."""
    path = next(path for path in CASES if (path.parent.name, path.stem) == (server, name))
    case = json.loads(path.read_text("utf-8"))
    text = decode_answer(answer(path), case["charset"]).replace("\r", "")
    found = ipwhois.whois.Whois(ipwhois.net.Net(case["target"])).lookup(
        response=text, asn_data={"asn_registry": registry}, is_offline=True
    )
    facts = case["facts"]
    fits = [net for net in found["nets"] if net["cidr"].split(", ") == facts["prefixes"]]
    assert len(fits) == 1
    net = fits[0]
    assert (net["name"] or "") == facts.get("netname", "")
    assert (net["country"] or "") == facts.get("country", "")
    for theirs, ours in (("created", "allocated"), ("updated", "updated")):
        if net[theirs] and (name, ours) != ("krnic-v4", "updated"):  # it takes a contact's day
            assert first_day(net[theirs]) == facts[ours]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("AS3.10", "AS196618"),
        ("as0.64500", "AS64500"),
        ("ASN2515", "AS2515"),
        ("asn 2515", "AS2515"),
        ("AS 2515.", "AS2515"),
        ("AS65535.65535", "AS4294967295"),
        ("192.0.2.0 - 192.0.2.255", "192.0.2.0/24"),
        ("192.0.2.0-192.0.2.127", "192.0.2.0/25"),
        ("192.0.2.9 – 192.0.2.9", "192.0.2.9"),
        ("2001:DB8:: - 2001:db8::ffff", "2001:db8::/112"),
        ("192.0.2.0/255.255.255.0", "192.0.2.0/24"),
        ("１９２.０.２.１", "192.0.2.1"),
        ("as3.example", "as3.example"),
        ("asn.example", "asn.example"),
    ],
)
def test_forms_of_addresses_and_numbers(written: str, text: str) -> None:
    assert read_target(written).text == text


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("AS65536.1", "a half above 65535"),
        ("AS4294967296", "above the last AS number"),
        ("3.10", "of digits alone"),
        ("192.000.002.001", "of digits alone"),
        ("192.0.2.0-255", "no address"),
        ("192.0.2.0 - 192.0.2.2", "ask for each of 192.0.2.0/31, 192.0.2.2/32"),
        ("192.0.2.9 - 192.0.2.2", "from a lower to a higher"),
        ("192.0.2.0 - 2001:db8::1", "of one kind"),
        ("AS1-AS10", "a range of AS numbers"),
        ("AS-EXAMPLE", "an AS set"),
        ("0xC0000201", "hexadecimal"),
    ],
)
def test_what_no_registry_could_be_asked_so(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_target(written)
