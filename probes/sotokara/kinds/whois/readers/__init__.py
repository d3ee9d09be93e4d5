"""Readers of whois answers."""

from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.whois.readers import whois
from sotokara.kinds.whois.readers.asked import TOOLS, takes_whois

READERS = (
    TranscriptReader(
        "whois", TOOLS, whois.read_whois, by_form=True, takes=takes_whois, begins=whois.BEGINS
    ),
)
"""In the order in which they are tried."""
