"""The ``timeline`` block: histories and the author's events on one axis, and mistakes in it."""

import re
from pathlib import Path

import pytest
from sotokara.render.timeline_view import _marks
from sotokara.site.site_timeline import site_timeline

from tests.tampered.site import at, replay, site

BLOCK = """```timeline
title: Five days
of: ssl3
since: 2026-03-01
until: 2026-03-09
events:
  - date: 2026-03-04
    what: The operator says that <all> is well
    source: https://example.com/notice
  - date: 2026-01-01T08:00:00Z
    what: Long before
```
"""


def written(folder: Path, block: str) -> tuple[str, list[str]]:
    """The block as the page has it, and the mistakes in the site."""
    days = [at(0, "192.0.2.1"), at(1, "192.0.2.1"), at(2, failure="eof_error")]
    site(folder, *days, at(3, failure="eof_error"), at(7, "192.0.2.1"))
    article = folder / "docs" / "posts" / "a.md"
    article.write_text(f"{article.read_text('utf-8')}\n{block}", "utf-8")
    build, mistakes = replay(folder)
    token = next(iter(build.rare.timelines._sources), "")  # what the page has for it
    html = f'<div class="probe-fence" data-timeline="{token}"></div>'
    return "" if mistakes else build.fill("posts/a.md", html), mistakes


def test_histories_and_events_stand_on_one_axis(tmp_path: Path) -> None:
    page, mistakes = written(tmp_path, BLOCK)
    assert mistakes == []
    states = re.findall(r'<rect class="probe-(\w+)" x="([\d.]+)"', page)
    drawn = [state for state, _ in states[:4]]
    assert drawn == ["claimed", "no_answer", "not_measured", "claimed"]
    (event,) = re.findall(r'<line class="probe-event" x1="([\d.]+)"', page)
    assert float(event) == pytest.approx(3 / 8 * 1000, abs=0.2)  # 4 March, of eight days
    assert "The operator says that &lt;all&gt; is well" in page
    assert '<a href="https://example.com/notice"' in page
    assert "outside the time drawn" in page
    assert '<a href="#probe-ssl3">' in page
    assert page.count('<tr class="probe-row-no_answer">') == 1
    assert "<script" not in page


def test_numbers_of_events_without_room_for_each_are_written_together() -> None:
    assert _marks([(1, 10.0), (2, 50.0)]) == [("1", 10.0), ("2", 50.0)]
    assert _marks([(1, 3.0), (2, 4.0), (3, 90.0)]) == [("1, 2", 3.5), ("3", 90.0)]
    assert _marks([(1, 3.0), (2, 8.0), (3, 13.0)]) == [("1–3", 8.0)]
    assert _marks([]) == []


@pytest.mark.parametrize(
    ("block", "line", "what"),
    [
        ("of: nowhere\n", 12, "nowhere"),
        ("of: ssl3\nsince: yesterday\n", 14, "yesterday"),
        ("of: ssl3\nevents: [{date: 2026-03-01, why: x}]\n", 14, "events"),
        ("of: []\n", 13, "names no definition"),
        ("title: x\n", 12, "of"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, block: str, line: int, what: str) -> None:
    _, mistakes = written(tmp_path, f"```timeline\n{block}```\n")
    assert len(mistakes) == 1
    assert what in mistakes[0]
    assert mistakes[0].startswith(f"docs/posts/a.md:{line}"), mistakes


def test_the_sites_time_line_has_the_questions_and_events_of_articles(tmp_path: Path) -> None:
    page, mistakes = written(tmp_path, BLOCK)  # an article of 1 March, asked five times
    assert (mistakes, bool(page)) == ([], True)
    again, _ = replay(tmp_path)
    found = list(again.found())
    links = {figure.node.definition.place: "/a/#probe-ssl3" for figure, _ in found}
    line = site_timeline(again, found, links, {"posts/a.md": "Five & more"})
    assert line.count('<p class="probe-track">') == 1
    assert '<a href="/a/#probe-ssl3">Five &amp; more (' in line
    states = re.findall(r'<rect class="probe-(\w+)" x="([\d.]+)"', line)
    assert [state for state, _ in states[:4]] == ["claimed", "no_answer", "not_measured", "claimed"]
    assert float(states[0][1]) == 0  # from the first observation to the last: no empty margins
    (event,) = re.findall(r'<line class="probe-event" x1="([\d.]+)"', line)
    assert 0 < float(event) < 1000
    assert "Five &amp; more</li>" in line
    assert "Long before" not in line  # outside what is drawn
    assert "are drawn" not in line
    assert site_timeline(again, [], links, {}) == ""


def test_a_site_where_nothing_was_asked_twice_has_no_time_line(tmp_path: Path) -> None:
    site(tmp_path, at(0, "192.0.2.1"))
    build, _ = replay(tmp_path)
    assert site_timeline(build, list(build.found()), {}, {}) == ""
