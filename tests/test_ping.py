"""Kind `ping`: answers counted, distances bounded, silences told apart; and asked in the lab."""

import json
from pathlib import Path
from typing import Any

import pytest
from sotokara.core.observation import Exchange
from sotokara.kinds.ping.facts import PingFacts
from sotokara.kinds.ping.kind import Ping
from sotokara.kinds.ping.parse import _DATA as DATA
from sotokara.kinds.ping.parse import CONTROL, PING, encode, excluded, read_echoes
from sotokara.network.ping import Echo, PingRequest
from sotokara.transcripts.session import listings

from tests.growth import MOST, growth
from tests.lab.names import Internet
from tests.sites import lab_figures

ADDRESS = "192.0.2.80"


def exchange(step: str, *echoes: Echo, address: str = ADDRESS) -> Exchange:
    request = PingRequest(address, "icmp", 0, len(echoes), 0.2, 2.0)
    return Exchange(step, address, "icmp", received=encode(request, echoes))


def read(*exchanges: Exchange) -> Any:
    return Ping(target=ADDRESS).parse(exchanges)


def test_answers_and_the_distance_that_they_bound() -> None:
    echoes = (Echo(1, 0, 12.34), Echo(2, 200), Echo(3, 400, 11.91), Echo(4, 600, 250.0))
    reading = read(exchange(PING, *echoes))
    facts = reading.facts
    assert (facts.address, facts.sent, facts.received, facts.best) == (ADDRESS, 4, 3, 11.9)
    assert facts.within_km == 1200
    assert reading.volatile == {"times": [12.34, None, 11.91, 250.0]}


def test_added_delay_only_widens_the_bound() -> None:
    bounds = [
        read(exchange(PING, Echo(1, 0, took + delay))).facts.within_km
        for delay in (0.0, 0.1, 5.0, 300.0)
        for took in (4.05,)
    ]
    assert bounds == sorted(bounds)
    assert bounds[0] >= 4.05 * 100


@pytest.mark.parametrize(
    ("exchanges", "failure"),
    [
        ([exchange(PING, Echo(1, 0))], "generic_timeout_error"),
        ([exchange(PING, Echo(1, 0)), exchange(CONTROL, Echo(1, 0))], "port_blocked"),
        ([exchange(PING, Echo(1, 0)), exchange(CONTROL, Echo(1, 0, 9.0))], "generic_timeout_error"),
        ([exchange(PING, Echo(1, 0, 9.0, type=3, code=1))], "host_unreachable"),
        ([Exchange(PING, ADDRESS, "icmp", received=b"[]\n")], "evidence_unreadable"),
        ([Exchange(PING, ADDRESS, "icmp", received=b"")], "evidence_unreadable"),
        ([], "dns_no_answer"),
    ],
)
def test_whose_a_silence_is(exchanges: list[Exchange], failure: str) -> None:
    reading = read(*exchanges)
    assert reading.failure.name == failure
    assert reading.facts is None


def test_times_are_no_change() -> None:
    slow, fast = (read(exchange(PING, Echo(1, 0, took))).facts for took in (90.0, 3.0))
    other = read(exchange(PING, Echo(1, 0, 3.0), address="192.0.2.81")).facts
    assert Ping.same(slow, fast)
    assert not Ping.same(slow, other)


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"protocol": "udp"}, "protocol"),
        ({"protocol": {"tcp": 0}}, "protocol"),
        ({"protocol": {"tcp": 443, "udp": 1}}, "protocol"),
        ({"target": "https://x.example/"}, "target"),
        ({"target": ""}, "target"),
        ({"family": 6}, "family"),
    ],
)
def test_options_that_are_wrong(options: dict[str, Any], wrong: str) -> None:
    assert {one.option for one in Ping(**{"target": ADDRESS, **options}).option_errors()} == {wrong}


QUESTIONS: dict[str, dict[str, Any]] = {
    "name": {"ping": "www.shop.example", "count": 3},
    "six": {"ping": "www.shop.example", "count": 3, "family": 6, "style": "table"},
    "port": {"ping": "203.174.64.53", "protocol": {"tcp": 53}, "count": 3, "style": "table"},
    "closed": {"ping": "192.0.2.80", "protocol": {"tcp": 9}, "count": 3},
    "nobody": {"ping": "192.0.2.254", "count": 2, "wait": 0.5},
    "no_name": {"ping": "nobody.shop.example"},
}


@pytest.fixture(scope="module")
def page(_internet: Internet, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return lab_figures(_internet, tmp_path_factory.mktemp("ping"), QUESTIONS)


@pytest.mark.lab
@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ("name", ["Answered: 3 of 3", "PING www.shop.example (192.0.2.80)", "=> at most"]),
        ("six", ["Answered: 3 of 3", "2001:db8:80::80"]),
        ("port", ["Answered: 3 of 3", "open"]),
        ("nobody", ["No answer"]),
        ("no_name", ["no address"]),
    ],
)
def test_in_the_lab(page: dict[str, str], figure: str, said: list[str]) -> None:
    shown = " ".join(page[figure].split())
    assert [one for one in said if one not in shown] == []


