"""Readers of what tools print of a TLS handshake."""

from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.tls.readers import certificate, s_client
from sotokara.kinds.tls.readers.asked import TOOLS, takes_tls

READERS = (
    TranscriptReader("s_client", TOOLS, s_client.read_s_client, by_form=True, takes=takes_tls),
    TranscriptReader("x509", TOOLS, certificate.read_x509, by_form=True, takes=takes_tls),
)
"""In the order in which they are tried."""
