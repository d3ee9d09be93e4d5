"""What a draft asks is in no site and no git until its day, and keeps the time of its measuring."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.engine.plan import Plan
from sotokara.engine.run_state import RunFile
from sotokara.ledger import Ledger, Writer, keys, seals
from sotokara.ledger.drafts import Drafts
from sotokara.ledger.redact import redact_draft

from tests.servers.mood import Mood
from tests.servers.thread import serving
from tests.sites import ROOT, build, make_site
from tests.tampered import observation

SERVED = """
from mkdocs.commands.build import build
from mkdocs.config import load_config
config = load_config("mkdocs.yml")
config.plugins.on_startup(command="serve", dirty=False)
build(config, serve_url="http://127.0.0.1:8000/")
config.plugins.on_shutdown()
"""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Path]:
    """One article that is published, one of tomorrow, one draft."""
    server = Mood()
    with serving(server.server):
        posts = {
            "now": ("2026-01-01", "", "now.example"),
            "later": (f"{datetime.now(UTC) + timedelta(days=2):%Y-%m-%d}", "", "later.example"),
            "draft": ("2026-01-01", "draft: true\n", "draft.example"),
        }
        pages = {
            f"posts/{name}.md": f"---\ndate: {date}\n{more}---\n# {name}\n\n"
            f"```probe\ndns: {target}\nid: x\ntype: A\n```\n"
            for name, (date, more, target) in posts.items()
        }
        where = [server.server.address]
        settings = {"resolvers": where, "control": where, "timeout": 1}
        folder = make_site(tmp_path / "blog", {"index.md": "# T\n", **pages}, **settings)
        config = yaml.safe_load((folder / "mkdocs.yml").read_text("utf-8"))
        blog = {"blog_dir": ".", "post_dir": "posts", "draft_if_future_date": True}
        config["plugins"] = [{"blog": blog}]
        config["hooks"] += [str(ROOT / "hooks" / "evidence.py")]
        (folder / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")
        yield folder


def sotokara(site: Path, *arguments: str) -> str:
    done = CliRunner().invoke(main, [arguments[0], "-f", f"{site}/mkdocs.yml", *arguments[1:]])
    assert done.exit_code == 0, done.output
    return done.output


def holding(folder: Path, word: str) -> list[str]:
    """The files below a folder that hold a word."""
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.name)
    return [str(path.relative_to(folder)) for path in files if word.encode() in path.read_bytes()]


def test_an_article_of_tomorrow(site: Path) -> None:
    keys.make_key(
        site / "evidence", keys.KeyRequest("t/evidence", "author", site / ".sotokara.key")
    )
    sotokara(site, "run")
    assert holding(site / "evidence", "now.example")
    assert not holding(site / "evidence", "later.example")
    assert holding(site / ".drafts", "later.example")
    subprocess.run(["git", "init", "-q", "."], cwd=site, check=True)
    untracked = ["git", "status", "--short", "--untracked-files=all", "--", ".drafts"]
    listed = subprocess.run(untracked, cwd=site, capture_output=True, text=True, check=True)
    assert listed.stdout == ""
    done = build(site)
    assert done.returncode == 0, done.stderr
    assert not holding(site / "site", "later.example")
    assert not holding(site / "evidence", "later.example")

    ledger = next(path for path in (site / ".drafts").iterdir() if path.is_dir())
    started = [one.moment for one in Ledger(ledger, site).index.every()]
    page = site / "docs/posts/later.md"
    page.write_text(page.read_text().replace("date: 20", "date: 2026-01-02 #"), "utf-8")
    assert build(site).returncode == 0
    assert not list((site / ".drafts").glob("*/runs"))
    assert set(started) <= {one.moment for one in Ledger(site / "evidence", site).index.every()}
    assert holding(site / "site/evidence", "later.example")
    seals.seal(site / "evidence")
    said = sotokara(site, "verify")
    assert "0 wrong" in said
    assert "others" not in said  # signed on the day of publication


def test_what_is_served_is_not_published(site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SERVED], cwd=site, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for name in ("draft.example", "later.example"):
        assert holding(site / ".drafts", name)
        assert not holding(site / "evidence", name)
        assert not holding(site / "site/evidence", name)
        assert not holding(site / "site/changes", name)
    page = (site / "site/2026/01/01/draft/index.html").read_text("utf-8")
    assert "Answered" in page
    assert 'href="/evidence/2' not in page  # it has no page yet


def test_a_page_comes_out_while_the_run_is_writing_already(tmp_path: Path) -> None:
    """What pages read before have asked is being kept: the folder's lock is this process's own."""
    drafts, ledger = Drafts(tmp_path / ".drafts", tmp_path), Ledger(tmp_path / "evidence", tmp_path)
    early = drafts.writer("b.md", "author", shown=True)
    early.append([(observation("b.example", "192.0.2.2"), ["b.md#b"])])
    assert early.close()
    writer = Writer(ledger, "author")
    writer.append([(observation("a.example", "192.0.2.1"), ["a.md#a"])])
    file = RunFile(writer, Plan())
    assert file.writing()
    assert drafts.publish("b.md", ledger, file.writing) == 1
    assert writer.close()
    assert not file.writing()
    assert len(ledger.index.every()) == 2


def test_a_draft_is_redacted_too(site: Path) -> None:
    sotokara(site, "run")
    (folder,) = {path.parent for path in (site / ".drafts").glob("*/runs")}
    assert redact_draft(folder, ["later.example"]) == 1
    assert not holding(folder, "later.example")
    ledger = Ledger(folder, site)
    assert [ledger.observation(ledger.line(one)).failure for one in ledger.index.every()] == [None]
