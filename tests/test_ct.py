"""The kind ``ct``: an index's rows, what is kept of them, and an index that fails."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.labels import languages
from sotokara.core.mistakes import SettingMistake
from sotokara.core.observation import FAILURES, Exchange, Outcome
from sotokara.engine.settings import load
from sotokara.kinds.ct.facts import CtFacts
from sotokara.kinds.ct.kind import Ct, read_index, safe
from sotokara.network.network import Network
from sotokara.servers.nameserver import NameServer
from sotokara.transcripts.session import listings

from tests.kind_ask import Answer, all_asked, text
from tests.servers.pages import PageServer, reply
from tests.servers.thread import serving

JSON = "Content-Type: application/json"
R1 = "C=XX, O=A CA, CN=CA 1"


def row(number: int, seen: str, names: str, issuer: str = R1, **more: Any) -> dict[str, Any]:
    return {
        "issuer_ca_id": 1,
        "issuer_name": issuer,
        "common_name": names.split("\n", maxsplit=1)[0],
        "name_value": names,
        "id": number,
        "entry_timestamp": f"{seen}T10:00:00.5",
        "not_before": f"{seen}T09:00:00",
        "not_after": "2026-12-31T09:00:00",
        "serial_number": f"{number // 10:x}",
    } | more


ROWS = [
    row(101, "2026-03-02", "shop.test\nwww.shop.test"),
    row(102, "2026-03-01", "shop.test"),  # its precertificate: the same serial
    row(201, "2026-05-05", "*.shop.test", 'C=XX, CN="B, the CA"'),
    row(301, "2025-01-01", "shop.test\nSomebody Invented\nsomebody@shop.test"),
]


def ask(answers: Sequence[Any], *definitions: dict[str, Any], **more: Any) -> list[Answer]:
    """Each definition asked of an index that answers so, by the name asked for."""
    pages = {f"/?q={name}": answer for name, answer in answers}
    index, names = PageServer(pages), NameServer()
    with serving(index, names):
        settings = load(
            {
                "resolvers": [names.address],
                "control": [names.address],
                "policy": {"allow": ["127.0.0.0/8"]},
                "timeout": 2,
                "ct": {"index": index.url("/?q={name}")},
                **more,
            },
            environ={},
        )
        return asyncio.run(all_asked(settings, definitions))


def test_each_certificate_once_and_persons_not_at_all() -> None:
    content = reply(json.dumps(ROWS).encode(), JSON)
    below = reply(json.dumps(ROWS[2:3]).encode(), JSON)
    answers = ask(
        [("shop.test", content), ("%25.shop.test", below)],
        {"ct": "Shop.test."},
        {"ct": "shop.test", "after": "2026-04-01"},
        {"ct": "shop.test", "subdomains": True},
    )
    facts = [one[2].facts for one in answers]
    assert all(isinstance(one, CtFacts) for one in facts)
    every, late, sub = facts
    assert isinstance(every, CtFacts)
    assert (every.count, every.first_seen, every.latest) == (3, "2025-01-01", "2026-05-05")
    assert every.issuers == ["B, the CA", "CA 1"]
    assert every.names == ["*.shop.test", "shop.test", "www.shop.test"]
    assert [one.first_seen for one in every.certificates] == [
        "2026-05-05",
        "2026-03-01",
        "2025-01-01",
    ]
    assert every.certificates[1].names == ["shop.test", "www.shop.test"]
    assert isinstance(late, CtFacts)
    assert late.count == 1
    assert isinstance(sub, CtFacts)
    assert sub.count == 1
    kept = b"".join(one.received or b"" for one in answers[0][1])
    assert b"omebody" not in kept
    for lang in languages():
        for one in answers:
            for style in one[0].styles:
                assert text(one, style, lang)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (reply(b"no", status="502 Bad Gateway"), "HTTP 502"),
        (reply(b"slow down", status="429 Too Many Requests"), "HTTP 429"),
        (reply(b"<html>maintenance</html>", "Content-Type: text/html"), "no JSON object"),
        (reply(b'{"error": "x"}', JSON), "no list"),
        (reply(b"[" + b"{}," * 6000 + b"{}]", JSON), "too many rows"),
        (reply(b"[{}", JSON, "Content-Length: 99"), "server_misbehaving"),
        (b"", "server_misbehaving"),
        ([9.0], "generic_timeout_error"),
    ],
)
def test_an_index_that_fails_is_not_measured_and_never_none(answer: Any, told: str) -> None:
    (one,) = ask([("shop.test", answer)], {"ct": "shop.test"})
    failure = one[2].failure
    assert one[2].facts is None
    assert failure
    assert FAILURES[failure.name] is Outcome.NOT_MEASURED
    assert (failure.name, failure.detail) == ("index_unavailable", told)


def test_an_exchange_has_when_it_began_and_how_long_it_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A build that has run for a quarter of an hour: neither number is taken for the other."""
    since = Network.elapsed
    monkeypatch.setattr(Network, "elapsed", lambda net: 1000 + since(net))
    ((_, (exchange,), _),) = ask([("shop.test", reply(b"[]", JSON))], {"ct": "shop.test"})
    assert exchange.at is not None
    assert exchange.ms is not None
    assert exchange.at >= 1_000_000
    assert 0 < exchange.ms < 60_000


