"""Readers of what tools print of a path."""

import re

from sotokara.kinds.shared.terminal.documents import DOCUMENT
from sotokara.kinds.shared.terminal.interface import Reader, TranscriptReader
from sotokara.kinds.traceroute.readers import (
    documents,
    mikrotik,
    mtr,
    pathping,
    traceroute,
    tracert,
    windows,
)
from sotokara.kinds.traceroute.readers.asked import TOOLS, takes_path

_READ: tuple[tuple[str, Reader, re.Pattern[str], int], ...] = (
    ("pathping", pathping.read_pathping, pathping.BEGINS, pathping.ABOVE),
    ("tracert", tracert.read_tracert, tracert.BEGINS, tracert.ABOVE),
    ("winmtr", mtr.read_winmtr, mtr.WIN_BEGINS, 1),
    ("mtr csv", mtr.read_csv, mtr.CSV_BEGINS, 0),
    ("mtr xml", mtr.read_xml, mtr.XML_BEGINS, 0),
    ("mtr", mtr.read_mtr, mtr.BEGINS, 0),
    ("mikrotik", mikrotik.read_mikrotik, mikrotik.BEGINS, 0),
    ("dublin", documents.read_dublin, documents.BEGINS, 0),
    ("Test-NetConnection", windows.read_test, windows.BEGINS, 0),
    ("path documents", documents.read_document, DOCUMENT, 0),
    ("traceroute", traceroute.read_traceroute, traceroute.BEGINS, 0),
)
READERS = tuple(
    TranscriptReader(name, TOOLS, read, takes=takes_path, begins=begins, above=above)
    for name, read, begins, above in _READ
)
"""In the order in which they are tried."""
