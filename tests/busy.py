"""``python -m tests.busy COMMAND…``: a command beside two processes that never rest.

A test that asserts seconds falls over there; one that counts does not.
"""

import multiprocessing
import subprocess
import sys

_LOOPS = 2


def _spin() -> None:
    while True:
        pass


def main(words: list[str]) -> int:
    """The command's exit code."""
    loops = [multiprocessing.Process(target=_spin, daemon=True) for _ in range(_LOOPS)]
    for one in loops:
        one.start()
    try:
        return subprocess.run(words, check=False).returncode
    finally:
        for one in loops:
            one.kill()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
