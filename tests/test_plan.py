"""The plan: any graph of references is worked off in order, once each, and cycles are named."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sotokara.core.observation import Failure, Observation, Outcome, Vantage, now
from sotokara.definitions.definition import Definition, read_definition
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.kinds.dns.facts import DnsFacts

Edges = dict[int, set[int]]


def _definition(source: str, page: str = "a.md", line: int = 1) -> Definition:
    definition, mistakes = read_definition(source, page, line, f"{page}{source}")
    assert definition, mistakes
    return definition


def _graph(edges: Edges) -> list[Definition]:
    """A definition for each node; a node's target joins a value of every node that it refers to."""
    definitions = []
    for node, targets in edges.items():
        parts = [f"{{{{ n{target}.rcode | lower }}}}" for target in sorted(targets)]
        target = ".".join([*parts, f"x{node}.example"])
        definitions.append(_definition(f'dns: "{target}"\nid: n{node}\n', line=node + 1))
    return definitions


def _settle(figure: Figure, facts: DnsFacts | None = None) -> None:
    failure = None if facts else Failure("generic_timeout_error")
    assert figure.question
    figure.now = Observation(
        digest=figure.digest,
        definition=figure.question.identity(),
        start=now(),
        outcome=Outcome.ANSWERED if facts else Outcome.NO_ANSWER,
        vantage=Vantage("test", "test"),
        failure=failure,
        facts=facts,
    )


def _work_off(plan: Plan, definitions: list[Definition], *, answers: bool = True) -> list[str]:
    """Run a plan to its end; the ids in the order in which they could be asked."""
    order = []
    ready = [*plan.add(definitions), *plan.close()]
    while ready:
        figure = ready.pop()
        order.append(figure.node.definition.id or "")
        _settle(figure, DnsFacts(rcode="NOERROR") if answers else None)
        ready += plan.answered(figure)
    return order


@st.composite
def _acyclic(draw: st.DrawFn) -> Edges:
    size = draw(st.integers(1, 12))
    return {
        node: draw(st.sets(st.integers(0, node - 1), max_size=4)) if node else set()
        for node in range(size)
    }


@st.composite
def _any_graph(draw: st.DrawFn) -> Edges:
    size = draw(st.integers(1, 8))
    nodes = st.integers(0, size - 1)
    return {node: draw(st.sets(nodes, max_size=3)) for node in range(size)}


@given(_acyclic(), st.randoms())
def test_every_node_is_asked_once_and_after_what_it_refers_to(edges: Edges, random: object) -> None:
    definitions = _graph(edges)
    random.shuffle(definitions)  # type: ignore[attr-defined]
    plan = Plan()
    order = _work_off(plan, definitions)
    assert plan.mistakes == []
    assert sorted(order) == sorted(f"n{node}" for node in edges)
    for node, targets in edges.items():
        for target in targets:
            assert order.index(f"n{target}") < order.index(f"n{node}")
    for figure in plan.figures():
        assert figure.failure is None
        parts = ["noerror"] * len(edges[int((figure.node.definition.id or "n0")[1:])])
        assert figure.target.split(".")[: len(parts)] == parts


@given(_acyclic())
def test_what_builds_on_nothing_is_not_measured_and_no_error(edges: Edges) -> None:
    plan = Plan()
    order = _work_off(plan, _graph(edges), answers=False)
    assert sorted(order) == sorted(f"n{node}" for node, targets in edges.items() if not targets)
    for figure in plan.figures():
        if edges[int((figure.node.definition.id or "n0")[1:])]:
            assert figure.failure
            assert figure.failure.name == "reference_empty"
            assert figure.failure.outcome is Outcome.NOT_MEASURED


def _on_cycle(edges: Edges) -> set[int]:
    def reached(start: int) -> set[int]:
        found: set[int] = set()
        stack = [*edges[start]]
        while stack:
            node = stack.pop()
            if node not in found:
                found.add(node)
                stack += edges[node]
        return found

    return {node for node in edges if node in reached(node)}


@settings(max_examples=200)
@given(_any_graph())
def test_a_cycle_is_named_exactly_where_there_is_one(edges: Edges) -> None:
    plan = Plan()
    plan.add(_graph(edges))
    plan.close()
    cycles = [one.what for one in plan.mistakes]
    assert bool(cycles) == bool(_on_cycle(edges))
    for what in cycles:
        ring = what.removeprefix("a cycle of references: ").split(" → ")
        names = [int(place.partition("#n")[2]) for place in ring]
        assert names[0] == names[-1]
        for one, other in pairwise(names):
            assert other in edges[one]


