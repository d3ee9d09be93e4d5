"""What may be shown of an answer: everything visible, nothing that acts, bounded in size."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.display import LONGEST_LINE, MOST_LINES, capped, visible, with_unicode

_ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("plain text, 日本語, é", "plain text, 日本語, é"),
        ("\x1b[31mred", "⟨U+001B⟩[31mred"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("admin\u202egpj.exe", "admin⟨U+202E⟩gpj.exe"),
        ("a\u200bb\u2060c\ufeff", "a⟨U+200B⟩b⟨U+2060⟩c⟨U+FEFF⟩"),
        ("\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩"),
        ("\ud800", "⟨U+D800⟩"),
        ("\ue000", "⟨U+E000⟩"),
        ("a\u00a0b\u2028c", "a⟨U+00A0⟩b⟨U+2028⟩c"),
        ("e\u0301", "e\u0301"),
        ("\U000e0041", "⟨U+E0041⟩"),
    ],
)
def test_each_character_shows_itself(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown


def test_endless_marks_are_written_out() -> None:
    assert visible("z" + "\u0335" * 50).count("\u0335") == 2


@given(_ANY)
def test_nothing_that_acts_comes_through(text: str) -> None:
    shown = visible(text)
    categories = {unicodedata.category(char) for char in shown}
    assert not categories & {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
    shown.encode("utf-8")  # no lone surrogate


@given(_ANY)
def test_showing_twice_is_showing_once(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_lines_and_listings_are_bounded() -> None:
    lines, left_out = capped(["x" * 100_000] * 2000)
    assert len(lines) == MOST_LINES
    assert left_out == 2000 - MOST_LINES
    assert lines[0].endswith(f"… (+{100_000 - LONGEST_LINE})")
    assert max(map(len, lines)) < LONGEST_LINE + 20


def test_names_are_shown_in_both_forms() -> None:
    assert with_unicode("xn--wgv71a119e.example") == "xn--wgv71a119e.example (日本語.example)"
    assert with_unicode("www.example.com") == "www.example.com"
    assert with_unicode("xn--a.example") == "xn--a.example"
    assert with_unicode("xn--" + "z" * 70) == "xn--" + "z" * 70
