"""Readers of whois answers."""

from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.whois.readers import whois

READERS = (TranscriptReader("whois", ("whois", "jwhois"), whois.read_whois, by_form=True),)
"""In the order in which they are tried."""
