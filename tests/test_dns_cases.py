"""Recorded DNS answers → facts: golden pairs, and the same bytes with any damage done to them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.canonical import canonical
from sotokara.core.labels import labels
from sotokara.core.observation import FAILURES, Reading
from sotokara.kinds import KINDS
from sotokara.kinds.dns.facts import DnsFacts
from sotokara.kinds.parts import styles_of

from tests.record_dns import CASES, case, read_of

RAW = sorted(CASES.glob("*/*.raw.json"))


def _load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name.removesuffix('.raw.json')}"


@pytest.mark.parametrize("path", RAW, ids=_name)
def test_a_recorded_answer_is_read_as_before(path: Path) -> None:
    question, exchanges = case(_load(path))
    expected = _load(path.with_name(path.name.replace(".raw.json", ".json")))
    assert read_of(question.parse(exchanges)) == expected


@pytest.mark.parametrize("path", RAW, ids=_name)
def test_facts_come_back_from_the_ledger_s_form(path: Path) -> None:
    question, exchanges = case(_load(path))
    facts = question.parse(exchanges).facts
    if facts is not None:
        stored = canonical({"facts": facts})
        assert msgspec.convert(json.loads(stored)["facts"], DnsFacts) == facts


def test_both_sources_are_there() -> None:
    assert len([path for path in RAW if path.parent.name == "lab"]) >= 25
    assert len([path for path in RAW if path.parent.name == "faulty"]) >= 15


def _whole(reading: Reading) -> None:
    """A reading that can be stored: a known failure, facts that are JSON, or both."""
    assert reading.facts is not None or reading.failure is not None
    if reading.failure:
        assert reading.failure.name in FAILURES
    canonical({"facts": reading.facts, "volatile": reading.volatile}).decode("utf-8")


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(RAW), st.data())
def test_damaged_answers_never_break_the_reader(path: Path, data: st.DataObject) -> None:
    question, exchanges = case(_load(path))
    damaged = []
    for exchange in exchanges:
        received = exchange.received
        if received and exchange.step != "dnssec anchor":
            content = bytearray(received)
            for _ in range(data.draw(st.integers(0, 4))):
                content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
                    st.integers(0, 255)
                )
            received = bytes(content[: data.draw(st.integers(12, len(content)))])
        damaged.append(msgspec.structs.replace(exchange, received=received))
    _whole(question.parse(damaged))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(RAW), st.binary(min_size=12, max_size=300))
def test_any_bytes_are_an_answer_or_a_named_failure(path: Path, content: bytes) -> None:
    question, exchanges = case(_load(path))
    steps = [one for one in exchanges if one.step != "dnssec anchor"]
    same = [msgspec.structs.replace(one, received=content) for one in steps]
    anchor = [one for one in exchanges if one.step == "dnssec anchor"]
    _whole(question.parse([*anchor, *same]))


@pytest.mark.parametrize("path", RAW, ids=_name)
@pytest.mark.parametrize("style", styles_of(KINDS["dns"]))
def test_every_case_can_be_written_in_every_style(path: Path, style: str) -> None:
    from sotokara.core.observation import Observation, Outcome, Vantage, now
    from sotokara.kinds.shared.view import Table, View

    question, exchanges = case(_load(path))
    reading = question.parse(exchanges)
    if reading.facts is None:
        return
    observation = Observation(
        digest="",
        definition=question.identity(),
        start=now(),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("test", "test"),
        facts=reading.facts,
        exchanges=tuple(exchanges),
    )
    for lang in ("en", "ja"):
        written = styles_of(KINDS["dns"])[style](
            View(question, observation, reading.facts, labels(lang))
        )
        lines = written.lines() if isinstance(written, Table) else written
        assert isinstance(lines, list)
        assert lines