def test_no_rows_are_no_proof_of_absence() -> None:
    (one,) = ask([("shop.test", reply(b"[]", JSON))], {"ct": "shop.test"})
    assert one[2].failure is None
    assert one[2].facts == CtFacts()
    assert "no proof" in "\n".join(text(one, "list"))


def test_an_index_without_a_place_for_the_name_is_a_mistake() -> None:
    with pytest.raises(SettingMistake):
        ask([], {"ct": "shop.test"}, ct={"index": "https://ct.example/"})


def test_only_what_is_of_the_name_is_a_change() -> None:
    def facts(rows: list[dict[str, Any]]) -> CtFacts:
        exchange = safe(Exchange("index", "a", "https", b"", json.dumps(rows).encode()))
        found = read_index([exchange], "").facts
        assert isinstance(found, CtFacts)
        return found

    renumbered = [one | {"id": one["id"] + 7} for one in ROWS]
    assert Ct.same(facts(ROWS), facts(renumbered))
    assert not Ct.same(facts(ROWS), facts(ROWS[:2]))


@given(st.recursive(st.none() | st.text() | st.integers() | st.booleans(), st.lists) | st.binary())
def test_any_answer_can_be_read(content: Any) -> None:
    raw = content if isinstance(content, bytes) else json.dumps([content, {"id": content}]).encode()
    reading = read_index([safe(Exchange("index", "a", "https", b"", raw))], "")
    assert (reading.facts is None) != (reading.failure is None)


def test_pastes_of_crt_sh_are_read() -> None:
    pasted = json.dumps(ROWS[:3])
    (found,) = listings(pasted, "ct")
    assert isinstance(found.facts, CtFacts)
    assert found.facts.count == 2
    table = Path(__file__).with_name("cases") / "ct" / "table.txt"
    (shown,) = listings(table.read_text("utf-8"), "ct")
    assert isinstance(shown.facts, CtFacts)
    assert shown.target == "shop.example"
    assert shown.unread == ()
    assert shown.facts.issuers == ["CA 1", "CA 2"]
    assert shown.facts.names == ["*.shop.example", "shop.example", "www.shop.example"]
    assert (shown.facts.first_seen, shown.facts.latest) == ("2026-03-01", "2026-05-05")


@pytest.mark.parametrize("target", ["", "com", "192.0.2.1", "a/b", "*.shop.test", "%.shop.test"])
def test_mistakes_are_named(target: str) -> None:
    assert list(Ct(target=target).option_errors())
    assert list(msgspec.convert({"target": "a.test", "after": "yesterday"}, Ct).option_errors())
