"""Readers of what routers, looking glasses and RIPEstat print."""

import re

from sotokara.kinds.bgp.readers import lines, looking_glass, stat
from sotokara.kinds.shared.terminal.interface import TranscriptReader

READERS = (
    TranscriptReader(
        "show bgp",
        (),
        looking_glass.read_show_bgp,
        begins=re.compile(r"BGP routing table entry for |^\s*Network\s+Next Hop\s"),
    ),
    TranscriptReader(
        "bgpdump",
        ("bgpdump",),
        lines.read_bgpdump,
        begins=re.compile(r"^\s*(?:TABLE_DUMP2?|BGP4MP(?:_ET)?)\|"),
    ),
    TranscriptReader("RIPEstat", (), stat.read_stat, begins=re.compile(r"^\s*\{")),
)
"""In the order in which they are tried."""
