"""The picture of a figure in lists of articles says what the figure says, and fits."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from sotokara.findings.overview import lead
from sotokara.render.card import card_svg, cut

from tests.tampered.site import at, fence, replay, site


def drawn(folder: Path, lang: str = "en") -> str:
    build, _ = replay(folder)
    (one,) = build.plan.figures()
    svg = card_svg(one, build.findings, lang)
    ET.fromstring(svg)  # noqa: S314  # our own
    return svg


def test_it_shows_the_answer_and_its_claim(tmp_path: Path) -> None:
    site(tmp_path, at(2, "192.0.2.1"), text="expect: \"'192.0.2.9' in addresses\"\n")
    svg = drawn(tmp_path)
    assert ">Address: 192.0.2.1<" in svg
    assert re.search(r'probe-card-broken"[^>]*>✗ ', svg)
    assert "応答あり" in drawn(tmp_path, "ja")


def test_remarks_are_what_it_shows_where_there_are_some(tmp_path: Path) -> None:
    site(tmp_path, at(2, "192.0.2.1"), text='notes: {"192.0.2.1": <here> & there}\n')
    svg = drawn(tmp_path)
    assert "<tspan> &lt;here&gt; &amp; there</tspan>" in svg
    assert "Name:" not in svg


def test_a_history_is_drawn_in_it(tmp_path: Path) -> None:
    days = [at(day, "192.0.2.1") for day in (2, 2.1, 2.2)]
    site(tmp_path, *days, at(2.3, "192.0.2.4"), text="since: 2026-03-01\n")
    assert drawn(tmp_path).count("<rect") >= 2


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("長い題名", 8, "長い題名"),
        ("長い題名です", 8, "長い題…"),
        ("", 3, ""),
    ],
)
def test_a_text_takes_as_many_columns_as_it_has(text: str, columns: int, shown: str) -> None:
    assert cut(text, columns) == shown


def test_the_author_names_the_figure_or_the_most_telling_one_is_taken(tmp_path: Path) -> None:
    second = fence("expect: addresses | length > 3\n").replace("id: ssl3", "id: second")
    site(tmp_path, at(2, "192.0.2.1"), text=f"```\n\n{second.removesuffix(FENCE_END)}")
    build, _ = replay(tmp_path)
    every = list(build.plan.figures())
    found, named = lead(every, build.findings), lead(every, build.findings, "ssl3")
    assert found is not None
    assert named is not None
    assert (found.node.definition.id, named.node.definition.id) == ("second", "ssl3")
    assert lead([], {}) is None


FENCE_END = "```\n"
