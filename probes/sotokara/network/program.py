"""Another program run to its end: its output is read by a thread of its own.

asyncio starts processes only in the loop that Windows calls proactor, and ours has selectors there
as everywhere (``clock.Loop``). A thread needs neither, and is the same on every system.
"""

import asyncio
import contextlib
import subprocess
import threading
from typing import IO

_LARGEST = 1 << 20
_NO_WINDOW = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""Windows opens a console for a program that has none."""


class ProgramOutput:
    """What a program has printed until now; ``errors``: the beginning of its other output."""

    def __init__(self) -> None:
        self.text, self.errors = bytearray(), b""


async def output_of(argv: list[str], seconds: float) -> ProgramOutput:
    """Run a program and read what it prints, up to 1 MiB; it is ended when the time is over.

    What it has printed until then is kept. ``argv[0]`` is the program's path; no shell reads it.

    :raises OSError: when it cannot be started.
    """
    loop, seen, done = asyncio.get_running_loop(), ProgramOutput(), asyncio.Event()
    process = subprocess.Popen(  # noqa: S603, ASYNC220  # no shell; it only starts
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        creationflags=_NO_WINDOW,
    )
    other = threading.Thread(target=_errors, args=(process.stderr, seen), daemon=True)
    other.start()

    def read_pipe() -> None:
        with contextlib.suppress(OSError, ValueError):  # closed when it was ended
            assert process.stdout is not None  # noqa: S101  # a pipe was asked for
            while piece := process.stdout.read1(4096):  # type: ignore[attr-defined]
                seen.text += piece
                if len(seen.text) >= _LARGEST:
                    process.kill()
                    break
        other.join(1)
        with contextlib.suppress(RuntimeError):  # the loop is gone: nobody waits
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=read_pipe, name="program", daemon=True).start()
    try:
        async with asyncio.timeout(seconds):
            await done.wait()
    except TimeoutError:
        process.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1):
                await done.wait()
    finally:
        if process.poll() is None:
            process.kill()
        _reap(process)
    return seen


def _errors(pipe: IO[bytes] | None, seen: ProgramOutput) -> None:
    with contextlib.suppress(OSError, ValueError):
        assert pipe is not None  # noqa: S101  # a pipe was asked for
        seen.errors = pipe.read(4096)
        while pipe.read(65536):  # so that it never waits for us
            pass


def _reap(process: "subprocess.Popen[bytes]") -> None:
    """Wait for its end, which is near, and close the pipes, without making the loop wait."""

    def end() -> None:
        with contextlib.suppress(OSError):
            process.wait()
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    threading.Thread(target=end, daemon=True).start()
