"""Certificates in the record of a handshake: what is hidden may stand in them, behind base64.

A certificate of somebody who is in between may name the author's own address. Its bytes are masked
like a DNS message's, as many as there were, so it can still be read; but it is another certificate
then, and its label says so. Nothing is hashed of what was there before.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from ipaddress import ip_address

HANDSHAKE = "text/x-tls-handshake"
"""The media type of such a record."""
MASKED = "MASKED CERTIFICATE"
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----")
_ADDRESS = re.compile(rb"\x87(?:\x04(....)|\x10(.{16}))", re.DOTALL)
"""An address as a certificate's alternative name (RFC 5280, 4.2.1.6)."""
_LINE = 64


def mask_handshake(
    record: bytes, mask: Callable[[bytes], bytes], hides: Callable[[str], bool]
) -> bytes:
    """The record with what ``mask`` changes and the addresses that ``hides`` names masked."""

    def masked(match: re.Match[bytes]) -> bytes:
        try:
            der = b64decode(b"".join(match[1].split()), validate=True)
        except (NotBase64, ValueError):
            return match[0]
        found = _without_addresses(mask(der), hides)
        if found == der:
            return match[0]
        text = b64encode(found)
        lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
        label = MASKED.encode()
        head, foot = b"-----BEGIN " + label + b"-----", b"-----END " + label + b"-----"
        return b"\n".join([head, *lines, foot])

    pieces = []
    end = 0
    for match in _BLOCK.finditer(record):
        pieces += [mask(record[end : match.start()]), masked(match)]
        end = match.end()
    return b"".join([*pieces, mask(record[end:])])


def _without_addresses(der: bytes, hides: Callable[[str], bool]) -> bytes:
    for match in _ADDRESS.finditer(der):
        packed = match[1] or match[2]
        if hides(str(ip_address(packed))):
            at = match.start() + 2
            der = der[:at] + bytes(len(packed)) + der[at + len(packed) :]
    return der
