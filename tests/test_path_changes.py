"""A site built before and after a route changes: the figure and /changes/ say what is true."""

import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lab import paths
from tests.lab.names import Internet
from tests.sites import ROOT, fence, figures, make_site

pytestmark = pytest.mark.lab

FRONT = "---\ndate: 2006-05-21\n---\n# Paths\n\n"
QUESTIONS: dict[str, dict[str, Any]] = {
    "changing": {"traceroute": paths.CHANGING},
    "picture": {"traceroute": paths.CHANGING, "style": "picture"},
    "linux": {"traceroute": paths.CHANGING, "style": "traceroute"},
    "mtr": {"traceroute": paths.CHANGING, "style": "mtr"},
    "balanced": {"traceroute": paths.BALANCED, "count": 8},
    "balanced1": {"traceroute": paths.BALANCED, "count": 1},
    "seldom": {"traceroute": paths.SELDOM},
    "fixed": {"traceroute": "ssl3.gcrest.com"},
}
DRIFT = "Changed since the article was written"


class Built:
    """What one build made of the page and of the list of changes."""

    def __init__(self, lab: Internet, folder: Path) -> None:
        argv = [sys.executable, "-m", "mkdocs", "build"]
        environ = lab.settings() | {"SOTOKARA_VANTAGE": "home", "NO_MKDOCS_2_WARNING": "1"}
        done = lab.run("pc", argv, cwd=folder, env=environ, timeout=60, should_succeed=False)
        assert done.returncode == 0, done.stderr
        self.log = done.stderr
        page = (folder / "site" / "a" / "index.html").read_text("utf-8")
        self.figures = figures(page)
        self.marked = re.findall(r"<(del|ins)>(.*?)</\1>", page, re.DOTALL)
        listed = (folder / "site" / "changes" / "index.html").read_text("utf-8")
        self.changes = re.findall(r"<td>Path <code>([^<]*)</code>", listed)
        self.nothing = "Nothing has changed in what the articles show." in listed
        feed = json.loads((folder / "site" / "changes" / "feed.json").read_text("utf-8"))
        self.feed = [item["title"] for item in feed["items"]]

    def drifted(self) -> list[str]:
        """The ids of the figures that say that something has changed."""
        return [name for name, text in self.figures.items() if DRIFT in text]


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Built]]:
    """Four builds: the one way twice, the other way, the one way again."""
    folder = tmp_path_factory.mktemp("paths")
    text = FRONT + "\n".join(fence(id=name, **question) for name, question in QUESTIONS.items())
    # The routers in question are announced by nobody here, so they would count as the author's.
    make_site(folder, {"a.md": text}, timeout=4, own_network=False)
    config = folder / "mkdocs.yml"
    hook = str(ROOT / "hooks" / "figures.py")
    more = hook.replace("figures.py", "evidence.py")
    config.write_text(config.read_text("utf-8").replace(hook, f"{hook}\n- {more}"), "utf-8")
    with Internet(paths.PATHS) as lab:
        found = []
        for way in (1, 1, 2, 1):
            paths.change_way(lab, way)
            found.append(Built(lab, folder))
        yield found


def test_the_same_way_is_no_change(builds: list[Built]) -> None:
    for built in builds[:2]:
        assert "203.174.65.42" in built.figures["changing"]
        assert built.drifted() == []
        assert (built.changes, built.feed, built.nothing) == ([], [], True)


def test_a_changed_way_is_one(builds: list[Built]) -> None:
    built = builds[2]
    assert "203.174.65.43" in built.figures["changing"].partition(DRIFT)[0]
    assert built.drifted() == ["changing", "picture", "linux", "mtr"]
    assert built.changes == [paths.CHANGING]
    assert built.feed == [f"traceroute {paths.CHANGING}: the facts have changed"]
    assert f"changed since the article: a.md#changing: {paths.CHANGING}" in built.log


def test_the_hop_that_differs_is_marked(builds: list[Built]) -> None:
    marked = [(tag, html.unescape(re.sub(r"<[^>]+>", "", text))) for tag, text in builds[2].marked]
    then = {text for tag, text in marked if tag == "del"}
    now = {text for tag, text in marked if tag == "ins"}
    assert then
    assert now
    assert all("203.174.65.42" in text for text in then)
    assert all("203.174.65.43" in text for text in now)


def test_the_way_back_is_another_change_and_the_figure_is_as_it_was(builds: list[Built]) -> None:
    built = builds[3]
    assert built.drifted() == []
    assert built.changes == [paths.CHANGING] * 2
    assert len(built.feed) == 2


def test_balanced_and_seldom_answering_paths_never_change(builds: list[Built]) -> None:
    assert "203.174.65.2" in builds[0].figures["balanced"]
    assert "203.174.65.3" in builds[0].figures["balanced"]
    for built in builds:
        assert not {"balanced", "balanced1", "seldom", "fixed"} & set(built.drifted())
        assert set(built.changes) <= {paths.CHANGING}
