"""The simulated clock: libfaketime, with the time in a file, so that it can be moved on."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

_LIBRARIES = (
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib64/faketime/libfaketime.so.1",
)
_FILE = "FAKETIME_TIMESTAMP_FILE"


def library() -> str | None:
    """Where libfaketime is; None where it is not installed."""
    return next((one for one in _LIBRARIES if Path(one).exists()), None)


def environment(file: Path, *, waits: bool = False) -> dict[str, str]:
    """What a process is started with whose clock ``file`` moves.

    ``waits``: the monotonic clock is left alone, as a machine leaves it whose clock is set. Else it
    follows, so that durations over years make sense, but no thread may wait with a deadline:
    Python hands that to ``sem_clockwait``, which libfaketime 0.9.10 does not know, as a moment of
    the moved clock, and the kernel waits for it by its own: for half a century.
    """
    found = library()
    if found is None:
        message = "libfaketime is not installed: tests/system-packages"
        raise FileNotFoundError(message)
    return {
        **os.environ,
        "LD_PRELOAD": found,
        _FILE: str(file),
        "FAKETIME_NO_CACHE": "1",
        "NO_FAKE_STAT": "1",
        "TZ": "UTC",
        **({"FAKETIME_DONT_FAKE_MONOTONIC": "1"} if waits else {}),
    }


class Clock:
    """The clock of this process and of all that it starts."""

    def __init__(self) -> None:
        self._file = Path(os.environ[_FILE])

    def set(self, moment: datetime) -> None:
        """From now on it is so late, and time goes on from there.

        An offset, not a point in time: what runs meanwhile sees its seconds pass.
        """
        self._file.write_text("+0\n", "utf-8")
        self._file.write_text(f"{moment.timestamp() - time.time():+.3f}\n", "utf-8")
        beyond = abs((datetime.now(UTC) - moment).total_seconds())
        if beyond > 60:  # seconds that a loaded machine may have taken
            sys.exit(f"the clock cannot be set: {datetime.now(UTC)} in place of {moment}")
