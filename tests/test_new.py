"""``sotokara new`` writes an article that builds."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.cli.drafts import posts_folder

ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["new", *arguments])
    assert done.exit_code == 0, done.output
    return done.output.strip()


def refused(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["new", *arguments])
    assert done.exit_code == 2
    return done.output


def test_the_article_builds(project: Path) -> None:
    asked = ["--ask", "dns:example.com", "--ask", "dns:example.net", "--ask", "whois:192.0.2.1"]
    path = Path(said("Why is 'the' mail: late?", *asked))
    assert path.name == "why-is-the-mail-late.md"
    ids = [line for line in path.read_text("utf-8").splitlines() if line.startswith("id: ")]
    assert ids == ["id: example", "id: example_2", "id: whois"]  # a figure keeps its past by it
    japanese = Path(said("メールが届かない", "--lang", "ja", "--category", "DNS"))
    (project / "hooks").symlink_to(ROOT / "hooks")
    ignored = shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md")
    shutil.copytree(ROOT / "docs", project / "docs", ignore=ignored, dirs_exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        env={**os.environ, "SOTOKARA_MODE": "replay", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pages = project / "site" / "posts"
    english = (pages / path.stem / "index.html").read_text("utf-8")
    assert "<b><code>example.com</code></b>" in english
    assert '<p class="admonition-title">Limits</p>' in english
    assert '<html lang="ja"' in (pages / japanese.stem / "index.html").read_text("utf-8")


@pytest.mark.usefixtures("project")
def test_what_it_refuses() -> None:
    said("Once")
    assert "exists already" in refused("Once")
    assert "gives no file name" in refused("...")
    assert "with one of " in refused("A", "--ask", "dnz:example.com")
    assert "with one of " in refused("A", "--ask", "dns:")
    assert "--ask dns:a b" in refused("A", "--ask", "dns:a b")
    assert len(Path(said("長" * 300)).name.encode()) <= 255


@pytest.mark.parametrize(
    ("plugins", "folder"),
    [
        (["search", {"blog": {"blog_dir": ".", "post_dir": "posts"}}], "posts"),
        (["blog"], "blog/posts"),
        ({"search": None, "material/blog": {"blog_dir": "news"}}, "news/posts"),
        (None, "posts"),
    ],
)
def test_where_articles_are(plugins: object, folder: str) -> None:
    assert posts_folder({"plugins": plugins}).as_posix() == folder
