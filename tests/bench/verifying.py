"""Verifying a year of evidence, leaves included, against ``sha256sum`` over the same files.

438,000 observations (``tests.year``), a tenth of them and, with ``full``, ten times as many; that
takes ten minutes and 3 GB of disk, which are given back. The commands take turns, and the best
time of each counts; processor time is that of all its processes.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench.measure import table
from tests.year import HOURS, fill

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "probes" / "sotokara" / "ledger" / "verify.py"
FIGURES = (
    "observations",
    "files",
    "`sha256sum` over all files",
    "`verify.py`, the reader's file",
    "against `sha256sum`",
    "`sotokara verify --read`, the index made anew",
)


class Took(NamedTuple):
    """Seconds of wall clock and of the processor."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of CPU)"


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def timed(command: list[str], folder: Path) -> Took:
    """Run a command that has to find nothing wrong."""
    began, before = time.perf_counter(), _spent()
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    took = Took(time.perf_counter() - began, _spent() - before)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return took


def best(several: list[Took]) -> Took:
    """The best of each."""
    return Took(min(one.wall for one in several), min(one.cpu for one in several))


def column(hours: int) -> Iterator[str]:
    """One size's figures, in the order of ``FIGURES``."""
    rounds = 5 if hours <= HOURS else 1
    with tempfile.TemporaryDirectory(prefix="sotokara-verifying-") as name:
        work = Path(name)
        yield f"{fill(work / 'evidence', hours):,}"
        files = [str(path) for path in (work / "evidence").rglob("*") if path.is_file()]
        (work / "files").write_text("\n".join(files))
        (work / "mkdocs.yml").write_text("site_name: year\n", "utf-8")
        yield f"{len(files):,}"
        summing = ["sh", "-c", "xargs sha256sum < files > /dev/null"]
        timed(summing, work)  # it fills the page cache
        sums, verified = [], []
        for _ in range(rounds):
            sums.append(timed(summing, work))
            verified.append(timed([sys.executable, str(VERIFIER), "evidence"], work))
        hashing, verifying = best(sums), best(verified)
        yield str(hashing)
        yield str(verifying)
        ratio = verifying.wall / hashing.wall, verifying.cpu / hashing.cpu
        yield f"{ratio[0]:.1f} × ({ratio[1]:.1f} × of CPU)"
        yield str(timed([sys.executable, "-m", "sotokara", "verify", "--read"], work))


def main() -> str:
    """A column for a tenth of a year, a year, and with ``full`` or BENCH_FULL=1 ten years."""
    sizes = {"1/10": HOURS // 10, "1": HOURS}
    if "full" in sys.argv or os.environ.get("BENCH_FULL"):
        sizes["10"] = HOURS * 10
    columns: list[list[str]] = []
    for hours in sizes.values():
        columns.append([])
        for figure, value in zip(FIGURES, column(hours), strict=True):
            columns[-1].append(value)
            sys.stderr.write(f"{figure}: {value}\n")
    return table(["", *sizes], [list(row) for row in zip(FIGURES, *columns, strict=True)])
