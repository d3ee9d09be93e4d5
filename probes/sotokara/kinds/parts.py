"""The parts of a kind's folder that are loaded when they are needed: styles, transcript readers."""

import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping

from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.shared.view import Picture, Table, View

Style = Callable[[View], list[str] | Table | Picture]


def styles_of(kind: type[Kind]) -> Mapping[str, Style]:
    """The text styles of a kind by name, the default first: ``STYLES`` in its ``styles.py``."""
    styles: Mapping[str, Style] = importlib.import_module(f"{_folder(kind)}.styles").STYLES
    return styles


def transcript_readers() -> Iterator[tuple[str, TranscriptReader]]:
    """Every reader of old terminal output with its kind, in the order in which they are tried.

    A kind that has some lists them as ``READERS`` in its ``readers/__init__.py``.
    """
    for kind in KINDS.values():
        name = f"{_folder(kind)}.readers"
        if importlib.util.find_spec(name) is not None:
            for reader in importlib.import_module(name).READERS:
                yield kind.name, reader


def _folder(kind: type[Kind]) -> str:
    return kind.__module__.rpartition(".")[0]
