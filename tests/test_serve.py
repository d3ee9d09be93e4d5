"""Writing with `mkdocs serve`: a mistake shows in the page, and a saved change is there at once."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.nameserver import NameServer
from tests.servers.thread import serving

ROOT = Path(__file__).parents[1]
WRONG = """---
date: 2026-11-24
---
# Writing

```probe
dns: www.example.com
id: good
```

```probe
dns: www.example.com
tpye: MX
id: bad
```

```probe
dns: "{{ bad.addresses }}"
```

```probe
dns: "{{ good.addresses[0] }}"
```

```probe
dns: "{{ nosuch.addresses }}"
```

It is `#!probe good.addresses[0]`, not `#!probe nosuch.names`.
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The blog in ``tmp_path``, served; its address."""
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    (tmp_path / "hooks").symlink_to(ROOT / "hooks")
    ignored = shutil.ignore_patterns("posts", "guide", "decisions")
    shutil.copytree(ROOT / "docs", tmp_path / "docs", ignore=ignored)
    (tmp_path / "docs" / "posts").mkdir()
    (tmp_path / "docs" / "posts" / "a.md").write_text(WRONG, "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = NameServer()
    with serving(server):
        asked = f'["{server.address}"]'
        environment = {
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",
            "SITE_URL": f"http://127.0.0.1:{port}/",
            "SOTOKARA_RESOLVERS": asked,
            "SOTOKARA_CONTROL": asked,
        }
        command = [sys.executable, "-m", "mkdocs", "serve", "-a", f"127.0.0.1:{port}"]
        with (tmp_path / "said").open("w") as said:
            blog = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=said)
            try:
                yield f"http://127.0.0.1:{port}/"
            finally:
                blog.send_signal(signal.SIGINT)
                blog.wait(20)


def until(address: str, holds: Callable[[str], bool], seconds: float = 20) -> str:
    """The page as soon as it is so."""
    text, end = "", time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(address) as page:  # noqa: S310
            text = str(page.read(), "utf-8")
            if holds(text):
                return text
        time.sleep(0.05)
    pytest.fail(f"not so after {seconds} s: {text[-2000:]}")


def test_mistakes_show_in_the_page_and_the_rest_stays(address: str, tmp_path: Path) -> None:
    page = until(f"{address}posts/a/", lambda text: "probe-mistake" in text)
    assert "<code>docs/posts/a.md:13</code> unknown option" in page
    assert "did you mean" in page
    assert "What it refers to has a mistake." in page
    assert "docs/posts/a.md:25</code> unknown reference nosuch" in page
    assert page.count('class="probe-mistake"') == 3
    assert page.count('<figure class="probe probe-answered"') == 2
    assert '<code class="probe-value">198.18.' in page
    assert "! This definition has a mistake</em>" in page
    assert "docs/posts/a.md:13: unknown option" in (tmp_path / "said").read_text("utf-8")
    mended = WRONG.replace("tpye: MX", "type: A").replace("nosuch.addresses", "good.addresses")
    mended = mended.replace("nosuch.names", "good.names")
    (tmp_path / "docs" / "posts" / "a.md").write_text(mended, "utf-8")
    page = until(f"{address}posts/a/", lambda text: "probe-mistake" not in text)
    assert page.count('<figure class="probe probe-answered"') == 5
