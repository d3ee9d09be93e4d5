"""Readers of what ``ping`` prints."""

from sotokara.kinds.ping.readers import pings
from sotokara.kinds.shared.terminal.interface import TranscriptReader

READERS = (
    TranscriptReader(
        "ping", pings.TOOLS, pings.read_ping, takes=pings.takes_host, begins=pings.BEGINS
    ),
)
"""In the order in which they are tried."""
