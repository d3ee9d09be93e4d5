"""Targets whose PTR names are full of HTML, terminal escapes and worse, in every style."""

import sys
import unicodedata
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.lab import paths
from tests.lab.names import Internet
from tests.sites import fence, make_site

pytestmark = pytest.mark.lab

_ELEMENTS = """a figure figcaption code p b span pre div time details summary dl dt dd table thead
tbody tr th td svg rect small br i"""
_ACTING = ("on", "style", "src", "action", "form", "http", "data-md", "poster", "ping")
"""Beginnings of attributes that do something; links are looked at one by one."""
STYLES = ("tracert", "traceroute", "mtr", "picture")


class Figures(HTMLParser):
    """Collects what elements and attributes stand in the figures, and their text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.text: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside += tag == "figure"
        if self._inside:
            self.elements.add(tag)
            self.attributes |= {name for name, _ in attrs}
            self.links |= {value or "" for name, value in attrs if name == "href"}

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "figure"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.text.append(data)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page for each style, each with a path to every hostile name."""
    folder = tmp_path_factory.mktemp("hostile-paths")
    pages = {
        f"{style}.md": "\n".join(
            fence(traceroute=target, style=style, count=1, redact={"own_network": False})
            for target in paths.NASTY
        )
        for style in STYLES
    }
    make_site(folder, {"index.md": "# x\n", **pages}, vantage="home")
    with Internet(paths.PATHS) as internet:
        environ = {
            **internet.settings(),
            "SOTOKARA_VANTAGE": "home",
            "SOTOKARA_POLICY": "{allow: [203.0.113.0/24]}",
            "NO_MKDOCS_2_WARNING": "1",
        }
        argv = [sys.executable, "-m", "mkdocs", "build"]
        done = internet.run("pc", argv, cwd=folder, env=environ, timeout=90, should_succeed=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("style", STYLES)
def test_names_stay_text(site: Path, style: str) -> None:
    found = Figures()
    found.feed((site / "site" / style / "index.html").read_text("utf-8"))
    assert found.elements <= set(_ELEMENTS.split())
    assert not [name for name in found.attributes if name.startswith(_ACTING)]
    assert all("evidence" in link or link.startswith("#") for link in found.links)
    text = "".join(found.text)
    assert all(target in text for target in paths.NASTY)
    assert text.count(" ? ") >= len(paths.NASTY) * 0.8
    assert not {one for one in text if unicodedata.category(one) in ("Cc", "Cf", "Co")} - {"\n"}
    assert "<script>document\\.title='owned'</script>.end.hostile.example" in text
