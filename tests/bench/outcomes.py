"""A hundred thousand names, one in a hundred broken: the same comes of each alone and in a crowd.

A resolver that gives up with SERVFAIL when more than twelve questions wait; names that are broken
for themselves in four known ways (`tests.servers.crowded`). The list is asked one question after
the other, then with a thousand under way, and every row of the two batches is compared: outcome,
failure, facts. Exit by an error where one differs. OUTCOMES sets another number of names.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from sotokara.network.clock import Loop

from tests.bench.measure import ROOT, scratch, table
from tests.one_batch import measured
from tests.servers.crowded import way

NAMES = 100_000
HOLDS, SECONDS = 12, 0.0002
"""Questions that the resolver holds, and what each takes it."""
_DIFFERING = 20


class Asked(NamedTuple):
    """What came of a list, and how it was asked."""

    rows: dict[str, str]
    seconds: float


@contextlib.contextmanager
def resolver() -> Iterator[int]:
    """The resolver in a process of its own: its port."""
    command = [sys.executable, "-m", "tests.servers.crowded", str(HOLDS), str(SECONDS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


async def ask(folder: Path, port: int, names: list[str], at_once: int) -> Asked:
    """Measure a batch of these names with so many questions under way."""
    began = time.monotonic()
    bulk = {"under_way": at_once}
    rows = await measured(folder, port, names, timeout=2, concurrency=at_once, bulk=bulk)
    took = time.monotonic() - began
    told = {
        row.name: f"{row.outcome} {row.failure.name if row.failure else ''} {row.facts.decode()}"
        for row in rows
    }
    return Asked(told, took)


def differing(alone: dict[str, str], crowd: dict[str, str]) -> list[str]:
    """The names of which not the same came."""
    return sorted(one for one in alone.keys() | crowd.keys() if alone.get(one) != crowd.get(one))


def main() -> str:
    """Measure twice and compare; the table of what came of whom."""
    count = int(os.environ.get("OUTCOMES", NAMES))
    numbers = {f"n{one}.example": one for one in range(count)}
    with scratch() as folder, resolver() as port, asyncio.Runner(loop_factory=Loop) as runner:
        alone = runner.run(ask(folder / "alone", port, [*numbers], 1))
        crowd = runner.run(ask(folder / "crowd", port, [*numbers], 1000))
    wrong = differing(alone.rows, crowd.rows)
    for name in wrong[:_DIFFERING]:
        sys.stdout.write(f"{name}: {alone.rows.get(name)} | {crowd.rows.get(name)}\n")
    counts = [
        Counter((way(numbers[name]) or "–", *told.split(" ")[:2]) for name, told in rows.items())
        for rows in (alone.rows, crowd.rows)
    ]
    rows = [
        [key[0], f"{key[1]} {key[2]}".strip().replace("_", " "), f"{one[key]:,}", f"{other[key]:,}"]
        for one, other in [counts]
        for key in sorted({*one, *other})
    ]
    rows.append(["", "seconds", f"{alone.seconds:,.0f}", f"{crowd.seconds:,.0f}"])
    text = table(["broken", "what came of it", "one at a time", "a thousand under way"], rows)
    if wrong or len(alone.rows) != count:
        raise SystemExit(f"{text}\n{len(wrong):,} of {count:,} names differ")
    return f"{text}\n\n{count:,} names, 0 differ"
