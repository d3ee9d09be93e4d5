"""1,000 posts × 5 replayed probes against the same site without the fences: wall and memory.

An article has five steps of some hundred words, each with its probe. Beside both stands the site
with the same fences as plain code blocks: what any block costs MkDocs, Material and the search.
"""

import shutil
from pathlib import Path

from tests.bench.measure import ROOT, RUNS, Cost, build, median, scratch, site, slow_server, table

POSTS, PROBES = 1000, 5
_HEAD = """---
date: 2026-01-{day:02d}
categories: [Bench]
---
# Post {number}

Where does the name point today?

<!-- more -->

"""
_PROSE = "The address belongs to the network that the last article was *about*. " * 8


def main() -> str:
    """Measure; the table."""
    with scratch() as folder:
        projects = {fence: _project(folder / (fence or "none"), fence) for fence in _ROWS}
        with slow_server(0) as server:
            where = f"[{server}]"
            build(projects["probe"], {"SOTOKARA_RESOLVERS": where, "SOTOKARA_CONTROL": where})
        for fence in ("", "text"):  # the pictures for links are drawn: they are the same
            shutil.copytree(projects["probe"] / ".cache", projects[fence] / ".cache")
        costs: dict[str, list[Cost]] = {fence: [] for fence in projects}
        for _ in range(RUNS):
            for fence, project in projects.items():
                costs[fence].append(build(project, {"SOTOKARA_MODE": "replay"}))
    plain = median(costs[""])
    rows = []
    for fence, name in _ROWS.items():
        cost = median(costs[fence])
        wall, memory = cost.seconds / plain.seconds, cost.mib / plain.mib
        numbers = [f"{cost.seconds:.2f} s", f"{wall:.2f}", f"{cost.mib:.0f} MiB", f"{memory:.2f}"]
        rows.append([name, *numbers])
    header = [f"{POSTS:,} posts × {PROBES}", "wall", "ratio", "peak memory", "ratio"]
    return table(header, rows)


_ROWS = {"": "no fences", "text": "the fences as plain code blocks", "probe": "replayed probes"}


def _project(folder: Path, fence: str) -> Path:
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    site(folder, settings, {"index.md": "# Front\n"})
    for name in ("stylesheets", "assets"):
        shutil.copytree(ROOT / "docs" / name, folder / "docs" / name)
    (folder / "hooks").symlink_to(ROOT / "hooks")
    (folder / "docs" / "posts").mkdir()
    for number in range(POSTS):
        page = folder / "docs" / "posts" / f"p{number}.md"
        page.write_text(_post(number, fence), "utf-8")
    return folder


def _post(number: int, fence: str) -> str:
    steps = []
    for one in range(PROBES):
        block = f"\n```{fence}\ndns: p{number}n{one}.bench.example\n```\n" if fence else ""
        steps.append(f"## Step {one}\n\n{_PROSE}\n{block}")
    return _HEAD.format(day=number % 28 + 1, number=number) + "\n".join(steps)
