"""Footnotes that cite a line: what they quote stays what it was, wherever the line goes."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from sotokara.core.observation import Observation
from sotokara.site.build import Build
from sotokara.site.citations import without_notes

from tests.sites import ROOT
from tests.tampered.site import at, fence, replay, site


def cited(
    folder: Path,
    footnote: str,
    *observations: Observation,
    text: str = "",
    date: str = "2026-03-03",
    settings: Mapping[str, object] | None = None,
) -> tuple[Build, list[str], str]:
    """An article with one footnote over a ledger: its build, the mistakes, and what it says."""
    site(folder, *observations)
    front = f"---\ndate: {date}\n---\n" if date else ""
    page = folder / "docs/posts/a.md"
    page.write_text(f"{front}# A\n\nIt is so.{footnote}\n\n{fence(text)}", "utf-8")
    config = "site_name: t\nmarkdown_extensions: [footnotes, sotokara]\n"
    (folder / "mkdocs.yml").write_text(config, "utf-8")
    build, mistakes = replay(folder, **settings or {})
    if mistakes:
        return build, mistakes, ""
    label = re.sub(r'"(.*)"', lambda one: f"x{one[1].encode().hex()}", footnote[2:-1])
    html = build.fill("posts/a.md", f'<span class="probe-cite" data-cite="{label}"></span>')
    return build, mistakes, html


def linked(anchor: str, line: int, text: str) -> str:
    """A footnote's link and what it quotes."""
    link = f'<a href="#probe-ssl3{anchor}">Figure ssl3, line {line}</a>'
    return f"{link}: <code>{text}</code>"


def test_a_line_in_its_place_is_quoted_as_it_is_now(tmp_path: Path) -> None:
    days = at(2, "192.0.2.1"), at(9, "192.0.2.1")
    build, mistakes, html = cited(tmp_path, "[^ssl3:2]", *days)
    assert not mistakes
    assert (
        '<a href="#probe-ssl3-L2">Figure ssl3, line 2</a>: <code>Address: 192.0.2.1</code>' in html
    )
    assert "observed 2026-03-10 12:00 UTC" in html
    assert build.lost_quotations() == []


def test_a_line_that_moved_is_found_again(tmp_path: Path) -> None:
    """One more address stands in front of it."""
    days = at(2, "192.0.2.7"), at(9, "192.0.2.1", "192.0.2.7")
    build, _, html = cited(tmp_path, "[^ssl3:2]", *days)
    assert (
        '<a href="#probe-ssl3-L3">Figure ssl3, line 3</a>: <code>Address: 192.0.2.7</code>' in html
    )
    assert build.lost_quotations() == []


@pytest.mark.parametrize("date", ["2026-03-03", ""])
def test_a_line_that_is_gone_is_quoted_as_of_then_and_reported(tmp_path: Path, date: str) -> None:
    """Never is another line quoted in its stead."""
    days = at(2, "192.0.2.7"), at(9, "192.0.2.4")
    build, mistakes, html = cited(tmp_path, "[^ssl3:2]", *days, date=date)
    assert not mistakes
    assert linked("", 2, "Address: 192.0.2.7") in html
    assert "observed 2026-03-03 12:00 UTC" in html
    assert "(from author; no longer shown there)" in html
    line = 6 if date else 3
    (said,) = build.lost_quotations()
    assert said.startswith(
        f"docs/posts/a.md:{line}: the footnote [^ssl3:2] cites 'Address: 192.0.2.7'"
    )


def test_a_citation_by_text(tmp_path: Path) -> None:
    days = at(2, "192.0.2.7"), at(9, "192.0.2.1", "192.0.2.7")
    build, _, html = cited(tmp_path, '[^ssl3:"192.0.2.7"]', *days)
    assert (
        '<a href="#probe-ssl3-L3">Figure ssl3, line 3</a>: <code>Address: 192.0.2.7</code>' in html
    )
    assert build.lost_quotations() == []


def test_a_text_that_is_gone_is_quoted_as_of_then(tmp_path: Path) -> None:
    days = at(2, "192.0.2.7"), at(9, "192.0.2.4")
    build, _, html = cited(tmp_path, '[^ssl3:"2.7"]', *days)
    assert "<code>Address: 192.0.2.7</code>" in html
    assert len(build.lost_quotations()) == 1


@pytest.mark.parametrize("now", [("192.0.2.1", "192.0.2.7"), ("192.0.2.7", "192.0.2.9")])
def test_another_line_with_the_text_is_not_quoted(tmp_path: Path, now: tuple[str, ...]) -> None:
    """One more address stands before or behind the one that was meant."""
    build, _, html = cited(tmp_path, '[^ssl3:"Address"]', at(2, "192.0.2.7"), at(9, *now))
    assert "<code>Address: 192.0.2.7</code>" in html
    assert build.lost_quotations() == []


def test_a_line_that_only_has_the_text_still_is_another(tmp_path: Path) -> None:
    days = at(2, "192.0.2.7"), at(9, "192.0.2.4")
    build, _, html = cited(tmp_path, '[^ssl3:"Address"]', *days)
    assert "<code>Address: 192.0.2.7</code>" in html
    assert len(build.lost_quotations()) == 1


def test_a_pinned_figure_is_quoted_as_pinned(tmp_path: Path) -> None:
    days = at(2, "192.0.2.7"), at(5, "192.0.2.8"), at(9, "192.0.2.4")
    build, _, html = cited(tmp_path, "[^ssl3:2]", *days, text="pin: 2026-03-06\n")
    assert "<code>Address: 192.0.2.8</code>" in html
    assert build.lost_quotations() == []


@pytest.mark.parametrize(
    ("footnote", "said"),
    [
        ("[^ssl3:9]", "the footnote cites line 9 of 'ssl3', which the figure does not show"),
        ('[^ssl3:"nowhere"]', "the footnote cites 'nowhere' in 'ssl3', which stands in no line"),
        ("[^sll3:2]", "the footnote [^sll3:2] cites 'sll3', which no definition is called"),
        ('[^sll3:"x"]', "the footnote [^sll3:\"x\"] cites 'sll3', which no definition is called"),
        ("[^sll3]", "the footnote [^sll3] cites 'sll3', which no definition is called"),
    ],
)
def test_what_was_never_there_is_a_mistake_with_its_line(
    tmp_path: Path, footnote: str, said: str
) -> None:
    _, mistakes, _ = cited(tmp_path, footnote, at(2, "192.0.2.7"))
    assert len(mistakes) == 1
    assert mistakes[0].startswith(f"docs/posts/a.md:6: {said}")


def test_nothing_observed_is_no_mistake(tmp_path: Path) -> None:
    _, mistakes, html = cited(tmp_path, "[^ssl3:2]")
    assert not mistakes
    assert "Figure ssl3, line 2" in html
    refused = {"mode": "live", "policy": {"kinds": ["whois"]}}
    _, _, html = cited(tmp_path, "[^ssl3:2]", settings=refused)
    assert ">tried " in html
    assert "observed" not in html


def test_footnotes_of_ones_own_and_code_are_left_alone(tmp_path: Path) -> None:
    note = "[^mine]: Asked on Monday.\n"
    text = f"[^mine] `[^ssl3:9]` <!-- [^ssl3:8] -->\n\n{note}\n```\n[^sll3]\n```\n"
    _, mistakes, _ = cited(tmp_path, text, at(2, "192.0.2.7"))
    assert not mistakes


def test_the_other_place_is_not_quoted(tmp_path: Path) -> None:
    days = at(2, "192.0.2.7", vantage="home"), at(9, "192.0.2.4", vantage="ci")
    build, _, html = cited(tmp_path, "[^ssl3:2]", *days)
    assert "<code>Address: 192.0.2.7</code>" in html
    assert build.lost_quotations() == []


@pytest.mark.parametrize("strict", [True, False])
def test_a_strict_build_fails_where_a_quotation_is_lost(tmp_path: Path, *, strict: bool) -> None:
    cited(tmp_path, "It.[^ssl3:2]", at(2, "192.0.2.7"), at(9, "192.0.2.4"))
    config = f"""site_name: t
hooks: [{ROOT / "hooks/figures.py"}]
markdown_extensions: [footnotes, sotokara]
extra: {{probes: {{mode: replay}}}}
"""
    (tmp_path / "mkdocs.yml").write_text(config, "utf-8")
    argv = [sys.executable, "-m", "mkdocs", "build", *(["-q", "--strict"] if strict else [])]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == strict
    assert "which 'ssl3' no longer shows" in done.stderr
    if not strict:
        page = (tmp_path / "site/posts/a/index.html").read_text("utf-8")
        assert "<code>Address: 192.0.2.7</code>" in page


def test_an_excerpt_loses_the_marks_of_footnotes_but_not_in_code() -> None:
    text = 'A[^a:2] b[^1], c[^x:"y z"].\n\n[^1]: Own.\n\n`[^a:2]`\n\n```\n[^a]\n```\n'
    shown = without_notes(text)
    assert shown == "A b, c.\n\n[^1]: Own.\n\n`[^a:2]`\n\n```\n[^a]\n```\n"
