"""``python -m tests.bench [name …]``: run benchmarks and print a Markdown table of each.

Every module of this folder with a ``main`` is one. ``BENCH_RUNS`` sets how often each build is
measured (5 by default; the median counts). The word ``full`` (or BENCH_FULL=1) adds the largest
sizes, which take long.
"""

import importlib
import os
import platform
import sys
from pathlib import Path


def modules() -> list[str]:
    """The names of all benchmarks."""
    found = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    return [name for name in found if name not in ("__init__", "__main__", "measure")]


def run(names: list[str]) -> None:
    """Run benchmarks one after the other."""
    sys.stdout.write(f"Python {platform.python_version()}, {os.cpu_count()} cores\n")
    for name in names:
        module = importlib.import_module(f"tests.bench.{name}")
        title = (module.__doc__ or name).splitlines()[0]
        sys.stdout.write(f"\n{title}\n\n")
        sys.stdout.flush()
        text = module.main()
        sys.stdout.write(f"{text}\n" if text else "")
        sys.stdout.flush()


if __name__ == "__main__":
    run([name for name in sys.argv[1:] if name != "full"] or modules())
