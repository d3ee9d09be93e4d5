"""Saving one changed probe on a blog of 200 posts: until `mkdocs serve` has it, against no probes.

The look-up itself is answered at once by a server on loopback. The floor is the same site with the
same blocks as plain code: what MkDocs and Material alone take to build everything again.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
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
        for fence, name in (("text", "plain code blocks (MkDocs alone)"), ("probe", "probes")):
            seconds = sorted(_saves(folder / fence, fence, server))
            rows.append([name, f"{seconds[len(seconds) // 2]:.2f} s"])
    return table([f"{POSTS} posts, one saved", "until it is served"], rows)


def _saves(project: Path, fence: str, server: str) -> Iterator[float]:
    """Seconds from each save to the first page that has it."""
    shutil.copytree(
        ROOT / "docs",
        project / "docs",
        ignore=shutil.ignore_patterns("posts", "guide", "decisions"),
    )
    shutil.copy(ROOT / "mkdocs.yml", project)
    (project / "hooks").symlink_to(ROOT / "hooks")
    (project / "docs" / "posts").mkdir()
    for number in range(POSTS):
        _write(project, number, fence, 0)
    with _served(project, server) as address:
        _until(address, 0)
        for turn in range(1, RUNS + 1):
            time.sleep(1)
            began = time.monotonic()
            _write(project, 7, fence, turn)
            _until(address, turn)
            yield time.monotonic() - began


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
            yield f"http://127.0.0.1:{port}/posts/p7/"
        finally:
            serving.send_signal(signal.SIGINT)


def _until(address: str, turn: int) -> None:
    name = f"p7n{turn}.bench.example"
    for _ in range(3000):
        with suppress(OSError), urllib.request.urlopen(address) as page:  # noqa: S310  # loopback
            text = str(page.read(), "utf-8")
            if name in text:
                return
        time.sleep(0.02)
    message = f"{name} was never served"
    raise TimeoutError(message)
