"""Writes a run's objects; a process of its own takes them where there are thousands.

Python lets one thread of a process run at a time, and every file takes five calls, after each of
which the ledger's thread waits for its turn: ten thousand answers were long in when their files
were not. The other process is ``disk.py`` alone and is up in some hundredths of a second.
"""

import errno
import marshal
import os
import subprocess
import sys

from probes.ledger import disk

MANY = 256
"""Files in one batch from which on the other process is worth its start."""


class Pen:
    """What one run writes objects with."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def write_all(self, files: dict[str, bytes]) -> None:
        """All that are not there yet, flushed to disk, or none.

        :raises OSError: when the disk refuses.
        """
        if len(files) < MANY:
            disk.write_all(files, named_by_hash=True)
            return
        if self._process is None:
            command = [sys.executable, "-I", "-S", disk.__file__]
            self._process = subprocess.Popen(  # noqa: S603  # our own file
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        there, back = self._process.stdin, self._process.stdout
        assert there and back  # noqa: S101, PT018  # both are pipes
        try:
            there.write(marshal.dumps(files))
            there.flush()
            refused: tuple[int, str, str | None] | None = marshal.load(back)  # noqa: S302  # ours
        except (EOFError, BrokenPipeError) as error:
            self.close()
            raise OSError(errno.EPIPE, "the process that writes has ended") from error
        if refused:
            number, text, name = refused
            raise OSError(number, os.strerror(number) if number else text, name)

    def close(self) -> None:
        """End the other process. Safe to call again."""
        process, self._process = self._process, None
        if process is not None:
            process.communicate()
