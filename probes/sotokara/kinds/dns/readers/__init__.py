"""Readers of dig, host and nslookup."""

from sotokara.kinds.dns.readers import dig, host, nslookup
from sotokara.kinds.shared.terminal.interface import TranscriptReader

READERS = (
    TranscriptReader("dig", ("dig",), dig.read_dig),
    TranscriptReader("host", ("host",), host.read_host),
    TranscriptReader("nslookup", ("nslookup",), nslookup.read_nslookup),
)
"""In the order in which they are tried."""
