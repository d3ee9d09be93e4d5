"""``mkdocs serve`` and Ctrl-C: only what changed is asked again, and a stop is a stop."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import dns.message
import pytest

from tests.servers.nameserver import NameServer, honest, serving
from tests.sites import fence, make_site

_WAIT = 30.0


def _name(wire: bytes) -> str:
    return dns.message.from_wire(wire).question[0].name.to_text(omit_final_dot=True)


async def _hanging(wire: bytes) -> AsyncIterator[bytes]:
    """Answers all but names that begin with ``hang``: those never."""
    if _name(wire).startswith("hang"):
        await asyncio.sleep(3600)
    yield honest(wire)


@pytest.fixture
def server() -> Iterator[NameServer]:
    server = NameServer(_hanging)
    with serving(server):
        yield server


def _asked(server: NameServer) -> set[str]:
    return {name for name in map(_name, list(server.asked)) if name.endswith(".example")}


def _until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _WAIT
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def _site(folder: Path, server: NameServer, pages: dict[str, list[str]]) -> Path:
    texts = {
        page: f"# {page}\n\n" + "\n".join(fence(dns=f"{name}.example") for name in names)
        for page, names in pages.items()
    }
    where = [server.address]
    return make_site(folder, texts, resolvers=where, control=where, timeout="5m")


@contextlib.contextmanager
def _mkdocs(folder: Path, *command: str) -> Iterator["subprocess.Popen[str]"]:
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "mkdocs", *command],
        cwd=folder,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _interrupt(process: "subprocess.Popen[str]") -> tuple[float, str]:
    """Press Ctrl-C: how long it takes until the process has ended, and what it said."""
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=_WAIT)
    return time.monotonic() - began, said


def test_an_interrupt_stops_a_hanging_build_and_keeps_what_was_seen(
    tmp_path: Path, server: NameServer
) -> None:
    folder = _site(tmp_path / "site", server, {"index.md": ["a", "b", "hang1", "hang2"]})
    with _mkdocs(folder, "build") as process:
        expected = {"a.example", "b.example", "hang1.example", "hang2.example"}
        _until(lambda: _asked(server) == expected, "not all was asked")
        time.sleep(0.5)
        seconds, said = _interrupt(process)
    assert seconds < 2
    assert process.returncode not in (0, -signal.SIGKILL)
    assert "Exception ignored" not in said
    runs = list((folder / "evidence" / "runs").rglob("*.jsonl"))
    lines = [json.loads(line) for run in runs for line in run.read_text().splitlines()]
    assert sorted(line["definition"]["dns"] for line in lines) == ["a.example", "b.example"]
    assert not list((folder / "evidence").rglob("*.part"))


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
        return number


def test_serve_asks_only_what_is_new(tmp_path: Path, server: NameServer, port: int) -> None:
    folder = _site(tmp_path / "site", server, {"index.md": ["a", "b"], "other.md": ["c"]})
    page = folder / "docs" / "index.md"

    def shown(text: str, path: str = "") -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as got:
                return text in got.read().decode()
        except OSError:
            return False

    with _mkdocs(folder, "serve", "--dev-addr", f"127.0.0.1:{port}") as process:
        _until(lambda: shown("Name: a.example"), "the site was not served")
        assert _asked(server) == {"a.example", "b.example", "c.example"}

        server.asked.clear()
        page.write_text(page.read_text("utf-8").replace("# index.md", "# Another title"), "utf-8")
        _until(lambda: shown("Another title"), "the page was not built again")
        assert shown("Name: a.example")
        assert _asked(server) == set()

        page.write_text(page.read_text("utf-8").replace("a.example", "a2.example"), "utf-8")
        _until(lambda: shown("Name: a2.example"), "the definition was not measured")
        assert shown("Name: b.example")
        assert shown("Name: c.example", "other/")
        assert _asked(server) == {"a2.example"}

        server.asked.clear()
        page.write_text(page.read_text("utf-8").replace("a2.example", "hang.example"), "utf-8")
        _until(lambda: _asked(server) == {"hang.example"}, "the rebuild did not begin")
        seconds, _ = _interrupt(process)
    assert seconds < 2


def test_serve_survives_a_mistake_and_its_mending(
    tmp_path: Path, server: NameServer, port: int
) -> None:
    folder = _site(tmp_path / "site", server, {"index.md": ["a"], "other.md": ["c"]})
    page = folder / "docs" / "index.md"
    with _mkdocs(folder, "serve", "--dev-addr", f"127.0.0.1:{port}") as process:
        _until(lambda: _asked(server) == {"a.example", "c.example"}, "nothing was asked")
        _until((folder / "evidence").exists, "nothing was kept")
        time.sleep(1)
        whole = page.read_text("utf-8")
        page.write_text(whole.replace("dns:", "dsn:"), "utf-8")
        time.sleep(2)
        page.write_text(whole.replace("a.example", "mended.example"), "utf-8")
        _until(lambda: "mended.example" in _asked(server), "it did not go on")
        seconds, said = _interrupt(process)
    assert seconds < 2
    assert "docs/index.md:4: 'dsn' is no kind; did you mean 'dns'?" in said
