"""Small sites for tests: made in a folder, built by a real `mkdocs` in a process of its own."""

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:  # the lab is Linux' alone; sites are built everywhere
    from tests.lab.names import Internet

ROOT = Path(__file__).resolve().parent.parent


def make_site(folder: Path, pages: dict[str, str], **settings: Any) -> Path:
    """A site with these pages (path below docs/ → Markdown) and these settings of the probes."""
    config = {
        "site_name": "Test",
        "site_url": "https://blog.example/",
        "theme": {"name": "material", "font": False},
        "plugins": ["search"],
        "hooks": [str(ROOT / "hooks" / "figures.py")],
        "markdown_extensions": [
            "admonition",
            "pymdownx.tabbed",
            "pymdownx.superfences",
            "sotokara",
        ],
        "extra": {"probes": settings},
    }
    folder.mkdir(exist_ok=True)
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(config), "utf-8")
    for path, text in pages.items():
        page = folder / "docs" / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, "utf-8")
    return folder


def plain(site: Path) -> Path:
    """The site under MkDocs' own theme: a page is built in three quarters of Material's time."""
    file = site / "mkdocs.yml"
    config = yaml.safe_load(file.read_text("utf-8")) | {"theme": {"name": "mkdocs"}}
    file.write_text(yaml.safe_dump(config), "utf-8")
    return site


def with_evidence(site: Path) -> Path:
    """The site with its evidence published beside it, under a plain, quick theme."""
    file = site / "mkdocs.yml"
    config = yaml.safe_load(file.read_text("utf-8"))
    config |= {"theme": {"name": "mkdocs"}, "plugins": []}
    config["hooks"].append(str(ROOT / "hooks" / "evidence.py"))
    file.write_text(yaml.safe_dump(config), "utf-8")
    return site


def fence(**definition: Any) -> str:
    """One `probe` fence."""
    return f"```probe\n{yaml.safe_dump(definition, allow_unicode=True, sort_keys=False)}```\n"


def build(
    folder: Path, *options: str, timeout: float = 60, **environ: str
) -> subprocess.CompletedProcess[str]:
    """`mkdocs build` in this machine's own network."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **environ}
    command = [sys.executable, "-m", "mkdocs", "build", *options]
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def lab_figures(
    lab: "Internet",
    folder: Path,
    questions: Mapping[str, Mapping[str, Any]],
    front: str = "",
    **settings: Any,
) -> dict[str, str]:
    """The figures of a page with these definitions by id, built on the author's computer there.

    ``front``: what is above them on the page.
    """
    text = "\n".join(fence(id=name, **question) for name, question in questions.items())
    plain(make_site(folder, {"index.md": front + text}, **{"timeout": 8, **settings}))
    argv = [sys.executable, "-m", "mkdocs", "build", "-q"]
    done = lab.run("pc", argv, cwd=folder, env=lab.settings(), should_succeed=False, timeout=90)
    assert done.returncode == 0, done.stderr
    return figures((folder / "site" / "index.html").read_text("utf-8"))


def figures(page: str) -> dict[str, str]:
    """The text of each figure of a page by its id, tags taken away."""
    found = {}
    for match in re.finditer(
        r'<figure class="probe[^"]*"(?: id="([^"]*)")?.*?</figure>', page, re.DOTALL
    ):
        found[(match[1] or "").removeprefix("probe-")] = html.unescape(
            re.sub(r"<[^>]+>", "", match[0])
        )
    return found


def make_blog(folder: Path, posts: dict[str, str]) -> Path:
    """A blog under the project's own mkdocs.yml, theme and hooks, with these posts alone."""
    folder.mkdir(exist_ok=True)
    shutil.copy(ROOT / "mkdocs.yml", folder)
    (folder / "hooks").symlink_to(ROOT / "hooks")
    (folder / "docs" / "posts").mkdir(parents=True)
    for name in ("stylesheets", "assets"):
        shutil.copytree(ROOT / "docs" / name, folder / "docs" / name)
    shutil.copy(ROOT / "docs" / "index.md", folder / "docs")
    for name, text in posts.items():
        (folder / "docs" / "posts" / name).write_text(text, "utf-8")
    return folder
