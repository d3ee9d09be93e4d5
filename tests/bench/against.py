"""The 50 × 4 look-ups by an older revision and by this one, in turn.

``BENCH_AGAINST=REVISION python -m tests.bench against``; the revision is taken out of git into a
folder of its own, and runs with the packages that are installed here. Wall clock varies with what
else the machine does; the processor's time says what the code costs.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.bench.latency import ARTICLES, LOOKUPS, SECONDS, _must_hold, _nothing, _pages, _probe
from tests.bench.measure import ROOT, RUNS, Cost, build, median, scratch, site, slow_server, table

_CONFIG = (
    "site_name: Bench\nsite_url: https://bench.example/\ntheme:\n  name: material\n  font: false\n"
    "markdown_extensions: [pymdownx.superfences]\nplugins: [search]\n"
    "hooks: ['{code}/hooks/figures.py']\n"
)


def main() -> str:
    """Measure both, without and with fences; the table."""
    revision = os.environ.get("BENCH_AGAINST", "")
    if not revision:
        return "Not measured: BENCH_AGAINST names no revision."
    with scratch() as folder, slow_server(SECONDS) as server:
        codes = {revision: _taken_out(revision, folder / "code"), "this": ROOT}
        environ = {"SOTOKARA_RESOLVERS": f"[{server}]", "SOTOKARA_CONTROL": f"[{server}]"}
        costs: dict[tuple[str, bool], list[Cost]] = {}
        for turn in range(RUNS):
            for name, code in codes.items():
                for asks in (False, True):
                    pages = _pages(_probe if asks else _nothing)
                    project = site(
                        folder / f"{turn}-{name}-{asks}", _CONFIG.format(code=code), pages
                    )
                    own = environ | {"PYTHONPATH": str(code / "probes")}
                    costs.setdefault((name, asks), []).append(build(project, own))
                    _must_hold(project, measured=asks)
                    shutil.rmtree(project)
    return table(*_rows(list(codes), costs))


def _rows(
    names: list[str], costs: dict[tuple[str, bool], list[Cost]]
) -> tuple[list[str], list[list[str]]]:
    rows = []
    for name in names:
        alone, asked = (median(costs[name, asks]) for asks in (False, True))
        rows.append(
            [
                name,
                f"{asked.seconds:.2f} s",
                f"{asked.seconds - alone.seconds:+.2f} s",
                f"{asked.cpu:.2f} s",
                f"{asked.cpu - alone.cpu:+.2f} s",
                f"{asked.mib:.0f} MiB",
            ]
        )
    what = f"{ARTICLES} articles × {LOOKUPS} look-ups of {SECONDS * 1000:.0f} ms"
    return [what, "wall", "of that, for look-ups", "CPU", "of that, for look-ups", "memory"], rows


def _taken_out(revision: str, folder: Path) -> Path:
    """The files of a revision."""
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", revision, "hooks", "probes"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder
