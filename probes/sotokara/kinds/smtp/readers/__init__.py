"""Readers of SMTP dialogues and delivery reports."""

from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.smtp.readers import dialogue, report

READERS = (
    TranscriptReader(
        "smtp", ("telnet", "nc", "ncat", "swaks"), dialogue.read_dialogue, by_form=True
    ),
    TranscriptReader("report", (), report.read_report),
)
"""In the order in which they are tried."""
