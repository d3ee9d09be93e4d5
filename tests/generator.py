"""The whole suite under another program than MkDocs: ``SOTOKARA_GENERATOR=properdocs pytest``.

ProperDocs continues MkDocs 1 and reads the same mkdocs.yml. Every ``mkdocs`` that a test starts is
then ``properdocs``, also in a shell's line, in a script and inside the lab's namespaces; and what
the tests themselves import of MkDocs is ProperDocs' own.
"""

import importlib
import re
import subprocess
from collections.abc import Sequence
from typing import Any

GENERATORS = ("mkdocs", "properdocs")
_TYPED = re.compile(r"""(-m |-m", "|&& |^|(?<=\n))mkdocs(?=["']| build| serve|$)""")
_popen = subprocess.Popen.__init__


def renamed(command: Any, program: str) -> Any:  # whatever Popen takes
    """A command with this program in MkDocs' place; anything else as it is."""
    if not isinstance(command, Sequence) or isinstance(command, str | bytes):
        return command
    return [
        _renamed(word, program) if at == 0 or command[at - 1] in ("-m", "-c") else word
        for at, word in enumerate(command)
    ]


def _renamed(word: Any, program: str) -> Any:
    if not isinstance(word, str):
        return word
    if "from mkdocs" in word:  # a script
        word = f"import {program}.replacement\n{word}"
    return _TYPED.sub(rf"\1{program}", word)


def use(program: str) -> None:
    """Let this process, and all that are started from now on, run this program.

    :raises ValueError: for one that is not known to read mkdocs.yml as MkDocs 1 does.
    """
    if program not in GENERATORS:
        message = f"{program!r} is none of {', '.join(GENERATORS)}"
        raise ValueError(message)
    if program == "mkdocs":
        return
    importlib.import_module(f"{program}.replacement")

    def begin(self: Any, args: Any, *more: Any, **named: Any) -> None:
        _popen(self, renamed(args, program), *more, **named)

    subprocess.Popen.__init__ = begin  # type: ignore[method-assign]
