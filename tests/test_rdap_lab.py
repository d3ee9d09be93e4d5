"""Kind `rdap` on the test network's servers, over TLS: bootstrap, redirects, 429, and trouble."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.registries import Built, RegistriesInternet

pytestmark = pytest.mark.lab
NET = "198.51.100."
QUESTIONS: dict[str, dict[str, Any]] = {
    "assigned": {"rdap": "221.246.251.104"},
    "neighbour": {"rdap": "221.246.251.105", "style": "jpnic"},
    "allocated": {"rdap": "203.104.255.140", "style": "raw"},
    "arin": {"rdap": "206.41.110.7"},
    "as": {"rdap": "AS2515"},
    "domain": {"rdap": "20c.com"},
    "none": {"rdap": "203.119.0.1"},
    "nobody": {"rdap": "trickster.jp"},
    "nobody6": {"rdap": "2001:db8::1"},
    "loop": {"rdap": f"{NET}1"},
    "private": {"rdap": f"{NET}3"},
    "plain": {"rdap": f"{NET}4"},
    "odd": {"rdap": f"{NET}5"},
    "html": {"rdap": f"{NET}6"},
    "broken": {"rdap": f"{NET}7"},
    "waits": {"rdap": f"{NET}8"},
    "huge": {"rdap": f"{NET}9"},
    "wrong": {"rdap": f"{NET}10"},
    "limits": {"rdap": "192.0.2.1"},
    "limited": {"rdap": "192.0.2.2"},
    "untrusted": {"rdap": "221.246.251.104", "server": "https://whois.apnic.net"},
}


@pytest.fixture(scope="module")
def registries() -> Iterator[RegistriesInternet]:
    with RegistriesInternet() as lab:
        yield lab


@pytest.fixture(scope="module")
def built(registries: RegistriesInternet, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(registries, tmp_path_factory.mktemp("rdap"), QUESTIONS, timeout=4)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("assigned", ["Answered", "DERBY", "221.246.251.64/26", "AS64511", "SYNTHETIC-221-240"]),
        ("neighbour", ["put together from the facts of APNIC", "DERBY"]),
        ("allocated", ["[rdap.apnic.net]", '"SYNTHETIC-DATAHOTEL"']),
        ("arin", ["CHIX", "United-IX", "NET-206-41-110-0-1"]),
        ("as", ["Japan Network Information Center", "AS2515"]),
        ("domain", ["CSL Computer Service", "rdap.joker.com: no match"]),
        ("none", ["Answered", "no match"]),
        ("nobody", ["Not measured", "lists no RDAP server for .jp"]),
        ("nobody6", ["Not measured", "lists no RDAP server for 2001:db8::1"]),
        ("loop", ["No answer", "the servers referred in a circle"]),
        ("private", ["Not measured", "192.168.11.254"]),
        ("plain", ["No answer", "redirected to http://rdap.example/ip/x"]),
        ("odd", ["No answer", "redirected to ftp://x/y"]),
        ("html", ["No answer", "text/html instead of RDAP's JSON"]),
        ("broken", ["No answer", "the reply was no valid JSON"]),
        ("waits", ["Answered", "BEHAVES"]),
        ("huge", ["No answer", "1024 KiB"]),
        ("wrong", ["No answer", "not what was asked for"]),
        ("limits", ["No answer", "Retry-After: 86400"]),
        ("limited", ["No answer", "none was sent"]),
        ("untrusted", ["Refused", "the connection was refused"]),
    ],
)
def test_figures(built: Built, name: str, texts: list[str]) -> None:
    for text in texts:
        assert text in built.figures[name]


def test_each_bootstrap_file_is_fetched_once(built: Built) -> None:
    files = [url for url in built.urls if url.startswith("data.iana.org")]
    assert sorted(files) == sorted(set(files))
    assert len(files) == 4


def test_one_assignment_answers_for_its_neighbours(built: Built) -> None:
    asked = [url for url in built.urls if "/ip/221.246.251.10" in url]
    assert len(asked) == 1  # also for the redirect of `wrong`, which leads to the same object


def test_a_server_with_a_long_retry_after_is_left_alone(built: Built) -> None:
    assert len([url for url in built.urls if url.startswith("rdap-limits.example")]) == 1


def test_trouble_ends_within_the_deadline(built: Built) -> None:
    assert built.seconds < 60  # far less than the registries that hang, one after the other


def test_persons_do_not_reach_the_evidence(built: Built) -> None:
    assert "Taro Example" not in built.evidence
    assert "taro@" not in built.evidence
    assert "1-2-3 Example" not in built.evidence
    assert "SYN1-AP" in built.evidence
