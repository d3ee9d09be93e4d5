"""Commands in a folder, each in a process of its own, and what they cost.

Each is forked from a process that has everything imported, so that ten years of commands take
minutes; nothing else is shared between two of them.
"""

import importlib
import os
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sotokara.kinds import KINDS
from sotokara.render import templating


class Cost(NamedTuple):
    """Of one command: seconds by the wall and of the processor, and the most memory, MB."""

    wall: float
    cpu: float
    memory: float


class StoryError(Exception):
    """A command did what it should not."""


_AHEAD = (
    *("sotokara.cli", "sotokara.mkdocs.plugin", "mkdocs.__main__", "mkdocs.commands.build"),
    *("material.plugins.blog.plugin", "material.plugins.search.plugin", "pymdownx.superfences"),
    *("dns.asyncresolver", "dns.message", "sotokara.engine.run", "sotokara.kinds.dns.kind"),
)


def get_ready() -> None:
    """Import what the commands import."""
    for name in _AHEAD:
        importlib.import_module(name)
    list(KINDS.values())
    templating.prepare()


class Hand:
    """Does commands, and keeps account."""

    def __init__(self) -> None:
        self.costs: defaultdict[str, list[Cost]] = defaultdict(list)

    def do(
        self,
        folder: Path,
        words: Sequence[str],
        environ: Mapping[str, str],
        *,
        code: int | None = 0,
        before: Callable[[], object] | None = None,
    ) -> str:
        """``sotokara …`` or ``mkdocs …``; what it printed.

        ``code`` None: however it ends. ``before``: what is done to the modules first, for another
        version of them.

        :raises StoryError: where it ends otherwise than with ``code``.
        """
        began = time.monotonic()
        with tempfile.TemporaryFile() as out:
            child = os.fork()
            if child == 0:
                os._exit(_command(folder, words, out.fileno(), before, environ))
            _, status, used = os.wait4(child, 0)
            out.seek(0)
            said = out.read().decode("utf-8", "replace")
        cost = Cost(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
        self.costs[" ".join(words[:2]) if words[0] == "mkdocs" else words[1]].append(cost)
        ended = os.waitstatus_to_exitcode(status)
        if code is not None and ended != code:
            message = f"{folder.name}: {' '.join(words)}: ended with {ended}, not {code}:\n{said}"
            raise StoryError(message)
        return said


def _command(
    folder: Path,
    words: Sequence[str],
    out: int,
    before: Callable[[], object] | None,
    environ: Mapping[str, str],
) -> int:
    os.chdir(folder)
    os.environ.update(environ)
    os.dup2(out, 1)
    os.dup2(out, 2)
    sys.path[:] = [one for one in sys.path if one]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        if before is not None:
            before()
        if words[0] == "mkdocs":
            from mkdocs.__main__ import cli as main
        else:
            from sotokara.cli import main
        main(list(words[1:]), prog_name=words[0])
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:  # noqa: BLE001  # it is told by the parent
        traceback.print_exc()
        return 70
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def git(folder: Path, *words: str, check: bool = True) -> str:
    """Git, as the person whose clone it is."""
    person = f"user.name={folder.name}", f"user.email={folder.name}@example.com"
    asked = ["git", *(word for one in person for word in ("-c", one)), *words]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    if check and done.returncode:
        message = f"{folder.name}: git {' '.join(words)}: {done.stdout}{done.stderr}"
        raise StoryError(message)
    return done.stdout + done.stderr
