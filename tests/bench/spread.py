"""A batch at a place with one, two and four workers, each in a network of its own.

Four namespaces of the lab have a Dask worker and a resolver each that answers 0.2 s late; a worker
has fifty questions under way, so it waits for most of its time and two cores suffice for four. A
batch goes there in shares of 5,000 subjects. Below it what a hundred million names cost on fifty
such workers, reckoned from the numbers of this run and of `python -m tests.bench bulk`.
"""

import subprocess
import time
from pathlib import Path

from sotokara.ledger.batches import Batches

from tests.bench.measure import scratch, table
from tests.lab.cluster import FarPlace

LATE, UNDER_WAY = 0.2, 50
NAMES, COUNTS = 40_000, (1, 2, 4)
_FENCE = "```probe\ndns: '{{ each.value }}'\neach: names.txt\ntype: A\nid: scan\nfrom: far\n```\n"


def seconds(lab: FarPlace, folder: Path) -> float:
    """How long a run takes that asks all names at the place."""
    site = lab.site(folder, _FENCE)
    names = "".join(f"n{one:06d}.slow.example\n" for one in range(NAMES))
    (site / "docs" / "names.txt").write_text(names, "ascii")
    began = time.monotonic()
    done = subprocess.run(lab.command(site), capture_output=True, text=True, check=True)
    took = time.monotonic() - began
    batches = Batches(site / "evidence")
    (kept,) = batches.every()
    if kept.manifest.outcomes != {"answered": NAMES}:
        why = {str(row.failure) for _, row in batches.rows(kept) if row.failure}
        raise RuntimeError(f"{done.stdout}{kept.manifest.outcomes}: {sorted(why)[:5]}")
    return took


def main() -> str:
    """Measure; the table."""
    rows = []
    began = 0
    alone = 0.0
    with scratch() as folder, FarPlace(LATE, UNDER_WAY) as lab:
        for count in COUNTS:
            while began < count:
                lab.begin(began)
                began += 1
            took = seconds(lab, folder / str(count))
            alone = alone or took
            least = NAMES / (UNDER_WAY / LATE) / count
            rows.append(
                [
                    f"{count} worker" + "s" * (count > 1),
                    f"{took:.0f} s",
                    f"{NAMES / took:,.0f}",
                    f"{alone / took:.2f} ×",
                    f"{least:.0f} s",
                ]
            )
    head = ["", f"{NAMES:,} names", "names/s", "one worker's speed", "waiting alone"]
    return table(head, rows)
