"""Canonical JSON is RFC 8785's for whatever can stand in an observation."""

import hashlib
import math

import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.canonical import canonical, digest
from sotokara.core.observation import milliseconds

_WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
_TIMES = st.floats(0, 1e6, allow_nan=False).map(milliseconds)
_KEYS = st.text(st.characters(codec="ascii"), max_size=8)
_TEXT = st.text(st.characters(codec="utf-8"))
_VALUES = st.recursive(
    st.none() | st.booleans() | _WHOLE | _TIMES | _TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(_KEYS, inner),
)


@given(_VALUES)
def test_it_is_what_rfc8785_makes_of_it(value: object) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # any JSON


@given(st.dictionaries(_KEYS, _WHOLE, min_size=2))
def test_the_order_of_keys_changes_nothing(value: dict[str, int]) -> None:
    assert canonical(dict(reversed(value.items()))) == canonical(value)


def test_rfc8785_s_own_control_characters() -> None:
    text = '€$\u000f\nA\'B"\\\\"/\u007f\u2028'
    assert canonical({"string": text}) == rfc8785.dumps({"string": text})


@given(st.floats(0, 1e9, allow_nan=False))
def test_times_are_written_alike_by_everybody(seconds: float) -> None:
    value = milliseconds(seconds)
    assert not isinstance(value, float) or not value.is_integer()
    assert math.isclose(value, seconds * 1000, abs_tol=0.06)


def test_a_digest_is_sha256() -> None:
    assert digest(b"x") == hashlib.sha256(b"x").hexdigest()
