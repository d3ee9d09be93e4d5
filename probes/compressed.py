"""Names in DNS messages whose end is a pointer to another name (RFC 1035, 4.1.4)."""

import re
from collections.abc import Sequence

_POINTER = rb"[\xc0-\xff]."
_MOST_LABELS = 128


def mask_compressed(wire: bytes, labels: Sequence[bytes]) -> bytes:
    """A message in which the labels that stand before a pointer to the rest of a name are masked.

    ``labels``: the name that is hidden. Its end, which the pointer leads to, may be part of other
    names and stays; no length changes.
    """
    pattern = b""
    for label in reversed(labels[:-1]):
        head = bytes([len(label)]) + label
        pattern = re.escape(head) + (b"(?:%b|%b)" % (_POINTER, pattern) if pattern else _POINTER)
    if not pattern:
        return wire
    for match in re.finditer(pattern, wire, re.IGNORECASE | re.DOTALL):
        start, end = match.start(), match.end() - 2
        given = 0
        for length in map(len, labels):  # how many labels stand before the pointer
            if start >= end:
                break
            start, given = start + 1 + length, given + 1
        rest = [label.lower() for label in labels[given:]]
        if _labels(wire, end)[: len(rest)] == rest:
            wire = wire[: match.start()] + _shape(labels[:given]) + wire[end:]
    return wire


def _shape(labels: Sequence[bytes]) -> bytes:
    return b"".join(bytes([len(label)]) + b"x" * len(label) for label in labels)


def _labels(wire: bytes, at: int) -> list[bytes]:
    """The labels of the name at an offset, in lower case; as far as it can be followed."""
    found: list[bytes] = []
    while at + 1 < len(wire) and wire[at] and len(found) < _MOST_LABELS:
        if wire[at] >= 0xC0:  # noqa: PLR2004  # a pointer: two bits, then the offset
            target = int.from_bytes(wire[at : at + 2], "big") & 0x3FFF
            if target >= at:  # only backwards, so this ends
                break
            at = target
            continue
        found.append(wire[at + 1 : at + 1 + wire[at]].lower())
        at += 1 + wire[at]
    return found
