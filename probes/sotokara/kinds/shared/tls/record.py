"""The record of a handshake: lines of text, then the chain as sent in PEM.

It is made while the connection is open, and is all that facts are read from. What can only be
judged on the spot (do our roots know it?) is written down there.
"""

import re
import ssl
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sotokara.masking.handshakes import HANDSHAKE, MASKED

MEDIA_TYPE = HANDSHAKE
MOST_CERTIFICATES = 10
_BLOCK = re.compile(
    rf"-----BEGIN (CERTIFICATE|{MASKED})-----\s+([A-Za-z0-9+/=\s]+?)-----END \1-----"
)
_HEAD = re.compile(r"([a-z][a-z -]*): ?(.*)")


class HandshakeRecord(NamedTuple):
    """A record, taken apart. ``chain`` in DER; ``masked``: which of them have been altered."""

    head: dict[str, list[str]]
    """The lines before the chain: each key's values, in order."""
    chain: list[bytes]
    masked: list[bool]

    def one(self, key: str) -> str:
        """The first value of a key; empty without any."""
        return self.head.get(key, [""])[0]

    @property
    def moment(self) -> datetime:
        """When the handshake was. :raises ValueError: for a record that does not say it."""
        found = datetime.fromisoformat(self.one("moment"))
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def content(self, key: str) -> bytes:
        """The bytes that a key's value holds in base64; none where it is not that."""
        try:
            return b64decode(self.one(key), validate=True)
        except (NotBase64, ValueError):
            return b""


def format_record(
    version: str,
    cipher: str,
    chain: Sequence[bytes],
    stands: str,
    more: Sequence[tuple[str, str]] = (),
) -> bytes:
    """A record as it is kept. ``stands``: the chain's standing; ``more``: further lines."""
    now = datetime.now(UTC).replace(microsecond=0)
    head = [
        ("version", version),
        ("cipher", cipher),
        ("moment", now.isoformat()),
        ("chain", stands),
    ]
    lines = [f"{key}: {' '.join(value.split())}" for key, value in (*head, *more)]
    pem = [ssl.DER_cert_to_PEM_cert(der).strip() for der in chain]
    return "\n".join([*lines, *pem, ""]).encode("utf-8", "replace")


def base64(content: bytes) -> str:
    """Bytes as the value of a line."""
    return b64encode(content).decode()


def parse_record(recorded: bytes) -> HandshakeRecord | None:
    """A record, from what ``format_record`` wrote; None where it is not that."""
    text = recorded.decode("utf-8", "replace")
    lines, _, _ = text.partition("-----BEGIN")
    head: dict[str, list[str]] = {}
    for line in lines.splitlines()[:64]:
        if match := _HEAD.fullmatch(line):
            head.setdefault(match[1], []).append(match[2])
    if "version" not in head or "moment" not in head:
        return None
    chain, masked = [], []
    for match in _BLOCK.finditer(text):
        try:
            chain.append(b64decode("".join(match[2].split()), validate=True))
        except (NotBase64, ValueError):
            continue
        masked.append(match[1] == MASKED)
    return HandshakeRecord(head, chain[:MOST_CERTIFICATES], masked[:MOST_CERTIFICATES])
