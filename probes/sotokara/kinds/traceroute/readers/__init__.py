"""Readers of what tools print of a path."""

from collections.abc import Callable, Sequence

from sotokara.kinds.shared.terminal.interface import Command, Read, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers import (
    documents,
    dublin,
    mikrotik,
    mtr,
    mtr_forms,
    pathping,
    traceroute,
    tracert,
    windows,
)
from sotokara.kinds.traceroute.readers.asked import TOOLS, takes_path

_READ: tuple[
    tuple[str, Callable[[Sequence[PastedLine], int, Command | None], Read | None]], ...
] = (
    ("pathping", pathping.read_pathping),
    ("tracert", tracert.read_tracert),
    ("winmtr", mtr_forms.read_winmtr),
    ("mtr csv", mtr_forms.read_csv),
    ("mtr xml", mtr_forms.read_xml),
    ("mtr", mtr.read_mtr),
    ("mikrotik", mikrotik.read_mikrotik),
    ("dublin", dublin.read_dublin),
    ("Test-NetConnection", windows.read_test),
    ("path documents", documents.read_document),
    ("traceroute", traceroute.read_traceroute),
)
READERS = tuple(TranscriptReader(name, TOOLS, read, takes=takes_path) for name, read in _READ)
"""In the order in which they are tried."""
