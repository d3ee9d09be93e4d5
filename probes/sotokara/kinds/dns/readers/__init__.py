"""Readers of what tools print of DNS answers."""

from sotokara.kinds.dns.readers import (
    dig,
    documents,
    host,
    modern,
    nslookup,
    nslookup_debug,
    powershell,
)
from sotokara.kinds.dns.readers.asked import TOOLS, takes_dns
from sotokara.kinds.shared.terminal.interface import TranscriptReader

_READ = (
    ("dns documents", documents.read_document),
    ("dig", dig.read_dig),
    ("Resolve-DnsName", powershell.read_resolve),
    ("dog", modern.read_modern),
    ("host", host.read_host),
    ("nslookup debug", nslookup_debug.read_debug),
    ("nslookup", nslookup.read_nslookup),
)
READERS = tuple(TranscriptReader(name, TOOLS, read, takes=takes_dns) for name, read in _READ)
"""In the order in which they are tried."""
