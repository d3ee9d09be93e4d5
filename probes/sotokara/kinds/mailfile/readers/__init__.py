"""Readers of pasted headers."""

import re

from sotokara.kinds.mailfile.readers import headers
from sotokara.kinds.shared.terminal.interface import TranscriptReader

READERS = (
    TranscriptReader(
        "header",
        (),
        headers.read_headers,
        begins=re.compile(
            r"^\s{0,3}(?:Received|Return-Path|Delivered-To|DKIM-Signature|Authentication-Results|"
            r"ARC-Seal|From|Date|Subject|Message-ID|X-[\w-]{2,40}):(?:\s|$)",
            re.IGNORECASE,
        ),
    ),
)
"""In the order in which they are tried."""
