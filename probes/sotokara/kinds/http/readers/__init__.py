"""Readers of what ``curl`` prints."""

from sotokara.kinds.http.readers import curl
from sotokara.kinds.http.readers.asked import TOOLS, takes_curl
from sotokara.kinds.shared.terminal.interface import TranscriptReader

READERS = (TranscriptReader("curl", TOOLS, curl.read_curl, takes=takes_curl),)
"""In the order in which they are tried."""
