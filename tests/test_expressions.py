"""References: a small, sandboxed language over facts; nothing a server sent is ever evaluated."""

import contextlib
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.core.expressions import (
    EmptyReference,
    ExpressionError,
    Reference,
    Template,
    expression,
)

FACTS = SimpleNamespace(
    addresses=["192.0.2.1", "192.0.2.2"], rcode="NOERROR", names=[], asn=64500, empty=""
)


def _look(reference: Reference) -> Any:
    if reference.id == "gone":
        raise EmptyReference("gone gave nothing")
    return FACTS


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a.addresses[0]", "192.0.2.1"),
        ("a.addresses[-1]", "192.0.2.2"),
        ("a['rcode']", "NOERROR"),
        ("a.addresses | length", 2),
        ("a.rcode == 'NOERROR' and '192.0.2.1' in a.addresses", True),
        ("other-post#a.addresses[1]", "192.0.2.2"),
        ("'other#a' ~ a.rcode", "other#aNOERROR"),
        ("a.asn + 1", 64501),
        ("a.addresses | join(' ')", "192.0.2.1 192.0.2.2"),
    ],
)
def test_values(text: str, value: object) -> None:
    assert expression(text)(_look) == value


@pytest.mark.parametrize(
    "text",
    ["a.names[0]", "a.nothing", "gone.rcode", "a.asn / 0", "a.addresses + 1", "a.names | first"],
)
def test_what_is_not_there_is_empty(text: str) -> None:
    with pytest.raises(EmptyReference):
        expression(text)(_look)


@pytest.mark.parametrize(
    "text",
    [
        "a.__class__",
        "a.__class__.__mro__[1].__subclasses__()",
        "a.addresses.append(1)",
        "a.rcode.__class__.__init__.__globals__",
        "''.__class__.__mro__",
        "cycler.__init__.__globals__",
        "a.addresses.__iter__.__self__",
        "'{0.__class__}'.format(a)",
        "lipsum.__globals__",
    ],
)
def test_nothing_of_python_is_reached(text: str) -> None:
    with pytest.raises((EmptyReference, ExpressionError)):
        expression(text)(_look)


@pytest.mark.parametrize(
    "text", ["", "a.", "a..b", "a b", "{{ a }}", "a[", "import os", "a; b", "%"]
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        expression(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("a.addresses[0]", {Reference(None, "a", "addresses"), Reference(None, "a")}),
        ("x-y#b.rcode", {Reference("x-y", "b", "rcode"), Reference("x-y", "b")}),
        ("'a.b#c'", set()),
    ],
)
def test_references(text: str, references: set[Reference]) -> None:
    assert expression(text).references == references


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("plain.example", ["plain.example"]),
        ("{{ a.addresses }}", ["192.0.2.1", "192.0.2.2"]),
        ("{{ a.rcode | lower }}.{{ a.asn }}.example", ["noerror.64500.example"]),
        ("x.{{ a.addresses }}.y", ["x.192.0.2.1.y", "x.192.0.2.2.y"]),
    ],
)
def test_templates(text: str, targets: list[str]) -> None:
    assert Template(text).fill(_look) == targets


@pytest.mark.parametrize(
    "text", ["{{ a.names }}", "{{ a.empty }}", "{{ gone.x }}", "{{ a.addresses }}{{ a.addresses }}"]
)
def test_empty_templates(text: str) -> None:
    with pytest.raises(EmptyReference):
        Template(text).fill(_look)


@pytest.mark.parametrize("text", ["{% x %}", "{# x #}", "{{ a", "a }}", "{{ {{ a }} }}"])
def test_what_is_no_template(text: str) -> None:
    with pytest.raises(ExpressionError):
        Template(text)


@given(st.text())
def test_an_answer_is_a_value_and_never_a_template(answer: str) -> None:
    hostile = SimpleNamespace(value=answer)
    if answer:
        assert Template("{{ a.value }}").fill(lambda _: hostile) == [answer]


@given(st.text(max_size=30))
def test_any_text_is_an_expression_or_an_author_s_mistake(text: str) -> None:
    with contextlib.suppress(ExpressionError):
        expression(text)
