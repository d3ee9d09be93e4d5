"""Figures in the terminal are those of the page; a look-up without an article keeps nothing."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving
from tests.sites import build, fence, make_site


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site with two definitions, measured; the working folder is its."""
    page = "# A\n\n" + fence(dns="www.example.com", id="a", notes={"Address": "本体"})
    page += "\n" + fence(dns="a.example", server="127.0.0.9:9", id="b")
    server = NameServer()
    with serving(server):
        asked: dict[str, Any] = {"resolvers": [server.address], "control": [server.address]}
        policy = {"allow": ["127.0.0.0/8"]}
        make_site(tmp_path, {"index.md": page}, **asked, policy=policy, timeout=1)
        assert build(tmp_path).returncode == 0
        monkeypatch.chdir(tmp_path)
        yield tmp_path


def said(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code, done.output
    return done.output


def test_show_prints_what_the_page_shows(site: Path) -> None:
    page = (site / "site" / "index.html").read_text("utf-8")
    for name in ("a", "b"):
        figure = page.split(f'id="probe-{name}"')[1].split('<details class="probe-more"')[0]
        figure = re.sub('<span class="probe-at">.*?</span>', "", figure)  # in print alone
        shown = html.unescape(re.sub("<[^>]*>", " ", figure.partition(">")[2]))
        text = said("show", f"index#{name}").split("\n\n20")[0]
        assert "".join(text.split()) == "".join(shown.split())
    assert "<本体" in said("show", "index.md#a")
    assert "\x1b" not in said("show", "index#a")


def test_show_in_another_style_and_for_programs(site: Path) -> None:
    assert ";; ANSWER SECTION:" in said("show", "index#a", "--style", "dig")
    assert "it has nslookup" in said("show", "index#a", "--style", "nosuch", code=2)
    (figure,) = json.loads(said("show", "index#a", "--json"))
    assert figure["outcome"] == "answered"
    assert figure["facts"]["rcode"] == "NOERROR"
    (figure,) = json.loads(said("show", "index#b", "--json"))
    assert figure["outcome"] == "no_answer"
    assert figure["failure"]["name"]


def test_one_look_up_keeps_nothing_and_prints_its_definition(site: Path) -> None:
    before = sorted(site.rglob("evidence/**/*"))
    text = said("run", "dns:www.example.com")
    assert "Address: 198.18." in text
    assert text.endswith("```probe\ndns: www.example.com\n```\n")
    assert json.loads(said("run", "dns:www.example.com", "--json"))[0]["facts"]["addresses"]
    assert sorted(site.rglob("evidence/**/*")) == before
    for wrong in ("dns:", "dnz:example.com", "example.com"):
        assert "write kind:target" in said("run", wrong, code=2)
    assert said("run", "dns:a b", code=2)
