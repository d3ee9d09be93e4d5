"""1,000 posts × 5 replayed probes against the same site without the fences: wall and memory."""

import shutil

from tests.bench.measure import ROOT, RUNS, Cost, build, median, scratch, site, slow_server, table

POSTS, PROBES = 1000, 5
_POST = """---
date: 2026-01-{day:02d}
categories: [Bench]
---
# Post {number}

Where does the name point today?

<!-- more -->

{body}

## What it shows

{prose}
"""
_PROSE = "The address belongs to the network that the last article was about. " * 12


def main() -> str:
    """Measure; the table."""
    with scratch() as folder:
        plain, probed = folder / "plain", folder / "probed"
        settings = (ROOT / "mkdocs.yml").read_text("utf-8")
        for project in (plain, probed):
            pages = {f"p{n}.md": _post(n, fences=project is probed) for n in range(POSTS)}
            site(project, settings, {"index.md": "# Front\n"})
            shutil.copytree(ROOT / "docs" / "overrides", project / "docs" / "overrides")
            shutil.copytree(ROOT / "docs" / "stylesheets", project / "docs" / "stylesheets")
            (project / "hooks").symlink_to(ROOT / "hooks")
            (project / "docs" / "posts").mkdir()
            for name, text in pages.items():
                (project / "docs" / "posts" / name).write_text(text, "utf-8")
        with slow_server(0) as server:
            build(probed, {"SOTOKARA_RESOLVERS": f"[{server}]"})
        costs: dict[str, list[Cost]] = {"plain": [], "probed": []}
        for _ in range(RUNS):
            for name, project in (("plain", plain), ("probed", probed)):
                costs[name].append(build(project, {"SOTOKARA_MODE": "replay"}))
    without, with_probes = median(costs["plain"]), median(costs["probed"])
    rows = [
        ["without fences", f"{without.seconds:.2f} s", "1", f"{without.mib:.0f} MiB", "1"],
        [
            f"{POSTS * PROBES:,} probes replayed",
            f"{with_probes.seconds:.2f} s",
            f"{with_probes.seconds / without.seconds:.2f}",
            f"{with_probes.mib:.0f} MiB",
            f"{with_probes.mib / without.mib:.2f}",
        ],
    ]
    header = [f"{POSTS:,} posts × {PROBES} probes", "wall", "ratio", "peak memory", "ratio"]
    return table(header, rows)


def _post(number: int, *, fences: bool) -> str:
    blocks = [f"```probe\ndns: p{number}n{one}.bench.example\n```" for one in range(PROBES)]
    body = "\n\n".join(blocks) if fences else ""
    return _POST.format(day=number % 28 + 1, number=number, body=body, prose=_PROSE)
