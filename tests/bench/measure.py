"""Times and peak memory of whole builds, each in a process of its own, and the sites to build."""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
RUNS = int(os.environ.get("BENCH_RUNS", "5"))
_LOOK = 0.1
"""Seconds between two looks at a build's memory; each takes some milliseconds of it."""


class Cost(NamedTuple):
    """What a build took: seconds of wall clock, and MiB of memory at its peak.

    That is the most that its process had resident (getrusage(2)), or that it and its children took
    together when looked at, with what they share counted once.
    """

    seconds: float
    mib: float
    cpu: float
    """Seconds of the processor, in the program and for it."""


def build(project: Path, environ: Mapping[str, str] | None = None) -> Cost:
    """Build a site once in a new process."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", "site"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", **(environ or {})}
    # pip keeps the other packages' byte code; ours is run from its sources.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=project, env=environment)  # our own command
    ended = threading.Event()
    with ThreadPoolExecutor(1) as watcher:
        peak = watcher.submit(_peak, process.pid, ended)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        ended.set()
    if os.waitstatus_to_exitcode(status):
        message = f"the build in {project} failed"
        raise RuntimeError(message)
    cpu = usage.ru_utime + usage.ru_stime
    return Cost(seconds, max(peak.result(), usage.ru_maxrss) / 1024, cpu)


def _peak(pid: int, ended: threading.Event) -> int:
    most = 0
    while not ended.wait(_LOOK):
        most = max(most, _memory(pid))
    return most


def _memory(pid: int) -> int:
    """KiB that a process and its children take, what they share counted once (proc(5): Pss)."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
    except OSError:  # it has ended
        return 0
    own = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return own + sum(_memory(int(child)) for child in children)


def median(costs: list[Cost]) -> Cost:
    """The median of each."""
    return Cost(*(statistics.median(column) for column in zip(*costs, strict=True)))


def site(folder: Path, settings: str, pages: Mapping[str, str]) -> Path:
    """Write a site: mkdocs.yml and its pages."""
    (folder / "docs").mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(settings, "utf-8")
    for name, text in pages.items():
        (folder / "docs" / name).write_text(text, "utf-8")
    return folder


@contextlib.contextmanager
def scratch(parent: Path | None = None) -> Iterator[Path]:
    """A folder for one benchmark."""
    with tempfile.TemporaryDirectory(prefix="sotokara-bench-", dir=parent) as folder:
        yield Path(folder)


@contextlib.contextmanager
def slow_server(seconds: float) -> Iterator[str]:
    """A name server in a process of its own that answers after so many seconds."""
    command = [sys.executable, "-m", "sotokara.servers.nameserver", str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
