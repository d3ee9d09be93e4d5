"""Whois answers in the form of ``tests/cases/registry``, asked over servers on loopback.

Each case has an answer in the layout of some registry, with invented persons, and in ``right`` what
must come of it: facts, failures, what is found nowhere in what is kept or shown, what is kept.
"""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sotokara.core.observation import (
    FAILURES,
    Exchange,
    Failure,
    Outcome,
)
from sotokara.kinds.shared.registry.target import read_target
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.own import own_address_masked
from sotokara.kinds.whois.persons import mask_persons
from sotokara.kinds.whois.text import charset
from sotokara.kinds.whois.verdict import read_answer

from tests.registry_cases import Seen, page
from tests.servers.port43 import Port43, always
from tests.servers.thread import serving

FOLDER = Path(__file__).parent / "cases" / "registry"
CASES = [json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))]
WHOIS = [case for case in CASES if case["kind"] == "whois" and "bootstrap" not in case]
NOT_FACTS = {
    *("outcome", "failure", "answer_is_not", "failure_is_not", "masked", "kept", "evidence_keeps"),
    *("asked", "also_asked", "page_has", "says"),
}
JAPANESE = ("whois.jprs.jp", "whois.nic.ad.jp")


def bytes_of(server: str, text: str) -> bytes:
    return text.encode("iso-2022-jp" if server in JAPANESE else "utf-8")


def servers_of(case: dict[str, Any]) -> Port43:
    chain = case.get("chain") or [{"server": case["server"], "text": case["text"]}]
    texts = {one["server"]: one["text"] for one in chain if one["text"] is not None}
    texts |= case.get("others", {})
    if case.get("walk"):
        texts.setdefault("whois.iana.org", f"refer: {chain[0]['server']}\n\nsource: IANA\n")
    answers = {name: always(bytes_of(name, text)) for name, text in texts.items()}
    if "also" in case:
        first, other = answers[case["server"]], bytes_of(case["server"], case["also_text"])
        answers[case["server"]] = lambda words: other if case["also"] in words else first(words)
    return Port43(answers)


def question(case: dict[str, Any], target: str) -> Whois:
    server = "" if case.get("walk") else case["server"]
    return Whois(target=target, server=server, lang=case.get("lang", "en")).normal()


def measure(case: dict[str, Any], servers: Port43) -> list[Exchange]:
    async def main() -> list[Exchange]:
        network = servers.network()
        try:
            asked = question(case, case["target"])
            found = await asked.measure(network.for_probe(asked.timeout_factor))
            if "also" in case:
                other = question(case, case["also"])
                await other.measure(network.for_probe(other.timeout_factor))
            return found
        finally:
            network.close()

    with serving(servers):
        return asyncio.run(main())


def everything(exchanges: list[Exchange], folder: Path) -> str:
    """All that is kept: the run file, the objects, and every answer decoded."""
    files = [path for path in (folder / "evidence").rglob("*") if path.is_file()]
    kept = [path.read_text("utf-8") for path in files]
    for one in exchanges:
        name = one.media_type.partition("charset=")[2] or "utf-8"
        kept.append((one.received or b"").decode(name, "replace"))
    return "\n".join(kept)


@pytest.mark.parametrize("case", WHOIS, ids=lambda case: case["name"])
def test_what_comes_of_a_case(case: dict[str, Any], tmp_path: Path) -> None:
    servers = servers_of(case)
    exchanges = measure(case, servers)
    reading = question(case, case["target"]).parse(exchanges)
    facts = msgspec.to_builtins(reading.facts) if reading.facts else {}
    right = case["right"]
    failure = reading.failure.name if reading.failure else None
    outcome = reading.failure.outcome if reading.failure else Outcome.ANSWERED
    assert outcome == right.get("outcome", outcome)
    assert failure == right.get("failure", failure)
    assert failure is None or failure != right.get("failure_is_not")
    assert not facts or facts["answer"] != right.get("answer_is_not")
    for name in right.keys() - NOT_FACTS:
        empty = "" if isinstance(right[name], str) else []
        assert facts.get(name, empty) == right[name], name
    shown = page(Seen(question(case, case["target"]), exchanges, reading, []), tmp_path)
    kept = everything(exchanges, tmp_path)
    for gone in right.get("masked", []):
        assert gone not in kept
        assert gone not in shown
    for stays in [*right.get("kept", []), *right.get("evidence_keeps", [])]:
        assert stays in kept
    asked = {name for name, _ in servers.asked}
    assert asked.issuperset(right.get("asked", []))
    if right.get("also_asked"):
        assert any(
            name == case["server"] and case["also"] in words for name, words in servers.asked
        )
    assert re.search(right.get("page_has", ""), shown)


