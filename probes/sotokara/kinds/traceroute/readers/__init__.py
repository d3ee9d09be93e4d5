"""Readers of tracert, mtr and traceroute."""

from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.traceroute.readers import mtr, traceroute, tracert

READERS = (
    TranscriptReader("tracert", ("tracert",), tracert.read_tracert),
    TranscriptReader("mtr", ("mtr",), mtr.read_mtr),
    TranscriptReader(
        "traceroute", ("traceroute", "traceroute6", "tracepath"), traceroute.read_traceroute
    ),
)
"""In the order in which they are tried."""
