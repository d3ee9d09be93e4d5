"""Readers of what tools print of a domain's mail."""

from sotokara.kinds.mail.readers import checkdmarc
from sotokara.kinds.shared.terminal.interface import TranscriptReader

READERS = (
    TranscriptReader(
        "checkdmarc",
        checkdmarc.TOOLS,
        checkdmarc.read_checkdmarc,
        by_form=True,
        begins=checkdmarc.BEGINS,
    ),
)
"""In the order in which they are tried."""
