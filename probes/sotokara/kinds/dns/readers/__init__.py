"""Readers of what tools print of DNS answers."""

import re

from sotokara.kinds.dns.readers import (
    dig,
    documents,
    host,
    modern,
    nslookup,
    nslookup_debug,
    nslookup_form,
    powershell,
)
from sotokara.kinds.dns.readers.asked import TOOLS, takes_dns
from sotokara.kinds.shared.terminal.interface import Reader, TranscriptReader

_READ: tuple[tuple[str, Reader, re.Pattern[str], int], ...] = (
    ("dns documents", documents.read_document, documents.BEGINS, 0),
    ("dig", dig.read_dig, dig.BEGINS, 0),
    ("Resolve-DnsName", powershell.read_resolve, powershell.BEGINS, 0),
    ("dog", modern.read_modern, modern.BEGINS, 0),
    ("host", host.read_host, host.BEGINS, 0),
    ("nslookup debug", nslookup_debug.read_debug, nslookup_debug.BEGINS, 0),
    ("nslookup form", nslookup_form.read_form, nslookup_form.BEGINS, 0),
    ("nslookup", nslookup.read_nslookup, nslookup.BEGINS, 1),
)
READERS = tuple(
    TranscriptReader(name, TOOLS, read, takes=takes_dns, begins=begins, above=above)
    for name, read, begins, above in _READ
)
"""In the order in which they are tried."""
