"""Readers of what an index of the logs shows."""

from sotokara.kinds.ct.readers import crtsh
from sotokara.kinds.shared.terminal.interface import TranscriptReader

READERS = (TranscriptReader("crt.sh", (), crtsh.read_crtsh),)
"""In the order in which they are tried."""
