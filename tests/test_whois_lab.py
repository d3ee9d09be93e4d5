"""Kind `whois` on registries of the test network: chains, manners, trouble, and Debian's client."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.lab.registries import Built, RegistriesInternet
from tests.servers.registry import CASES, answer
from tests.sites import ROOT

pytestmark = pytest.mark.lab
MOST_OF_A_CONTROL = 7
"""At first, and six times anew as time goes on and questions fail (docs/decisions/0206)."""

QUESTIONS: dict[str, dict[str, Any]] = {
    "jpnic": {"whois": "221.246.251.104"},
    "neighbour": {"whois": "221.246.251.99"},
    "hidden": {"whois": "221.246.251.104", "redact": ["ジークレスト"]},
    "picked": {"whois": "221.246.251.104", "style": "jpnic", "show": "b a f"},
    "none": {"whois": "203.104.255.140", "server": "whois.nic.ad.jp"},
    "apnic": {"whois": "203.104.255.140", "style": "jpnic"},
    "arin": {"whois": "74.125.225.229", "style": "table"},
    "transferred": {"whois": "192.41.192.40"},
    "ripe": {"whois": "62.239.237.1"},
    "lacnic": {"whois": "200.57.141.161"},
    "afrinic": {"whois": "196.11.240.215"},
    "krnic": {"whois": "115.1.2.3", "style": "table"},
    "twnic": {"whois": "61.216.1.1", "style": "table"},
    "domain": {"whois": "google.com", "style": "table"},
    "jprs": {"whois": "trickster.jp"},
    "as": {"whois": "AS2515"},
    "lies": {"whois": "lies.example", "server": "whois-lies.example"},
    "loop": {"whois": "example.loop"},
    "private": {"whois": "example.private"},
    "loopback": {"whois": "example.loopback"},
    "silent": {"whois": "example.silent"},
    "drips": {"whois": "1.2.3.4", "server": "whois-drips.example"},
    "floods": {"whois": "1.2.3.4", "server": "whois-floods.example"},
    "resets": {"whois": "1.2.3.4", "server": "whois-resets.example"},
    "limits": {"whois": "1.2.3.4", "server": "whois-limits.example"},
    "limited": {"whois": "1.2.3.5", "server": "whois-limits.example"},
    "nowhere": {"whois": "1.2.3.4", "server": "whois-nowhere.example"},
}


@pytest.fixture(scope="module")
def registries() -> Iterator[RegistriesInternet]:
    with RegistriesInternet() as lab:
        yield lab


@pytest.fixture(scope="module")
def built(registries: RegistriesInternet, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return Built(
        registries,
        tmp_path_factory.mktemp("whois"),
        QUESTIONS,
        timeout=3,
        front="---\nlang: ja\n---\n",
    )


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("jpnic", ["[whois.nic.ad.jp]", "株式会社ジークレスト", "上位情報", "SUBA-468-BQ0"]),
        ("neighbour", ["DERBY"]),
        ("hidden", ["DERBY", "株式会社ｘｘｘｘｘｘ"]),
        ("none", ["該当するデータがありません", "・whois.apnic.net: 登録あり (APNIC"]),
        ("apnic", ["APNIC の事実から組み立てた表示", "203.104.128.0/17"]),
        ("arin", ["GOOGLE", "NET-74-0-0-0-0", "whois.iana.org: ここでは管理していない"]),
        ("transferred", ["・whois.arin.net: ここでは管理していない"]),
        ("ripe", ["BT-CORPORATE"]),
        ("lacnic", ["Triara.com", "Peña Pobre"]),
        ("afrinic", ["NET-196-11-239-0"]),
        ("krnic", ["KRNIC", "115.1.2.0/26", "Korea Telecom"]),
        ("twnic", ["TWNIC", "61.216.0.0/17"]),
        ("domain", ["Google LLC", "whois.verisign-grs.com: 登録あり"]),
        ("jprs", ["[whois.jprs.jp]", "株式会社例示"]),
        ("as", ["as-name:        JPNIC"]),
        ("lies", ["Zürich AG"]),
        ("loop", ["サーバーの参照が循環しています"]),
        ("private", ["測定していません", "192.168.11.254"]),
        ("loopback", ["測定していません", "127.0.0.1"]),
        ("silent", ["応答なし", "時間内に応答がありませんでした"]),
        ("drips", ["応答なし", "時間内に応答がありませんでした"]),
        ("floods", ["応答なし", "512 KiB"]),
        ("resets", ["応答なし", "接続が切断されました"]),
        ("limits", ["応答なし", "問い合わせを減らすよう求められました", "rate limit exceeded"]),
        ("limited", ["問い合わせを減らすよう求められました", "今回は送っていません"]),
        ("nowhere", ["whois-nowhere.example"]),
    ],
)
def test_figures(built: Built, name: str, texts: list[str]) -> None:
    for text in texts:
        assert text in built.figures[name]


def test_hidden_words_go_in_jpnics_own_encoding(built: Built) -> None:
    assert "ジークレスト" not in built.figures["hidden"]
    assert "ジークレスト" in built.figures["jpnic"]


def test_show_picks_lines_in_its_order(built: Built) -> None:
    lines = [line for line in built.figures["picked"].splitlines() if "[" in line[:4]]
    assert [line[0] for line in lines[:3]] == ["b", "a", "f"]


def test_nobody_is_asked_twice_and_one_assignment_answers_its_neighbours(built: Built) -> None:
    every = [(server, question) for server, question, _ in built.asked]
    controls = [("whois.arin.net", "arin.net"), ("whois.iana.org", "iana.org")]
    assert all(every.count(one) <= MOST_OF_A_CONTROL for one in controls)
    questions = [one for one in every if one not in controls]
    assert len(questions) == len(set(questions))
    jpnic = [question for server, question in questions if server == "whois.nic.ad.jp"]
    assert sorted(jpnic)[:1] == ["203.104.255.140"]
    assert len(jpnic) == 2


def test_each_server_has_one_connection_at_a_time(built: Built) -> None:
    assert {int(most) for _, _, most in built.asked} == {1}


def test_a_server_that_says_slow_down_is_left_alone(built: Built) -> None:
    assert [server for server, _, _ in built.asked].count("whois-limits.example") == 1


def test_trouble_ends_within_the_deadline(built: Built) -> None:
    assert built.seconds < 60  # far less than the servers that hang, one after the other


def test_persons_do_not_reach_the_evidence(built: Built) -> None:
    assert "operacion.redes" not in built.evidence
    assert "8181962393" not in built.evidence
    assert "taro@example.jp" not in built.evidence
    assert "RYT2" in built.evidence


@pytest.mark.parametrize(
    ("server", "question"),
    [
        ("whois.nic.ad.jp", "221.246.251.104"),
        ("whois.lacnic.net", "200.57.141.161"),
        ("whois.afrinic.net", "196.11.240.215"),
        ("whois.jprs.jp", "google.jp"),
        ("whois.kisa.or.kr", "115.1.2.3"),
    ],
)
def test_debians_client_sees_the_same_text(
    registries: RegistriesInternet, server: str, question: str
) -> None:
    code = (
        "import asyncio, sys\n"
        "from sotokara.kinds.whois.walk import ask_server\n"
        "from sotokara.kinds.whois.walk import text_of\n"
        "from sotokara.network.network import Network\n"
        "from sotokara.core.settings import Settings\n"
        "async def main():\n"
        "    net = Network(Settings()).for_probe()\n"
        "    exchange = await ask_server(net, sys.argv[1], sys.argv[2], '')\n"
        "    sys.stdout.buffer.write(text_of(exchange).encode())\n"
        "asyncio.run(main())\n"
    )
    ours = registries.run("pc", [sys.executable, "-c", code, server, question], cwd=ROOT).stdout
    environment = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    argv = ["whois", "-H", "-h", server, question]
    theirs = registries.run("pc", argv, env=environment, should_succeed=False).stdout
    theirs = theirs.replace("\\xf1", "ñ")  # it passes Latin-1 on as it is
    asked = [line for line in registries.asked() if line[0] == server]
    assert len(asked) == 2
    if asked[0][1] == asked[1][1]:
        assert _lines(theirs) == _lines(ours)
    else:  # the client adds /e outside a Japanese locale; then it sees the English answer
        assert _lines(theirs) == _lines(answer(server, asked[1][1]).decode("ascii"))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_the_lab_answers_with_the_recorded_bytes() -> None:
    for path in (CASES / "whois.ripe.net").glob("bt-v4.json"):
        target = json.loads(path.read_text("utf-8"))["target"]
        assert answer("whois.ripe.net", f"-r {target}") == path.with_suffix(".raw").read_bytes()
    assert b"No match" in answer("whois.nic.ad.jp", "9.9.9.9/e")


def test_waiting_in_a_queue_does_not_count_and_costs_no_pause_when_known() -> None:
    from sotokara.network.deadline import Deadline
    from sotokara.network.queues import Registries, ServerQueues

    async def main() -> float:
        registries, clock = Registries(ServerQueues(), 30), Deadline(60)
        clock._begin(5)
        known: list[int] = []
        began = time.monotonic()

        async def one() -> None:
            async with registries.turn(
                clock, "whois.example", lambda: known[0] if known else None
            ) as found:
                if found is None:
                    await asyncio.sleep(0.1)
                    known.append(1)

        await asyncio.gather(*(one() for _ in range(50)))
        return time.monotonic() - began

    assert asyncio.run(main()) < 15  # not one pause of 30 s
