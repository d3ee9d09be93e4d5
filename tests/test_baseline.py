"""A target beside its baseline: “slower here” is said only where the baseline is not."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sotokara.core.observation import Outcome
from sotokara.definitions.definition import read_definition
from sotokara.engine.settings import load
from sotokara.findings.beside import BaselineComparison
from sotokara.findings.beside import compare_with_baseline as held_beside
from sotokara.render.figure import figure_html, figure_text
from sotokara.servers.nameserver import NameServer, honest, labels_of
from sotokara.site.build import Build

from tests.servers.thread import serving

SOURCE = "dns: www.shop.example\ntype: A\nid: shop\nbaseline: www.base.example\n"
USUAL, LATE = 0.3, 1.8
"""Seconds: so far apart that a busy machine is no late answer."""


class Throttled:
    """Answers honestly; names with one of these labels late, or never."""

    def __init__(self) -> None:
        self.late: set[bytes] = set()
        self.silent: set[bytes] = set()
        self.server = NameServer(self._answer)

    async def _answer(self, wire: bytes) -> AsyncIterator[bytes]:
        labels = set(labels_of(wire))
        await asyncio.sleep(LATE if labels & self.late else USUAL)
        if not labels & self.silent:
            yield honest(wire)

    def set(self, late: str = "", silent: str = "") -> None:
        self.late, self.silent = set(late.encode().split()), set(silent.encode().split())


@pytest.fixture
def throttled() -> Iterator[Throttled]:
    one = Throttled()
    with serving(one.server):
        yield one


def look(
    folder: Path, one: Throttled, text: str = SOURCE, **more: object
) -> tuple[Build, BaselineComparison]:
    """One build, and what the baseline says in it."""
    own = [one.server.address]
    given = {"resolvers": own, "control": own, "timeout": 5, **more}
    build = Build(load(given, {}), folder)
    definition, mistakes = read_definition(text, "a.md", 1, "t")
    assert definition, mistakes
    build.run.add([definition])
    assert build.finish() == []
    (found,) = build.findings.values()
    assert found.beside
    return build, found.beside


def test_throttle_the_target_then_both(tmp_path: Path, throttled: Throttled) -> None:
    for _ in range(3):
        _, beside = look(tmp_path, throttled)
        assert beside.verdict == "too_few"
    throttled.set(late="shop")
    build, beside = look(tmp_path, throttled)
    assert beside.verdict == "alone_slower"
    (node,) = build.plan.nodes.values()
    html = " ".join(re.sub(r"<[^>]+>", " ", figure_html(node, "en", build.findings)[0]).split())
    assert "Beside the baseline www.base.example:" in html
    assert "while the baseline is not." in html
    assert "基準 www.base.example と比べて" in figure_text(node, "ja", build.findings)
    throttled.set(late="shop base")
    build, beside = look(tmp_path, throttled)
    assert beside.verdict == "both_slower"
    (node,) = build.plan.nodes.values()
    assert "so nothing follows for this target" in figure_text(node, "en", build.findings)
    throttled.set(late="base")
    assert look(tmp_path, throttled)[1].verdict == "as_usual"


def test_a_silence_beside_an_answer_and_beside_a_silence(
    tmp_path: Path, throttled: Throttled
) -> None:
    throttled.set(silent="shop")
    build, beside = look(tmp_path, throttled, timeout=1.5)
    (figure,) = build.plan.figures()
    assert figure.now
    assert figure.now.outcome is Outcome.NO_ANSWER
    assert beside.verdict == "alone_silent"
    throttled.set(silent="shop base")
    assert look(tmp_path, throttled, timeout=1.5)[1].verdict == "both_silent"
    throttled.set(silent="base")
    assert look(tmp_path, throttled, timeout=1.5)[1].verdict == "not_compared"


def test_the_baseline_is_asked_once_and_is_no_figure_of_its_own(
    tmp_path: Path, throttled: Throttled
) -> None:
    build, beside = look(tmp_path, throttled)
    assert [one.target for one in build.plan.figures()] == ["www.shop.example"]
    assert [one.target for one in build.plan.asked()] == ["www.shop.example", "www.base.example"]
    assert len(build.kept) == 2
    assert beside.baseline.now
    assert beside.baseline.now.id
    _, again = look(tmp_path, throttled, mode="replay")
    assert again.verdict == "too_few"
    assert again.baseline.now
    assert again.baseline.now.id == beside.baseline.now.id
    (figure,) = build.plan.figures()
    timeline = build.run.recall.timeline(figure)
    early = beside.baseline.now.start - timedelta(hours=1)
    beside.baseline.now = msgspec.structs.replace(beside.baseline.now, start=early)
    assert held_beside(figure, timeline, beside.baseline, timeline, 600).verdict == "apart"


def test_a_platform_s_report_is_not_held_against_another_probe_s(
    tmp_path: Path, throttled: Throttled
) -> None:
    build, beside = look(tmp_path, throttled)
    (figure,) = build.findings
    assert figure.now
    vantage = msgspec.structs.replace(figure.now.vantage, engine="globalping")
    figure.now = msgspec.structs.replace(figure.now, vantage=vantage, outcome=Outcome.NO_ANSWER)
    timeline = build.run.recall.timeline(figure)
    found = held_beside(figure, timeline, beside.baseline, timeline, 600)
    assert found.verdict == "not_compared"


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("baseline: 'not a name'", "in baseline"),
        ("baseline: '{{ shop.names[0] }}'", "no target that is asked"),
        ("baseline: www.base.example\npin: 2026-11-28", "pin is of a past day"),
    ],
)
def test_mistakes_in_a_baseline_are_named(keys: str, said: str) -> None:
    definition, mistakes = read_definition(f"dns: a.example\n{keys}\n", "a.md", 1, "t")
    assert definition is None
    assert said in " ".join(map(str, mistakes))
