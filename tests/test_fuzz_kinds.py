"""What every kind has seen, changed in ways nobody meant: no kind's reader and no style falls over.

Each kind of the registry is tried with what this blog itself keeps of it; a new kind without any
raw in ``evidence/`` fails here. ``make fuzz`` runs it long.
"""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sotokara.core.canonical import canonical, writable
from sotokara.core.labels import labels
from sotokara.core.observation import Exchange, Observation, Outcome, Reading, Vantage, now
from sotokara.core.own_network import Masks
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.ledger.presentable import show
from sotokara.masking.redaction import Redactor

from tests.recorded import recorded
from tests.sites import ROOT
from tests.test_fuzz import JSON, MEDIA, STEPS, fuzz

ODD = [1 << 64, 10**30, 1e308, -1, 253_402_300_800, "\ud83d", "\0", "9" * 5000, "", "\u202e",
       "x" * 300, "2026-01-01T00:00:00Z", "192.0.2.1", "1e999", "\u0663", {}, [],
       [[]], [None]]  # fmt: skip
HOW = ["flip", "cut", "junk", "double", "json", "node", "node", "node", "none", "gone", "again",
       "swap", "step", "server", "protocol", "media", "sent", "ms"]  # fmt: skip
PUT = [b"\xff" * 40, b"\0" * 12, b"\xed\xa0\xbd", b"\r\n\r\n", b"9" * 30, b"\x1b[2J", b"{", b"%"]
CHANGE = st.tuples(
    st.sampled_from(HOW),
    st.integers(0, 1 << 16),
    st.integers(0, 1 << 16),
    st.binary(max_size=24) | st.sampled_from(PUT),
    JSON | st.sampled_from(ODD),
)
"""How, which exchange, where, and what is put there."""


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Each place in a JSON value: what holds it, and by what key."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *nodes(value[key])]
    return found


def _node(content: bytes, at: int, plain: Any) -> bytes:
    """JSON (after an HTTP head, too) in which one value is another."""
    head, separator, body = content.rpartition(b"\r\n\r\n")
    value = json.loads(body)
    places = nodes(value)
    if not places:
        return head + separator + json.dumps(plain).encode()
    holder, key = places[at % len(places)]
    holder[key] = plain
    return head + separator + json.dumps(value).encode()


def changed(exchanges: list[Exchange], change: tuple[str, int, int, bytes, Any]) -> list[Exchange]:
    how, which, at, junk, plain = change
    if not exchanges:
        return exchanges
    which %= len(exchanges)
    one, rest = exchanges[which], exchanges[:which] + exchanges[which + 1 :]
    content = one.received or b""
    where = at % (len(content) + 1)
    other = exchanges[at % len(exchanges)]
    if how in {"gone", "again", "swap"}:
        return {"gone": rest, "again": [*exchanges, one], "swap": [*rest, one]}[how]
    if how == "node":
        try:
            content = _node(content, at, plain)
        except (ValueError, RecursionError):
            how = "junk"
    ways: dict[str, dict[str, Any]] = {
        "flip": {"received": content[:where] + bytes([at & 255]) + content[where + 1 :]},
        "cut": {"received": content[:where]},
        "junk": {"received": content[:where] + junk + content[where:]},
        "double": {"received": content * 2},
        "json": {"received": json.dumps(plain).encode()},
        "node": {"received": content},
        "none": {"received": None},
        "step": {"step": STEPS[at % len(STEPS)] if at & 1 else other.step},
        "server": {"server": other.server if at & 1 else junk.decode("utf-8", "replace")},
        "protocol": {"protocol": other.protocol if at & 1 else ""},
        "media": {"media_type": MEDIA[at % len(MEDIA)]},
        "sent": {"sent": junk},
        "ms": {"ms": [None, 0.0, 1e300, -1.0][at % 4]},
    }
    return [*exchanges[:which], replace(one, **ways[how]), *exchanges[which + 1 :]]


def test_nobody_names_the_errors_of_msgspec_alone() -> None:
    """Bytes that are no UTF-8 are none of its errors: ``NO_JSON`` has all."""
    alone = re.compile(r"except[^:]*msgspec\.(?:DecodeError|MsgspecError)")
    sources = (ROOT / "probes").rglob("*.py")
    assert not [path for path in sources if alone.search(path.read_text("utf-8"))]


def test_each_kind_has_something_recorded() -> None:
    assert set(recorded()) == set(KINDS)


def tried(question: Kind, exchanges: list[Exchange]) -> None:
    """Read, compare and show it, as a build and its pages do."""
    exchanges = [Redactor([]).exchange(one) for one in question.hide(exchanges, Masks())]
    exchanges = question.kept(exchanges)
    reading = writable(question.parse(exchanges))
    canonical([reading.facts, reading.volatile, reading.failure])
    shown(question, exchanges, reading)


def shown(question: Kind, exchanges: list[Exchange], reading: Reading) -> None:
    """Whatever a page says of it, and of its pictures."""
    kind, facts = type(question), reading.facts
    kind.failure_in(facts)
    kind.unknown(facts)
    seen = Observation(
        digest="0" * 64,
        definition=question.identity(),
        start=now(),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("author", "x"),
        facts=facts,
        volatile=reading.volatile,
        exchanges=tuple(exchanges),
    )
    question.web(seen)
    if facts is None:
        return
    assert kind.same(facts, facts)
    kind.shots(seen, labels("en"))
    kind.drawn(seen)
    show(question, seen, facts)


@pytest.mark.parametrize("name", KINDS)
@fuzz
@given(which=st.integers(0, 3), changes=st.lists(CHANGE, min_size=1, max_size=4))
def test_no_answer_makes_a_kind_fall(name: str, which: int, changes: list[Any]) -> None:
    several = recorded()[name]
    question, exchanges = several[which % len(several)]
    for change in changes:
        exchanges = changed(exchanges, change)
    tried(question, exchanges)
