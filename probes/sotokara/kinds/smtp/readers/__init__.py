"""Readers of SMTP dialogues and delivery reports."""

from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.smtp.readers import dialogue, report
from sotokara.kinds.smtp.readers.dialogue import TOOLS, takes_dialogue
from sotokara.kinds.smtp.readers.report_forms import BEGINS

READERS = (
    TranscriptReader(
        "smtp",
        TOOLS,
        dialogue.read_dialogue,
        by_form=True,
        takes=takes_dialogue,
        begins=dialogue.BEGINS,
    ),
    TranscriptReader("report", (), report.read_report, begins=BEGINS),
)
"""In the order in which they are tried."""
