"""A replayed build has its evidence looked after by another process: what comes of it, and its end.

The same site is built with the other process and without one: no byte may differ.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.sites import ROOT, build, fence, make_site, with_evidence

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is no fork")
_TIMES = re.compile(
    rb"<(pubDate|lastBuildDate)>[^<]*|\b\d{4}-\d\d-\d\dT[\d:.+]{8,}Z?|\d\d:\d\d:\d\d"
)
ALONE = """
import threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
SAYS = """
import multiprocessing
def on_env(env, config, files):
    print("others:", *[one.pid for one in multiprocessing.active_children()])
"""


def with_hook(site: Path, text: str) -> Path:
    """The site with one more hook, called after those of the project."""
    (site / "more.py").write_text(text, "utf-8")
    file = site / "mkdocs.yml"
    listed = re.compile(r"(^hooks:\n(?: *- .*\n)*?( *)- .*\n)(?! *-)", re.MULTILINE)
    settings, found = listed.subn(r"\1\2- more.py\n", file.read_text("utf-8"))
    assert found == 1
    file.write_text(settings, "utf-8")
    return site


def small(folder: Path, **settings: object) -> Path:
    """A page with a transcript, published with its evidence: nothing has to be asked."""
    said = "Name: a.example\nAddress: 192.0.2.1"
    page = "# Page\n\n" + fence(dns="a.example", id="a", transcript=said, observed="2020-01-01")
    return with_evidence(make_site(folder, {"index.md": page}, **settings))


def others(done: subprocess.CompletedProcess[str]) -> list[int]:
    """The processes that a build said it had beside it."""
    found = re.search(r"^others:(.*)$", done.stdout, re.MULTILINE)
    assert found, done.stderr
    return [int(one) for one in found[1].split()]


def contents(site: Path) -> dict[str, bytes]:
    """All that was published, but for the moments at which it was."""
    files = (path for path in site.rglob("*") if path.is_file())
    return {
        path.relative_to(site).as_posix(): _TIMES.sub(b"", path.read_bytes())
        for path in files
        if path.suffix != ".gz"
    }


def test_the_whole_blog_is_the_same_to_the_byte(tmp_path: Path) -> None:
    said, published = [], []
    for name, more in (("apart", ""), ("here", ALONE)):
        site = tmp_path / name
        for folder in ("docs", "evidence"):
            shutil.copytree(ROOT / folder, site / folder)
        (site / "hooks").symlink_to(ROOT / "hooks")
        shutil.copy(ROOT / "mkdocs.yml", site)
        done = build(with_hook(site, SAYS + more), timeout=120, SOTOKARA_MODE="replay")
        assert not done.returncode, done.stderr
        assert len(others(done)) == (name == "apart")
        lines = done.stderr.replace(str(site), "").splitlines()
        said.append([line for line in lines if "seconds" not in line])
        published.append(contents(site / "site"))
    assert published[0].keys() == published[1].keys()
    assert [name for name in published[0] if published[0][name] != published[1][name]] == []
    assert said[0] == said[1]


def test_mistakes_are_the_same_list(tmp_path: Path) -> None:
    pages = {
        "index.md": fence(dns="a.example", id="a") + fence(dns="{{ a.nothing }}") + fence(dnss="x"),
        "b.md": "`#!probe c.addresses`\n\n" + fence(dns="a.example", expect="rcode +"),
    }
    said = []
    for name, more in (("apart", ""), ("here", ALONE)):
        site = with_hook(make_site(tmp_path / name, pages), SAYS + more)
        done = build(site, SOTOKARA_MODE="replay")
        assert done.returncode
        said.append(done.stderr[done.stderr.index("mistakes in probe") :])
    assert said[0] == said[1]
    assert said[0].count("docs/") == 4


def test_a_site_without_probes_needs_no_other_process(tmp_path: Path) -> None:
    site = with_hook(make_site(tmp_path / "site", {"index.md": "# Nothing\n"}), SAYS)
    done = build(site, SOTOKARA_MODE="replay")
    assert not done.returncode, done.stderr
    assert others(done) == []


def test_what_authors_keep_beside_the_evidence_stays(tmp_path: Path) -> None:
    site = small(tmp_path / "site")
    (site / "docs" / "evidence").mkdir()
    (site / "docs" / "evidence" / "map.txt").write_text("theirs", "utf-8")
    for _ in range(2):
        done = build(site)
        assert not done.returncode, done.stderr
        done = build(site, SOTOKARA_MODE="replay")
        assert not done.returncode, done.stderr
        assert (site / "site" / "evidence" / "map.txt").read_text("utf-8") == "theirs"
        assert (site / "site" / "evidence" / "SHA256SUMS").read_text("utf-8")


KILLED = """
import multiprocessing
def on_page_content(html, page, config, files):
    for one in multiprocessing.active_children():
        one.kill()
        one.join()
def on_env(env, config, files):
    print("not reached")
"""


def test_a_killed_process_is_said_and_nothing_is_published(tmp_path: Path) -> None:
    site = with_hook(small(tmp_path / "site"), KILLED)
    done = build(site, SOTOKARA_MODE="replay")
    assert done.returncode
    assert "the process that reads the evidence has ended; build again" in done.stderr
    assert "not reached" not in done.stdout
    assert not (site / "site" / "index.html").exists()


REFUSED = """
from pathlib import Path
def on_env(env, config, files):
    Path(config.site_dir, "evidence", "SHA256SUMS").mkdir(parents=True)
"""


def test_what_cannot_be_published_fails_the_build(tmp_path: Path) -> None:
    site = with_hook(small(tmp_path / "site"), REFUSED)
    done = build(site, SOTOKARA_MODE="replay")
    assert done.returncode
    assert "Is a directory" in done.stderr
    assert "SHA256SUMS" in done.stderr


BROKEN = """
from probes import filling
def broken(*args):
    return 1 / 0
filling.figure_html = broken
"""


def test_a_fault_of_our_own_says_where_it_is(tmp_path: Path) -> None:
    done = build(with_hook(small(tmp_path / "site"), BROKEN), SOTOKARA_MODE="replay")
    assert done.returncode
    assert "ZeroDivisionError" in done.stderr
    assert "return 1 / 0" in done.stderr  # the other process's own lines


ENDS = """
import multiprocessing, os, signal
def on_env(env, config, files):
    print("others:", *[one.pid for one in multiprocessing.active_children()], flush=True)
    os.kill(os.getpid(), signal.{signal})
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_nothing_outlives_the_build(tmp_path: Path, name: str) -> None:
    site = with_hook(small(tmp_path / "site"), ENDS.format(signal=name))
    done = build(site, SOTOKARA_MODE="replay")
    assert done.returncode == (-signal.SIGKILL if name == "SIGKILL" else 1)
    (other,) = others(done)
    end = time.monotonic() + 10
    while _runs(other) and time.monotonic() < end:
        time.sleep(0.05)
    assert not _runs(other)
    assert "Traceback" not in done.stderr.partition("KeyboardInterrupt")[2]


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
