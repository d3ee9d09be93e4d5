"""Saving one changed probe on a blog of 200 posts: until `mkdocs serve` has it in the browser.

The look-up itself is answered at once by a server on loopback. The floor is the same site with the
same blocks as plain code: what MkDocs and Material alone take to build everything again. Half a
second between two looks at the files, and a tenth after, are MkDocs' own too and in every figure.
"""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.bench.measure import ROOT, RUNS, scratch, slow_server, table

POSTS = 200
_PAGE = """---
date: 2026-01-{day:02d}
---
# Post {number}

Where does the name point?

<!-- more -->

```{fence}
dns: p{number}n{turn}.bench.example
```
"""


def main() -> str:
    """Measure; the table."""
    rows = []
    with scratch() as folder, slow_server(0) as server:
        for name, fence in (("plain code blocks, MkDocs alone", "text"), ("probes", "probe")):
            project = _project(folder / fence, fence)
            settings = project / "mkdocs.yml"
            without = settings.read_text("utf-8").replace("  - hooks/serving.py\n", "")
            settings.write_text(without, "utf-8")
            rows.append([f"{name}: all pages built", *_median(_whole(project, fence, server))])
        project = _project(folder / "first", "probe")
        first, meanwhile, rest = zip(*_first(project, server), strict=True)
        rows.append(["probes: the page shown first", *_median(first)])
        rows.append(
            ["the same, saved while the rest of another save is built", *_median(meanwhile)]
        )
        rows.append(["until the other pages have it too", *_median(rest)])
    return table([f"{POSTS} posts, one saved", "until it is served", "from", "to"], rows)


def _median(seconds: Iterable[float]) -> list[str]:
    every = sorted(seconds)
    return [f"{one:.2f} s" for one in (statistics.median(every), every[0], every[-1])]


def _project(project: Path, fence: str) -> Path:
    """The blog; each post has one block."""
    shutil.copytree(
        ROOT / "docs",
        project / "docs",
        ignore=shutil.ignore_patterns("posts", "guide", "decisions", "architecture.md"),
    )
    shutil.copy(ROOT / "mkdocs.yml", project)
    (project / "hooks").symlink_to(ROOT / "hooks")
    (project / "docs" / "posts").mkdir()
    for number in range(POSTS):
        _write(project, number, fence, 0)
    return project


def _whole(project: Path, fence: str, server: str) -> Iterator[float]:
    """Seconds from each save to the first page that has it."""
    with _served(project, server) as address:
        _until(f"{address}posts/p7/", 7, 0)
        for turn in range(1, RUNS + 1):
            time.sleep(1 + turn / RUNS / 2)  # at another time between two looks
            yield _saved(project, address, 7, fence, turn)


def _first(project: Path, server: str) -> Iterator[tuple[float, float, float]]:
    """Seconds until a page is shown; until another one is, saved after it; until all are right."""
    with _served(project, server) as address:
        _until(f"{address}posts/p7/", 7, 0)
        for turn in range(1, RUNS + 1):
            time.sleep(1 + turn / RUNS / 2)
            alone = _saved(project, address, 7, "probe", turn)
            time.sleep(2)  # one to see whether there is more to come
            began = time.monotonic()
            meanwhile = _saved(project, address, 8, "probe", turn)
            _until(f"{address}evidence/", 8, turn)
            yield alone, meanwhile, time.monotonic() - began


def _saved(project: Path, address: str, number: int, fence: str, turn: int) -> float:
    began = time.monotonic()
    _write(project, number, fence, turn)
    _until(f"{address}posts/p{number}/", number, turn)
    return time.monotonic() - began


def _write(project: Path, number: int, fence: str, turn: int) -> None:
    text = _PAGE.format(day=number % 28 + 1, number=number, fence=fence, turn=turn)
    (project / "docs" / "posts" / f"p{number}.md").write_text(text, "utf-8")


@contextmanager
def _served(project: Path, server: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    asked = f"[{server}]"
    environment = {
        **os.environ,
        "NO_MKDOCS_2_WARNING": "1",
        "SITE_URL": f"http://127.0.0.1:{port}/",
        "SOTOKARA_RESOLVERS": asked,
        "SOTOKARA_CONTROL": asked,
    }
    command = [sys.executable, "-m", "mkdocs", "serve", "-q", "-a", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=project, env=environment) as serving:
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            serving.send_signal(signal.SIGINT)


def _until(address: str, number: int, turn: int) -> None:
    name = f"p{number}n{turn}.bench.example"
    for _ in range(3000):
        with suppress(OSError), urllib.request.urlopen(address) as page:  # noqa: S310  # loopback
            text = str(page.read(), "utf-8")
            if name in text:
                return
        time.sleep(0.02)
    message = f"{name} was never served"
    raise TimeoutError(message)