def test_contacts_true_keeps_what_else_is_masked(tmp_path: Path) -> None:
    case = next(one for one in WHOIS if one["name"] == "p1-uk")
    asked = Whois(target=case["target"], server=case["server"], contacts=True)
    servers = servers_of(case)

    async def main() -> list[Exchange]:
        network = servers.network()
        try:
            return await asked.measure(network.for_probe())
        finally:
            network.close()

    with serving(servers):
        exchanges = asyncio.run(main())
    assert b"John Roe" in (exchanges[0].received or b"")


NOTHING = {
    "whois.nic.ar": "El dominio no se encuentra registrado en NIC Argentina\r\n",
    "whois.nic.ch": "We do not have an entry in our database matching your query.\r\n",
    "whois.tld.ee": "\nEstonia .ee Top Level Domain WHOIS server\n\nDomain not found\n",
    "whois.nic.cl": "nothere.example: no existe\n",
    "whois.nic.io": "Domain not found.\n>>> Last update: 2024-01-01T00:00:00Z <<<\n\n"
    "Terms of Use: those who exceed the limit are denied temporarily, try again later.\n",
    "whois.nic.hu": "% Whois server 4.0\n\nNincs találat / No match\n",
    "whois.nic.im": "The domain nothere.example was not found.\n",
    "whois.nic.tm": "Domain nothere.example is available for purchase\n",
    "whois.rnids.rs": "%ERROR:103: Domain is not registered\n",
    "whois.twnic.net.tw": "No Found\n",
    "whois.dns.be": "% .be Whois Server 6.1\n% to check whether a name is available or not\n\n"
    "Domain:\tnothere.example\nStatus:\tAVAILABLE\n",
    "whois.kr": "query : nothere.example\n\n상기 도메인이름은 등록되어 있지 않습니다.\n",
    "whois.cnnic.cn": "No matching record.\n",
    "whois.nic.lv": "[Domain]\nDomain: nothere.example\nStatus: free\n",
    "whois.uniregistry.net": '>>> Domain "nothere.example" is available for registration\n',
}
UNAVAILABLE = {
    "whois.cnnic.cn": "The domain you requested is prohibited.\n",
    "whois.nic.wed": "Domain Name: ag.example\nDomain Status: Prohibited String - Object Cannot Be"
    " Registered\n",
    "whois.afilias.net": "Name is reserved by afilias\n",
    "whois.nic.it": "Domain:   ag.example\nStatus:  RESERVED\n",
    "whois.nic.uk": 'Error for "ag.example".\n\nThis domain cannot be registered because it'
    " contravenes the\nnaming rules.\n",
    "whois.jprs.jp": "[Domain Name] AG.EXAMPLE\n[Status] Reserved\n",
}
LIMITS = {
    "whois.denic.de": "% Error: 55000000002 Connection refused; access control limit reached.\n",
    "whois.nic.io": "Your access is too fast,please try again later.\n",
    "whois.jprs.jp": "一定時間内の検索回数が上限に達しました。しばらくしてからお試しください。\n",
    "whois.hkirc.hk": "Please maintain at least 120-second time before starting another enquiry.\n",
    "whois.domain-registry.nl": "only 1 request per second allowed, try again later\n",
    "whois.pir.org": "WHOIS LIMIT EXCEEDED - SEE WWW.PIR.ORG/WHOIS FOR DETAILS\n",
    "whois.donuts.co": "Number of allowed queries exceeded.\n",
    "whois.eu": "% -1: Still in grace period, wait 5 seconds\n",
    "whois.dns.pl": "request limit exceeded for 198.51.100.7\n",
    "whois.nic.de.example": "Das Abfragelimit ist überschritten\n",
    "whois.nic.it.example": "Hai superato il numero massimo di richieste\n",
    "whois.nic.tr.example": "Sorgu limitiniz dolmuştur\n",
    "whois.nic.us.example": "You have exceeded your query allowance for today.\n",
    "whois.nic.ja.example": "要求頻度が高すぎます。しばらく待ってから再度お試しください。\n",
}
TROUBLES = {
    "a portal": "HTTP/1.1 404 Not Found\r\nServer: nginx\r\n\r\n<html>404 Not Found</html>",
    "a page": "<html><head><title>404 Not Found</title></head><body>not found</body></html>",
    "a login": "<!DOCTYPE html>\n<h1>Log in to the WiFi: no match</h1>",
    "an error of HTTP": "404 Not Found\n",
    "out of order": "% Service temporarily unavailable, please try again later\n",
    "no database": "% Unable to connect to the database. Please try again later.\n",
}


