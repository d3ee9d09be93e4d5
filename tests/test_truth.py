"""Faults of our own side, which the page never says are the target's."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.truth.fault import Fault
from tests.truth.faults import FAULTS, WELL
from tests.truth.home import HOME
from tests.truth.odd import ODD
from tests.truth.run import Truth, meet, untrue

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="captures need root"),
]


@pytest.fixture(scope="module")
def truth() -> Iterator[Truth]:
    with Truth() as lab:
        yield lab


EVERY = [fault for fault in (*FAULTS, *ODD, *HOME) if not fault.long]


@pytest.mark.parametrize("fault", EVERY, ids=lambda fault: fault.name)
def test_our_own_fault_is_not_the_target_s(truth: Truth, fault: Fault, tmp_path: Path) -> None:
    assert untrue(fault, meet(truth, fault, tmp_path / "site")) == []


def test_without_a_fault_everything_is_answered(truth: Truth, tmp_path: Path) -> None:
    """The same questions on a line that is well; what a target leaves unsaid is the target's."""
    told = meet(truth, WELL, tmp_path / "site")
    assert [line for line in told.lines if line["outcome"] != "answered"] == []
    assert len(told.lines) == len(WELL.questions)
    assert untrue(WELL, told) == []


def test_a_target_that_is_silent_is_said_to_be(truth: Truth, tmp_path: Path) -> None:
    """On a line that is well, a silence is the target's: neither rule swallows the other."""
    questions = (
        {"dns": "silent.example", "type": "A", "server": "203.174.64.56"},
        {"whois": "example.silent"},
        {"whois": "1.2.3.4", "server": "whois-resets.example"},
        {"tls": "203.174.64.53"},
        {"http": "http://203.174.64.53/"},
        {"smtp": "dead.post.example"},
        {"smtp": "drops.post.example"},
    )
    silent = Fault("silent", "the target is silent", questions, settings={"timeout": 3})
    told = meet(truth, silent, tmp_path / "site")
    assert [line["outcome"] for line in told.lines] == ["no_answer"] * len(questions)
