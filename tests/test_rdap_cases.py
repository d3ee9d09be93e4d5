"""Kind `rdap` over recorded objects: raw → facts, personal data, bootstrap, and any JSON at all."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.observation import FAILURES, Exchange
from sotokara.kinds.rdap.kind import Rdap
from sotokara.kinds.shared.rdap.asking import seconds
from sotokara.kinds.shared.rdap.bootstrap import service
from sotokara.kinds.shared.rdap.masking import mask_persons
from sotokara.kinds.shared.rdap.message import MEDIA_TYPE, keep, parse_message
from sotokara.kinds.shared.rdap.objects import LOOKUP
from sotokara.kinds.shared.registry.target import read_target

CASES = sorted((Path(__file__).parent / "cases" / "rdap").glob("*/*.json"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in CASES]


def exchange(
    host: str, body: bytes, status: int = 200, kind: str = "application/rdap+json"
) -> Exchange:
    """The exchange that a measurement of this response leaves."""
    kept = keep(status, {"content-type": kind}, body)
    return Exchange(LOOKUP, host, "https", b"GET", kept, media_type=MEDIA_TYPE)


@pytest.mark.parametrize("path", CASES, ids=NAMES)
def test_facts_of_recorded_objects(path: Path) -> None:
    case: dict[str, Any] = json.loads(path.read_text("utf-8"))
    assert case["source"]
    body = mask_persons(path.with_suffix(".raw").read_bytes())
    kind = case.get("type", "application/rdap+json")
    one = exchange(path.parent.name, body, case.get("status", 200), kind)
    reading = Rdap(target=case["target"]).parse([one])
    assert (reading.failure.name if reading.failure else None) == case.get("failure")
    facts = msgspec.to_builtins(reading.facts) if reading.facts else None
    if facts:
        facts.pop("asked")
    assert facts == case.get("facts")


def test_the_same_network_has_the_same_facts_over_whois_and_rdap() -> None:
    """Where both say it: what the post shows, in JPNIC's words and in the lab's RDAP object."""
    folder = Path(__file__).parent / "cases"
    first = json.loads((folder / "whois/whois.nic.ad.jp/synthetic-post-en.json").read_text())
    second = json.loads((folder / "rdap/rdap.apnic.net/synthetic-221-26.json").read_text())
    for name in ("answer", "range", "prefixes", "netname", "organization"):
        assert first["facts"][name] == second["facts"][name]


def test_masks_persons_and_keeps_organizations() -> None:
    card = [
        ["kind", {}, "text", "individual"],
        ["fn", {}, "text", "Taro Example"],
        ["adr", {"label": "1-2-3"}, "text", ["", "", "1-2-3", "", "", "", ""]],
        ["tel", {"type": "voice"}, "text", "+81 3"],
        ["email", {}, "text", "taro@example.jp"],
    ]
    org = [["kind", {}, "text", "org"], ["fn", {}, "text", "Example"], ["tel", {}, "text", "+81"]]
    body = {
        "entities": [
            {"handle": "TE1", "vcardArray": ["vcard", card]},
            {"handle": "ORG", "vcardArray": ["vcard", org]},
        ],
        "remarks": [{"description": ["write to hanako@example.jp or abuse@example.jp"]}],
    }
    text = mask_persons(json.dumps(body).encode()).decode()
    for gone in ("Taro", "1-2-3", "+81", "taro@", "hanako@"):
        assert gone not in text
    for kept in ("TE1", "ORG", '"Example"', "abuse@example.jp", "voice", "individual"):
        assert kept in text


def test_nothing_to_mask_keeps_the_bytes() -> None:
    body = b'{ "objectClassName" : "ip network" }'
    assert mask_persons(body) is body


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("221.246.251.104", "https://a.example"),
        ("221.1.0.0/16", "http://b.example/x"),
        ("9.9.9.9", ""),
        ("AS12", "https://c.example"),
        ("AS30", ""),
        ("www.example.co.uk", "https://co.example"),
        ("example.uk", "https://uk.example"),
    ],
)
def test_bootstrap_takes_the_longest_match_and_https(target: str, url: str) -> None:
    file = {
        "services": [
            [["221.0.0.0/8"], ["http://b.example/x"]],
            [["221.240.0.0/12"], ["http://a.example", "https://a.example/"]],
            [["10-20"], ["https://c.example/"]],
            [["uk"], ["https://uk.example"]],
            [["co.uk"], ["https://co.example"]],
            ["nonsense"],
            [[1, None], ["https://d.example"]],
        ]
    }
    assert service(file, read_target(target))[1] == url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 120),
        ("86400", 86400),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 100),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_retry_after(text: str, expected: float | None) -> None:
    assert seconds(text, now=0.0) == expected


def test_a_kept_response_comes_apart_as_it_was() -> None:
    kept = keep(302, {"location": "https://x/\r\nevil: 1", "server": "no"}, b"\r\n\r\nbody")
    message = parse_message(kept)
    assert message is not None
    assert message.status == 302
    assert message.headers == {"location": "https://x/??evil: 1"}
    assert message.body == b"\r\n\r\nbody"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_whatever_comes_is_facts_or_a_named_failure(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(CASES))
    case = json.loads(path.read_text("utf-8"))
    try:
        found = json.loads(path.with_suffix(".raw").read_bytes())
    except ValueError:
        found = {}
    for _ in range(data.draw(st.integers(0, 4))):
        place = found
        while isinstance(place, dict) and place:
            key = data.draw(st.sampled_from(sorted(place)))
            inner = place[key]
            if isinstance(inner, list) and inner and isinstance(inner[0], dict):
                inner = inner[0]
            if not isinstance(inner, dict) or data.draw(st.booleans()):
                place[key] = data.draw(_JSON)
                break
            place = inner
    body = mask_persons(json.dumps(found).encode())
    reading = Rdap(target=case["target"]).parse([exchange(path.parent.name, body)])
    assert reading.facts is not None or reading.failure is not None
    if reading.failure:
        assert reading.failure.name in FAILURES


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=200))
def test_any_bytes_at_all(raw: bytes) -> None:
    one = Exchange(LOOKUP, "rdap.example", "https", b"", raw, media_type=MEDIA_TYPE)
    for target in ("221.246.251.104", "AS2515", "20c.com"):
        reading = Rdap(target=target).parse([one])
        assert reading.facts is not None or reading.failure is not None
    mask_persons(raw)
