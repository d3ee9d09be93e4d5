"""The comparison with other projects' recorded answers, over a checkout that is made up."""

import json
from pathlib import Path

import pytest

from tests.peers.compare import RIGHT, WRONG, judge
from tests.peers.judged import why
from tests.peers.personal import staying, values
from tests.peers.recorded import Recorded
from tests.peers.registry import main, recorded

ANSWER = (
    "domain:       example.cz\nregistrant:   EX-1\nregistrar:    REG-EXAMPLE\n"
    "registered:   03.02.1999\nchanged:      04.05.2010\nexpire:       03.02.2031\n\n"
    "contact:      EX-1\norg:          Example, a.s.\nname:         Jana Roe\n"
    "address:      Ulice 5\nphone:        +420.000111222\ncreated:      01.01.1998\n"
    "changed:      06.07.2021\n"
)


def one(says: str = "registered", text: str = ANSWER, **facts: object) -> Recorded:
    named = {"names": ("Jana Roe",), "numbers": ("+420.000111222",), "streets": ("Ulice 5",)}
    raw = text.encode()
    return Recorded("p", "n", "whois.nic.cz", "example.cz", raw, says, facts, **named)


def test_a_fact_of_another_object_is_the_peer_s() -> None:
    outcome = judge(one(updated="2021-07-06", registrar=("Example, a.s.",)))
    assert outcome.verdict == RIGHT
    assert [line.rpartition("; ")[2] for line in outcome.judged] == [
        "the peer has another object's day",
        "the peer has a contact's name: the answer names no registrar so",
    ]


def test_a_fact_that_we_misread_stays_wrong() -> None:
    own = one(expires="2031-02-03")
    assert not why(own, "updated", "1998-01-01", "2010-05-04")
    assert not why(own, "nameservers", ["ns1.example.net"], ["ns2.example.net"])
    assert judge(one("no_match")).verdict == RIGHT  # a sample that was renewed
    assert judge(one("no_match", "Domain: example.cz\nNserver: ns1.example.net\n")).verdict == WRONG


def test_persons_are_looked_for_and_others_have_a_reason() -> None:
    answer = one()
    assert {value.what for value in values(answer)} == {"name", "number", "street"}
    assert not judge(answer).survivors
    kept = f"Registrar:\n  Jana Roe\n\n{ANSWER}"
    left = {value.what: value.reason for value in staying(answer, kept, kept)}
    assert left == {"name": "the registrar's", "number": "", "street": ""}


def test_the_command_reads_a_checkout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "testdata" / "noterror"
    folder.mkdir(parents=True)
    (folder / "cz_example.cz").write_text(ANSWER)
    said = {"domain": {"domain": "example.cz", "expiration_date": "2031-02-03"}}
    (folder / "cz_example.cz.json").write_text(json.dumps(said))
    assert len(recorded(tmp_path)) == 1
    assert main(["-q", str(tmp_path)]) == 0
    assert "registered: 1 answers: 1 right (100.0%)" in capsys.readouterr().out
