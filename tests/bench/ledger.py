"""A year of evidence: its size in git, one probe's history, a build that draws it.

438,000 observations (``tests.year``), the same at a tenth and, with ``full`` (or BENCH_FULL=1), at
ten times; that takes a quarter of an hour and 12 GB of disk. ``verifying`` verifies the same.
"""

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sotokara.core.canonical import canonical, digest
from sotokara.findings.history import history as intervals
from sotokara.ledger import Ledger
from sotokara.ledger.timeline import Timeline

from tests.bench.measure import table
from tests.year import HOURS, PROBES, fill

ROOT = Path(__file__).resolve().parents[2]


def timed(rounds: int, *commands: tuple[list[str], Path]) -> list[float]:
    """The best of some runs of each, in seconds; they take turns, so that each has its calm.

    The first turn of all does not count: it finds nothing in the page cache.
    """
    times: list[list[float]] = [[] for _ in commands]
    for turn in range(rounds + 1):
        for number, (command, cwd) in enumerate(commands):
            began = time.perf_counter()
            done = subprocess.run(command, cwd=cwd, check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
            if turn:
                times[number].append(time.perf_counter() - began)
    return [min(each, default=0.0) for each in times]


def packed(folder: Path) -> float:
    """The size of the evidence in git after gc, in MB: the pack and its index."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as repository:
        git = ["git", "-c", "gc.auto=0", "-c", "user.name=bench", "-c", "user.email=b@example.com"]
        git += [f"--git-dir={repository}/.git", f"--work-tree={folder}"]
        for step in (["init", "-q"], ["add", "-A", "."], ["commit", "-qm", "e"], ["gc", "-q"]):
            subprocess.run([*git, *step], cwd=folder, check=True, capture_output=True)
        packs = list(Path(repository).glob(".git/objects/pack/*"))
        assert len([path for path in packs if path.suffix == ".pack"]) == 1
        return sum(path.stat().st_size for path in packs) / 1e6


def history(folder: Path, cache: Path) -> tuple[float, float, float]:
    """Seconds to make the index, its size in MB, seconds to read and draw one probe's history."""
    ledger = Ledger(folder, cache)
    began = time.perf_counter()
    ledger.index.refresh()
    indexed = time.perf_counter() - began
    question = digest(canonical({"dns": "host3.example.com"}))
    end = datetime.now(UTC)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        rows = Timeline(ledger, question, lambda _: True).rows
        drawn = intervals(rows, rows[0].moment, end, lambda _: True).intervals
        times.append(time.perf_counter() - began)
        assert sum(one.seen for one in drawn) == len(rows)
    (file,) = cache.glob("*.sqlite")
    with contextlib.closing(sqlite3.connect(file)) as index:  # much of it may be in its -wal yet
        pages, size = (
            index.execute(f"PRAGMA page_{what}").fetchone()[0] for what in ("count", "size")
        )
    return indexed, pages * size / 1e6, min(times)


def site(folder: Path, evidence: Path, *, drawn: bool, hours: int) -> Path:
    """A site of fifty figures over this evidence, with or without their history."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text(
        "site_name: year\nsite_url: http://127.0.0.1/\ntheme: {name: mkdocs}\n"
        "plugins: []\nhooks: [hooks/figures.py, hooks/evidence.py]\n",
        "utf-8",
    )
    (folder / "hooks").symlink_to(ROOT / "hooks")
    (folder / "evidence").symlink_to(evidence)
    (folder / ".cache").symlink_to(evidence.parent / "cache")  # one index for both
    more = f"history: {hours}h\n" if drawn else ""
    fences = [
        f"```probe\ndns: host{number}.example.com\nid: p{number}\n{more}```\n"
        for number in range(PROBES)
    ]
    (docs / "index.md").write_text("# Year\n\n" + "\n".join(fences), "utf-8")
    return folder


def builds(work: Path, evidence: Path, hours: int, rounds: int) -> tuple[float, float]:
    """Seconds of a replayed build without and with history, where there was one before."""
    command = [sys.executable, "-m", "mkdocs", "build", "-q"]
    environment = ["env", "SOTOKARA_MODE=replay", "NO_MKDOCS_2_WARNING=1", *command]
    plain = site(work / "plain", evidence, drawn=False, hours=hours)
    drawn = site(work / "drawn", evidence, drawn=True, hours=hours)
    timed(0, (environment, plain))
    copy = ["cp", "-al", "plain/site", "drawn/site"]  # the published evidence is the same
    subprocess.run(copy, cwd=work, check=True)
    without, with_history = timed(rounds, (environment, plain), (environment, drawn))
    return without, with_history


def column(hours: int) -> Iterator[str]:
    """One size's figures, in the order of ``FIGURES``."""
    rounds = 5 if hours <= HOURS else 2
    with tempfile.TemporaryDirectory(prefix="sotokara-ledger-") as name:
        work = Path(name)
        evidence = work / "evidence"
        yield f"{fill(evidence, hours):,}"
        yield f"{sum(path.is_file() for path in evidence.rglob('*')):,}"
        yield f"{packed(evidence):.1f} MB"
        indexed, size, read = history(evidence, work / "cache")
        yield f"{indexed:.1f} s, {size:.1f} MB"
        yield f"{read * 1000:.0f} ms"
        plain, drawn = builds(work, evidence, hours, rounds)
        yield f"{plain:.2f} s"
        yield f"{drawn:.2f} s (+{drawn - plain:.2f} s)"


FIGURES = (
    "observations",
    "files",
    "packed in git",
    "derived index, made anew",
    "one probe's whole history",
    "build of 50 figures",
    "the same with each one's history",
)


def main() -> str:
    """A column for a tenth of a year, a year, and with ``full`` or BENCH_FULL=1 ten years."""
    sizes = [HOURS // 10, HOURS]
    if "full" in sys.argv or os.environ.get("BENCH_FULL"):
        sizes.append(HOURS * 10)
    columns: list[list[str]] = []
    for hours in sizes:
        columns.append([])
        for figure, value in zip(FIGURES, column(hours), strict=True):
            columns[-1].append(value)
            sys.stderr.write(f"{figure}: {value}\n")
    header = ["", "1/10", "1", "10"][: len(sizes) + 1]
    return table(header, [list(row) for row in zip(FIGURES, *columns, strict=True)])