def test_a_list_makes_one_figure_per_element() -> None:
    plan = Plan()
    names = _definition("dns: a.example\nid: a\n")
    each = _definition('dns: "{{ a.names }}"\nid: each\n', line=5)
    all_of_them = _definition('dns: "{{ each.addresses | length }}.example"\n', line=9)
    (first,) = [*plan.add([names, each, all_of_them]), *plan.close()]
    _settle(first, DnsFacts(rcode="NOERROR", names=["x.example", "y.example", "x.example"]))
    several = plan.answered(first)
    assert sorted(figure.target for figure in several) == ["x.example", "y.example"]
    ready: list[Figure] = []
    for number, figure in enumerate(several):
        assert ready == []
        _settle(figure, DnsFacts(rcode="NOERROR", addresses=[f"192.0.2.{number}", "192.0.2.9"]))
        ready = plan.answered(figure)
    assert [figure.target for figure in ready] == ["3.example"]


def test_an_answer_that_is_no_target_is_not_measured() -> None:
    plan = Plan()
    (first,) = [
        *plan.add(
            [_definition("dns: a.example\nid: a\n"), _definition('dns: "{{ a.names[0] }}"\n')]
        ),
        *plan.close(),
    ]
    _settle(first, DnsFacts(rcode="NOERROR", names=["<script>/x y"]))
    assert plan.answered(first) == []
    failures = [figure.failure.name for figure in plan.figures() if figure.failure]
    assert failures == ["invalid_target"]


def _pages() -> Iterator[Definition]:
    yield _definition("dns: a.example\nid: a\n", "posts/one.md")
    yield _definition("dns: b.example\nid: a\n", "posts/two.md")
    yield _definition('dns: "{{ two#a.names[0] }}"\nid: x\n', "posts/one.md", 9)


def test_ids_belong_to_their_page_and_other_pages_are_reached_by_name() -> None:
    plan = Plan()
    ready = {figure.target: figure for figure in [*plan.add(_pages()), *plan.close()]}
    assert sorted(ready) == ["a.example", "b.example"]
    assert plan.mistakes == []
    _settle(ready["a.example"], DnsFacts(rcode="NOERROR", names=["wrong.example"]))
    assert plan.answered(ready["a.example"]) == []
    _settle(ready["b.example"], DnsFacts(rcode="NOERROR", names=["right.example"]))
    assert [figure.target for figure in plan.answered(ready["b.example"])] == ["right.example"]


def test_two_pages_of_one_name_cannot_be_referred_to() -> None:
    plan = Plan()
    plan.add([*_pages(), _definition("dns: c.example\nid: a\n", "guide/two.md")])
    plan.close()
    assert {str(mistake) for mistake in plan.mistakes} == {
        "posts/one.md:9: the reference two#a may mean guide/two.md, posts/two.md; "
        "rename one of the pages"
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dns: WWW.Example.COM.", "dns: www.example.com"),
        ("dns: 日本語.example", "dns: xn--wgv71a119e.example"),
        ("dns: a.example\ntype: [AAAA, A]", "dns: a.example"),
        ("dns: a.example\ntype: mx", "dns: a.example\ntype: [MX]"),
        ("dns: 192.0.2.1", "dns: 1.2.0.192.in-addr.arpa"),
        ("dns: 2001:DB8::1", "dns: 2001:db8:0:0::1\ntype: PTR"),
        ("dns: a.example\nid: x\ntitle: y\nnotes: {a: b}", "dns: a.example\nstyle: dig"),
    ],
)
def test_equal_questions_are_one(one: str, other: str) -> None:
    plan = Plan()
    figures = plan.add([_definition(one), _definition(other, line=9)])
    assert len({figure.digest for figure in figures}) == 1


@pytest.mark.parametrize(
    "other", ["dns: b.example", "dns: a.example\ntype: A", "dns: a.example\nserver: 192.0.2.1"]
)
def test_different_questions_are_not(other: str) -> None:
    figures = Plan().add([_definition("dns: a.example"), _definition(other, line=9)])
    assert len({figure.digest for figure in figures}) == 2
