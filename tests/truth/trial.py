"""The lab's whole article again and again, on a line that is well: all of it has to be answered.

``python -m tests.truth.trial [TIMES]``
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.truth.faults import WELL
from tests.truth.run import Truth, meet


def main() -> None:
    """Build; ends with 1 where anything was not answered in any of the builds."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    every: Counter[str] = Counter()
    with Truth() as lab, tempfile.TemporaryDirectory() as folder:
        for number in range(times):
            told = meet(lab, WELL, Path(folder) / str(number))
            outcomes = Counter(line["outcome"] for line in told.lines)
            every += outcomes
            sent = sum(one["out"] for one in told.seen.packets)
            text = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
            print(f"{number + 1:3d}: {text}; {told.seconds:.1f} s, {sent} packets sent", flush=True)
            for line in told.lines:
                if line["outcome"] != "answered":
                    print(f"     {line['definition']}: {line.get('failure')}", flush=True)
    print(", ".join(f"{count} {name}" for name, count in sorted(every.items())))
    sys.exit(set(every) != {"answered"})


if __name__ == "__main__":
    main()
