"""What only some sites need is an extra: without it a site builds, and says what it misses."""

import os
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.sites import fence

CONFIG = """site_name: A
site_url: https://a.example/
theme: {name: material, font: false}
plugins: [search, blog, {sotokara: {cards: true}}]
extra: {probes: {mode: replay}}
"""
EXTRAS = {
    "bulk": "pyarrow",
    "cards": "PIL",
    "stamps": "rfc3161_client",
    "store": "s3fs",
    "http2": "h2",
    "terminal": "rich",
    "feeds": "mkdocs_rss_plugin",
    "places": "distributed",
    "web": "OpenSSL",
    "capture": "playwright",
}


@pytest.fixture
def without(tmp_path: Path) -> dict[str, str]:
    """An environment in which none of the extras' packages can be imported."""
    folder = tmp_path / "without"
    for package in EXTRAS.values():
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text("raise ImportError('not installed')\n")
    return {**os.environ, "PYTHONPATH": str(folder), "NO_MKDOCS_2_WARNING": "1"}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    posts = folder / "docs" / "blog" / "posts"
    posts.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(CONFIG)
    (folder / "docs" / "blog" / "index.md").write_text("# Blog\n")
    (folder / "docs" / "index.md").write_text("# A\n")
    post = f"---\ndate: 2026-11-24\n---\n# Who?\n\n{fence(dns='a.example')}"
    (posts / "who.md").write_text(post)
    return folder


def run(site: Path, environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=site, env=environment, capture_output=True, text=True, check=False
    )


def test_a_site_builds_without_any(site: Path, without: dict[str, str]) -> None:
    done = run(site, without, "mkdocs", "build", "--strict")
    assert done.returncode == 0, done.stderr
    assert "a picture for links needs the extra cards: pip install 'sotokara[cards]'" in done.stderr
    assert "it has never been observed" in next((site / "site").rglob("who/index.html")).read_text()


def test_a_time_stamp_asked_for_names_its_extra(site: Path, without: dict[str, str]) -> None:
    (site / "evidence" / "runs" / "2026" / "11" / "24").mkdir(parents=True)
    (site / "ca.pem").write_text("")
    tsa = "tsa: {url: 'http://127.0.0.1:9/', certificate: ca.pem}"
    (site / "mkdocs.yml").write_text(CONFIG.replace("mode: replay", f"mode: replay, {tsa}"))
    done = run(site, without, "sotokara", "seal")
    assert done.returncode == 1
    assert "needs the extra stamps: pip install 'sotokara[stamps]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_guest_carries_few_packages_beyond_material() -> None:
    """What `pip install sotokara` adds to a site that has mkdocs-material."""
    own = _needed("sotokara") - _needed("mkdocs-material") - {"mkdocs-material"}
    assert "sotokara" not in own
    assert {"dnspython", "msgspec"} <= own
    assert len(own) <= 15, sorted(own)
    assert not own & {"pillow", "rfc3161-client", "rich", "mkdocs-rss-plugin"}


def _needed(name: str, extras: tuple[str, ...] = ("",)) -> set[str]:
    """The names of all packages that a package needs here, and what these need."""
    found: set[str] = set()
    waiting = [(name, extras)]
    while waiting:
        one, wanted = waiting.pop()
        for text in requires(one) or ():
            needed = Requirement(text)
            applies = [
                needed.marker is None or needed.marker.evaluate({"extra": e}) for e in wanted
            ]
            if any(applies) and needed.name.lower() not in found:
                found.add(needed.name.lower())
                waiting.append((needed.name, (*needed.extras, "")))
    return found
