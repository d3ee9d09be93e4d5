"""Kind `ping`: answers counted, distances bounded, silences told apart; and asked in the lab."""

from typing import Any

import pytest
from sotokara.core.observation import Exchange
from sotokara.kinds.ping.kind import Ping
from sotokara.kinds.ping.parse import CONTROL, PING, encode
from sotokara.network.ping import Echo, PingRequest

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
    assert {one.option for one in Ping(**{"target": ADDRESS, **options}).wrong()} == {wrong}


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
