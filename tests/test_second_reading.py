"""ipwhois over the same bytes: where its reading and ours differ, the figure says so."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
from sotokara.core.observation import Exchange
from sotokara.kinds.rdap.kind import Rdap
from sotokara.kinds.shared.rdap.message import MEDIA_TYPE, keep
from sotokara.kinds.shared.rdap.objects import LOOKUP
from sotokara.kinds.shared.registry import second
from sotokara.kinds.whois.kind import Whois
from sotokara.kinds.whois.text import charset

from tests.registry_cases import Seen, page

RIPE = """inetnum:        192.0.2.0 - 192.0.2.255
netname:        EX-NET
country:        CZ
created:        2010-01-02T00:00:00Z
last-modified:  2011-01-02T00:00:00Z
source:         RIPE
"""
CASES = sorted((Path(__file__).parent / "cases").glob("*/whois.*/*.json"))


@pytest.fixture(autouse=True)
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise AssertionError("a socket was opened")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refused, raising=False)


def whois(server: str, raw: bytes, target: str = "192.0.2.5") -> Seen:
    kind = f"text/plain; charset={charset(server, raw)}"
    question = Whois(target=target, server=server).normal()
    one = Exchange("referral", server, "whois", b"?", raw, media_type=kind)
    return Seen(question, [one], question.parse([one]), [])


def rdap(**fields: Any) -> Seen:
    body = {
        "objectClassName": "ip network",
        "handle": "EX",
        "ipVersion": "v4",
        "startAddress": "192.0.2.0",
        "endAddress": "192.0.2.255",
        "name": "EX-NET",
        **fields,
    }
    kept = keep(200, {"content-type": "application/rdap+json"}, json.dumps(body).encode())
    one = Exchange(LOOKUP, "rdap.example", "https", b"GET", kept, media_type=MEDIA_TYPE)
    question = Rdap(target="192.0.2.5").normal()
    return Seen(question, [one], question.parse([one]), [])


def test_two_that_agree_say_nothing() -> None:
    assert "readings" not in whois("whois.ripe.net", RIPE.encode()).reading.volatile
    assert "readings" not in rdap().reading.volatile


def test_recorded_answers_are_read_alike() -> None:
    read = 0
    for path in CASES:
        case = json.loads(path.read_text("utf-8"))
        server, raw = path.parent.name, path.with_suffix(".raw").read_bytes()
        if server in second._RIRS and case.get("facts", {}).get("prefixes"):
            assert "readings" not in whois(server, raw, case["target"]).reading.volatile, path
            read += 1
    assert read >= 10


def test_the_figure_has_both_where_they_differ(tmp_path: Path) -> None:
    text = RIPE.replace("country: ", "remarks:        country: DE\ncountry: ")
    seen = whois("whois.ripe.net", text.encode())
    assert seen.facts["country"] == "CZ"
    assert seen.reading.volatile["readings"] == {"country": ("CZ", "DE")}
    assert "Country is “CZ” here, and “DE” as ipwhois reads it" in page(seen, tmp_path)


def test_an_object_of_old_form_is_read_alike() -> None:
    old = rdap(startAddress="192.000.002.000", endAddress="192.000.002.255")
    assert old.facts["prefixes"] == ["192.0.2.0/24"]
    assert "readings" not in old.reading.volatile


@pytest.mark.parametrize(
    ("rows", "asn", "prefix", "differ"),
    [
        (["64500 | 192.0.2.0/24 | CZ | ripencc | 2010-01-01"], 64500, "192.0.2.0/24", {}),
        (["64500 | 192.0.2.0/24 | | NA"], 64500, "192.0.2.0/24", {}),
        (
            ["64500 | 192.0.2.0/24 | CZ | ripencc | 2010-01-01"],
            64501,
            "192.0.2.0/24",
            {"asn": ("AS64501", "64500")},
        ),
        (
            ["64500 | 192.0.2.0/24 | CZ | ripencc | 2010-01-01"],
            64500,
            "192.0.0.0/16",
            {"bgp_prefix": ("192.0.0.0/16", "192.0.2.0/24")},
        ),
    ],
)
def test_rows_of_the_origin(rows: list[str], asn: int, prefix: str, differ: dict[str, Any]) -> None:
    assert second.of_rows(rows, asn, prefix) == differ


@pytest.mark.parametrize("raw", [b"", b"inetnum: x\n" * 500, b"inetnum: 192.0.2.0/24\n" * 9000])
def test_whatever_comes_is_no_trouble(raw: bytes) -> None:
    whois("whois.ripe.net", raw)