def said(server: str, text: str) -> str:
    target = "ag.example" if "ag.example" in text.lower() else "nothere.example"
    read = read_answer(server, text, read_target(target))
    return read.name if isinstance(read, Failure) else read.answer


@pytest.mark.parametrize("server", NOTHING)
def test_no_match_in_many_words(server: str) -> None:
    assert said(server, NOTHING[server]) == "no_match"


@pytest.mark.parametrize("server", UNAVAILABLE)
def test_nobody_may_have_it_in_many_words(server: str) -> None:
    assert said(server, UNAVAILABLE[server]) == "unavailable"


@pytest.mark.parametrize("server", LIMITS)
def test_limits_in_many_words(server: str) -> None:
    assert said(server, LIMITS[server]) == "rate_limited"
    name = charset(server, LIMITS[server].encode())
    clean = own_address_masked(LIMITS[server].encode(), name, refused=True)
    assert b"198.51.100.7" not in clean


@pytest.mark.parametrize(
    "text",
    [
        "Nid oes cofnod o nothere.example.\n",
        "220 proxy.isp.example ESMTP ready\n",
        "Ar domen nothere.example n'eo ket bet enrollet.\n",
    ],
)
def test_what_is_not_read_is_not_the_registry_s_fault(text: str) -> None:
    assert said("whois.nic.example", text) == "unknown_form"
    assert FAILURES["unknown_form"] is Outcome.NO_ANSWER  # what is not measured is not kept


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_web_page_and_another_trouble_are_neither(trouble: str) -> None:
    assert said("whois.nic.example", TROUBLES[trouble]) == "server_misbehaving"


def test_the_title_of_a_look_up_is_nobody_s_name() -> None:
    """As the posts have it that people paste answers into: above JPNIC's layout, and beside it."""
    text = """【192.0.2.104】のNIC登録情報をWho is検索

Network Information: [ネットワーク情報]
f. [組織名] 株式会社例
g. [Organization] Example Co., Ltd.
m. [管理者連絡窓口] AA0000JP

参考:RIRのWHOISサーバ
山田太郎 whois
"""
    shown = mask_persons(text.encode(), "utf-8").decode()
    assert shown.startswith("【192.0.2.104】のNIC登録情報をWho is検索\n")
    assert "参考:RIRのWHOISサーバ\n" in shown
    assert "山田" not in shown


NAMED = (
    (
        "person: Hans Mueller\nnic-hdl: HANSM-RIPE\nmnt-by: MUELLER-MNT\n",
        ("HANSM", "MUELLER"),
    ),
    ("contact: SB:PRIKLADOVA\nname: Jana Příkladová\n", ("PRIKLADOVA",)),
    ("contact-id: primirp-ua\nperson: Petro Primir\n", ("primirp",)),
    (
        "Tech Contact ID: MMITHAL-AR\nTech Contact Name: Mohammed Mithal\n",
        ("MMITHAL",),
    ),
    ("person: Jürgen Groß\nnic-hdl: GROSSJ-EX\n", ("GROSSJ",)),
)


@pytest.mark.parametrize(("text", "gone"), NAMED)
def test_a_handle_that_tells_a_masked_name_goes_with_it(text: str, gone: tuple[str, ...]) -> None:
    above = "inetnum: 192.0.2.0 - 192.0.2.255\nnetname: EX\nadmin-c: HM4711-RIPE\n"
    links = "".join(f"tech-c: {value}\n" for value in re.findall(r"(?:hdl|contact): (\S+)", text))
    shown = mask_persons(f"{above}{links}\n{text}".encode(), "utf-8").decode()
    for name in gone:
        assert name.lower() not in shown.lower()
    assert "HM4711-RIPE" in shown