@pytest.mark.lab
def test_a_port_that_is_closed_is_an_answer(page: dict[str, str]) -> None:
    assert "Answered: the port is closed" in page["closed"]


# Transcripts.

CASES = Path(__file__).with_name("cases") / "ping"


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda one: one.stem)
def test_pings_of_many_systems_and_languages(case: Path) -> None:
    (found,) = listings(f"{case.read_text('utf-8')}\nprose below\n", "ping")
    assert found.unread == ()
    if "silent" in case.stem:
        assert (found.target, found.facts) == ("192.0.2.80", None)
        assert found.failure
        assert found.failure.name == "generic_timeout_error"
        return
    facts = found.facts
    assert isinstance(facts, PingFacts)
    assert found.target == "www.shop.example"
    assert facts.address == ("2001:db8::80" if "ipv6" in case.stem else "192.0.2.80")
    whole = ("busybox", "netbsd", "openbsd", "solaris")
    lost = 0 if case.stem.startswith(whole) else 1
    assert facts.sent - facts.received == lost
    assert round(facts.best, 3) in (11.9, 12.0, 12.3)
    assert "within_km" not in found.said


@pytest.mark.parametrize("case", sorted(CASES.glob("*.txt")), ids=lambda one: one.stem)
def test_a_ping_whose_sum_is_missing_states_nothing(case: Path) -> None:
    lines = case.read_text("utf-8").splitlines()
    kept = [one for one in lines if "= 2" not in one and "transmitted" not in one]
    assert len(kept) < len(lines)
    for found in listings("\n".join(kept), "ping"):
        assert found.facts is None
        assert found.doubted == ("cut",)


def test_the_address_that_was_asked_from_is_nobodys_business() -> None:
    linux = "PING www.shop.example (192.0.2.80) from 198.51.100.7 wlan0: 56(84) bytes of data.\n"
    bsd = (CASES / "freebsd-ipv6.txt").read_text("utf-8")
    for text, own in ((linux, "198.51.100.7"), (bsd, "2001:db8:1::5")):
        assert own in text
        masked = Ping.mask_listing(text, {})
        assert own not in masked
        assert ("192.0.2.80" in masked) == ("192.0.2.80" in text)
    (found,) = listings(Ping.mask_listing(bsd, {}), "ping")
    assert isinstance(found.facts, PingFacts)
    assert found.facts.address == "2001:db8::80"
    plain = (CASES / "linux.txt").read_text("utf-8")
    assert Ping.mask_listing(plain, {}) == plain


@pytest.mark.parametrize(
    "line", ["192.0.2.1 ", "a [1.1] 32 ", "= 1 = 1 = ", "PING a (", "PING6 x from 1 "]
)
def test_hostile_pings_cost_as_much_as_they_are_long(line: str) -> None:
    def reading(size: int) -> object:
        text = f"Pinging a.example [192.0.2.1] with 32\n{line * size}\n" * 3
        return list(listings(text, "ping"))

    assert growth(reading, 200) <= MOST


# What a distance excludes.

BERLIN, TOKYO, NEW_YORK = (52.5, 13.4), (35.7, 139.7), (40.7, -74.0)


@pytest.mark.parametrize(
    ("at", "km", "out", "not_out"),
    [
        (BERLIN, 500, {"US", "JP", "GB"}, {"DE", "PL", "CZ"}),
        (BERLIN, 100, {"US", "FR", "GB", "SE"}, {"DE"}),
        (TOKYO, 1500, {"US", "DE", "TW"}, {"JP", "RU", "KR"}),
        (NEW_YORK, 1000, {"JP", "DE", "MX"}, {"US", "CA"}),
        ((-17.8, 178.0), 500, {"NZ", "US"}, {"FJ"}),
        ((0.0, 179.9), 21_000, set(), {"US", "DE"}),
    ],
)
def test_countries_that_a_distance_excludes(
    at: tuple[float, float], km: float, out: set[str], not_out: set[str]
) -> None:
    found = excluded(at, km)
    assert out <= set(found)
    assert not not_out & set(found)
    farther = excluded(at, km + 700)
    assert set(farther) <= set(found), "delay only widens the bound"


def test_no_country_is_excluded_from_a_place_inside_of_it() -> None:
    extents = json.loads(DATA.read_text("ascii"))
    assert len(extents) > 200
    for code, boxes in extents.items():
        for south, west, north, east in boxes:
            middle = ((south + north) / 2, (west + east) / 2)
            assert code not in excluded(middle, 0)
            assert -90 <= south < north <= 90


def test_a_place_without_a_position_excludes_nothing() -> None:
    request = PingRequest("192.0.2.80", "icmp", 0, 1, 0.2, 1.0)
    for at, some in ((None, False), ([52.5, 13.4], True)):
        echoes = [Echo(1, 0.0, 4.0)]
        raw = Exchange(PING, "192.0.2.80", "icmp", received=encode(request, echoes, at))
        facts = read_echoes([raw], None).facts
        assert isinstance(facts, PingFacts)
        assert facts.within_km == 400
        assert bool(facts.excluded) is some
        assert ("JP" in facts.excluded) is some
