"""The whole suite under another program than MkDocs: ``SOTOKARA_GENERATOR=properdocs pytest``.

ProperDocs continues MkDocs 1 and reads the same mkdocs.yml. Every ``python -m mkdocs`` that a test
starts is then ``python -m properdocs``, also inside the lab's namespaces.
"""

import subprocess
from collections.abc import Sequence
from typing import Any

GENERATORS = ("mkdocs", "properdocs")
_popen = subprocess.Popen.__init__


def renamed(command: Any, program: str) -> Any:  # whatever Popen takes
    """A command with this program in MkDocs' place; anything else as it is."""
    if not isinstance(command, Sequence) or isinstance(command, str | bytes):
        return command
    words = list(command)
    for at in range(len(words) - 1):
        if words[at : at + 2] == ["-m", "mkdocs"]:
            words[at + 1] = program
    return words


def use(program: str) -> None:
    """Let all processes that are started from now on run this program.

    :raises ValueError: for one that is not known to read mkdocs.yml as MkDocs 1 does.
    """
    if program not in GENERATORS:
        message = f"{program!r} is none of {', '.join(GENERATORS)}"
        raise ValueError(message)
    if program == "mkdocs":
        return

    def begin(self: Any, args: Any, *more: Any, **named: Any) -> None:
        _popen(self, renamed(args, program), *more, **named)

    subprocess.Popen.__init__ = begin  # type: ignore[method-assign]
