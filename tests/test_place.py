"""Where a fence stands in its author's file, found again by its text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.definitions.source import fence_lines, inline_line

_FENCE = "```probe\ndns: a.example\n```"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (_FENCE, [1]),
        (f"# A\n\n{_FENCE}\n\ntext\n\n{_FENCE}\n", [3, 9]),
        ("> ```probe\n> dns: a.example\n> ```", [1]),
        ("-   x\n\n    ```probe\n    dns: a.example\n    ```", [3]),
        (f"````\n{_FENCE}\n````\n\n{_FENCE}", [7]),
        (f"<!--\n{_FENCE}\n-->\n{_FENCE}", [6]),
        ("    ```probe\n    dns: a.example\n    ```\n\n~~~ probe\ndns: a.example\n~~~", [5, 1]),
        ("``` {.probe}\ndns: a.example\n```", [1]),
        ("```yaml\ndns: a.example\n```", [1]),
        ("no fence at all", [1]),
        ("```probe\nnever closed", [1]),
    ],
)
def test_fences(text: str, lines: list[int]) -> None:
    assert fence_lines(text, "dns: a.example") == lines


@given(st.integers(0, 30), st.integers(0, 30))
def test_the_line_is_that_of_the_opening(before: int, between: int) -> None:
    text = "text\n" * before + _FENCE + "\n" * (between + 1) + _FENCE.replace("a.", "b.")
    assert fence_lines(text, "dns: a.example") == [before + 1]
    assert fence_lines(text, "dns: b.example") == [before + 1 + 3 + between]


@given(st.text())
def test_any_text_has_lines(text: str) -> None:
    assert fence_lines(text, "dns: a.example") == [1]


def test_inline_references() -> None:
    text = "one\n\ntwo `#!probe a.names[0]` and\n`#!probe  b.names`\n"
    assert inline_line(text, "a.names[0]") == 3
    assert inline_line(text, "b.names") == 4
    assert inline_line(text, "c.names") == 1


@pytest.mark.parametrize("inside", ["", "\n", "\n\ndns: a.example\ntpye: MX\n\n", "dns: -\n\n"])
def test_blank_lines_around_a_definition_do_not_hide_its_place(inside: str) -> None:
    assert fence_lines(f"# A\n\n```probe\n{inside}\n```\n", inside.rstrip("\n")) == [3]
