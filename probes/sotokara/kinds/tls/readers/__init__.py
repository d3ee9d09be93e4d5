"""Readers of what tools print of a TLS handshake."""

from sotokara.kinds.shared.terminal.interface import TranscriptReader
from sotokara.kinds.tls.readers import certificate, s_client
from sotokara.kinds.tls.readers.s_client import TOOLS, takes_tls

_READ = (
    ("s_client", s_client.read_s_client, s_client.BEGINS),
    ("x509", certificate.read_x509, certificate.BEGINS),
)
READERS = tuple(
    TranscriptReader(name, TOOLS, read, by_form=True, takes=takes_tls, begins=begins)
    for name, read, begins in _READ
)
"""In the order in which they are tried."""
