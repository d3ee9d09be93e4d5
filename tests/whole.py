"""All tests side by side, then the few that failed so once more, alone (decision 186).

    python -m tests.whole -n 4 --dist loadfile --no-loadscope-reorder

Options are pytest's. What fails twice has failed, and so has everything when more than ``MOST``
failed; tests that passed only alone are named at the end.
"""

import json
import subprocess
import sys
from pathlib import Path

MOST = 5
"""So many failures at most are tried again: more are no accident of a busy machine."""
_FAILED = 1
"""pytest's exit status for “tests were run, and some failed”; others are never tried again."""


def main(options: list[str], folder: Path = Path()) -> int:
    """Run the tests of ``folder``; returns the exit status."""
    pytest = [sys.executable, "-m", "pytest"]
    status = subprocess.run(
        [*pytest, "--cache-clear", *options], cwd=folder, check=False
    ).returncode
    if status != _FAILED:
        return status
    kept = folder / ".pytest_cache/v/cache/lastfailed"
    failed = list(json.loads(kept.read_text("utf-8"))) if kept.exists() else []
    if not 0 < len(failed) <= MOST:
        return status
    print(f"\n{len(failed)} failed beside others; once more, alone:", flush=True)
    again = [*pytest, "--last-failed", "--last-failed-no-failures", "none", "-p", "no:xdist"]
    status = subprocess.run(again, cwd=folder, check=False).returncode
    if status == 0:
        print("Passed only alone, so look at them:", *failed, sep="\n  ")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
