"""Where the blog's pages can go: other generators, and other people's MkDocs sites."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from sotokara.servers.nameserver import NameServer

from tests.servers.thread import serving

ROOT = Path(__file__).parents[1]
FIGURE = re.compile(r'<figure class="probe .*?</figure>', re.DOTALL)
PAGE = """# Who answers?

```probe
dns: www.example.com
id: site
notes: {"Address:": 本体}
```

It has `#!probe site.addresses | length` address.
"""


def run(folder: Path, *command: str, **environment: str) -> str:
    """Run a command of Python's in ``folder``; what it said."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def figures(page: Path) -> list[str]:
    """The figures in a page."""
    return FIGURE.findall(page.read_text("utf-8"))


@pytest.fixture(scope="module")
def names() -> Iterator[dict[str, str]]:
    """A resolver on loopback, as settings name it."""
    server = NameServer()
    with serving(server):
        asked = f'["{server.address}"]'
        yield {"SOTOKARA_RESOLVERS": asked, "SOTOKARA_CONTROL": asked}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The package as others install it, ahead of this checkout on Python's path."""
    folder = tmp_path_factory.mktemp("installed")
    source = tmp_path_factory.mktemp("source")
    for name in ("probes", "hooks", "docs"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")
    run(source, "pip", "install", *options, "--target", str(folder), ".")
    return {"PYTHONPATH": str(folder)}


def test_a_fresh_site_gains_everything_by_one_line(
    tmp_path: Path, package: dict[str, str], names: dict[str, str]
) -> None:
    run(tmp_path, "mkdocs", "new", ".")
    (named,) = tmp_path.glob("*.yml")  # properdocs.yml, where ProperDocs made it
    with named.open("a", encoding="utf-8") as config:
        config.write("plugins: [search, sotokara]\n")
    (tmp_path / "docs" / "index.md").write_text(PAGE, "utf-8")
    said = run(tmp_path, "mkdocs", "build", "--strict", **package, **names)
    assert "probes: 1 answered" in said
    page = tmp_path / "site" / "index.html"
    (figure,) = figures(page)
    assert "198.18.87.86" in figure
    assert "&lt;本体" in figure
    assert "assets/stylesheets/probes.css" in page.read_text("utf-8")
    assert list((tmp_path / "evidence" / "runs").rglob("*.jsonl"))


@pytest.mark.parametrize(
    "plugins",
    [
        "search, blog, {rss: {use_git: false}}, {sotokara: {languages: true, cards: true}}",
        "{sotokara: {languages: true, cards: true}}, {rss: {use_git: false}}, blog, search",
    ],
)
def test_a_material_blog_gains_languages_and_cards_where_it_wants_them(
    tmp_path: Path, package: dict[str, str], names: dict[str, str], plugins: str
) -> None:
    config = "site_name: A\nsite_url: https://a.example/\ntheme: {name: material, font: false}\n"
    (tmp_path / "mkdocs.yml").write_text(f"{config}plugins: [{plugins}]\n", "utf-8")
    posts = tmp_path / "docs" / "blog" / "posts"
    posts.mkdir(parents=True)
    (tmp_path / "docs" / "index.md").write_text("# A\n", "utf-8")
    (tmp_path / "docs" / "blog" / "index.md").write_text("# Blog\n", "utf-8")
    meta = "---\ndate: 2026-11-24\nlang: ja\n---\n"
    (posts / "who.md").write_text(meta + PAGE, "utf-8")
    run(tmp_path, "mkdocs", "build", "--strict", **package, **names)
    page = tmp_path / "site" / "blog" / "2026" / "11" / "24" / "who-answers" / "index.html"
    (figure,) = figures(page)
    assert "応答あり" in figure
    assert "測定なし" not in page.read_text("utf-8")
    assert 'property="og:image"' in page.read_text("utf-8")
    assert 'aria-label="検索"' in page.read_text("utf-8")
    assert '<html lang="ja"' in page.read_text("utf-8")
    assert '<html lang="en"' in (tmp_path / "site" / "index.html").read_text("utf-8")


def test_properdocs_builds_the_same_pages(tmp_path: Path, published: Path) -> None:
    for name in ("docs", "evidence"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "hooks").symlink_to(ROOT / "hooks")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    alike = {"SOTOKARA_MODE": "replay", "SITE_URL": "http://127.0.0.1/"}
    run(tmp_path, "properdocs", "build", "-q", "-f", "mkdocs.yml", "-d", "properdocs", **alike)
    shown = 0
    for page in published.rglob("*.html"):
        theirs = figures(tmp_path / "properdocs" / page.relative_to(published))
        assert figures(page) == theirs, page
        shown += len(theirs)
    assert shown > 10


def test_zensical_shows_the_evidence_through_the_extension_alone(
    tmp_path: Path, names: dict[str, str]
) -> None:
    assert version("zensical") == "0.0.73"
    config = "site_name: Z\nsite_url: https://z.example/\nmarkdown_extensions: [sotokara]\n"
    (tmp_path / "mkdocs.yml").write_text(config, "utf-8")
    (tmp_path / "docs" / "posts").mkdir(parents=True)
    (tmp_path / "docs" / "index.md").write_text(PAGE, "utf-8")
    other = '# Again\n\n```probe\ndns: "{{ index#site.addresses[0] }}"\n```\n'
    (tmp_path / "docs" / "posts" / "again.md").write_text(other, "utf-8")
    run(tmp_path, "sotokara", "run", **names)
    run(tmp_path, "zensical", "build", "-f", "mkdocs.yml", "--clean")
    (figure,) = figures(tmp_path / "site" / "index.html")
    assert "198.18.87.86" in figure
    assert "&lt;本体" in figure
    text = (tmp_path / "site" / "index.html").read_text("utf-8")
    assert text.count("<style>/* Figures.") == 1
    assert re.search("It has <span[^>]*><code[^>]*>1</code>.*?</span> address", text)
    (figure,) = figures(tmp_path / "site" / "posts" / "again" / "index.html")
    assert "<code>198.18.87.86</code>" in figure
