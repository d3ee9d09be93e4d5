"""Readers of pasted headers."""

import re
from collections.abc import Sequence

from sotokara.kinds.mailfile.header import HeaderField
from sotokara.kinds.mailfile.judging import Replies, evaluate_header
from sotokara.kinds.mailfile.masking import FOLDED, mask_field
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import PastedLine

# A mail's header fields as they stand in a program's “view source”, or in `cat mail.eml`.

_FIELD = re.compile(r"\s{0,3}([!-9;-~]{1,76}):(?:\s+(.*))?$")
_LEAST = 2
_SAID = ("hops", "border", "unverifiable", "sender", "envelope", "date", "said")


def read_headers(
    lines: Sequence[PastedLine], at: int, _typed: Command | None = None
) -> Parsed | None:
    """Header fields from their first line to the first that is none; one Received among them."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    fields: list[list[str]] = []
    while cursor.more and cursor.typed is None:
        text = cursor.peek()
        if fields and text[:1].isspace() and text.strip() and not _FIELD.match(text):
            cursor.take()
            if text.strip() != FOLDED:
                fields[-1].append(text.strip())
            continue
        if not (field := _FIELD.match(text)):
            break
        fields.append([field[1].lower(), (field[2] or "").strip()])
        cursor.take()
    kept = [
        HeaderField(name, value)
        for name, *parts in fields
        if (value := mask_field(name, " ".join(parts))) is not None
    ]
    if len(fields) < _LEAST or not any(one.name == "received" for one in kept):
        return None
    facts = evaluate_header(kept, Replies((), closed=True), (), ())
    return cursor.listing("header", "mailfile", "", facts=facts, said=_SAID)


READERS = (
    TranscriptReader(
        "header",
        (),
        read_headers,
        begins=re.compile(
            r"^\s{0,3}(?:Received|Return-Path|Delivered-To|DKIM-Signature|Authentication-Results|"
            r"ARC-Seal|From|Date|Subject|Message-ID|X-[\w-]{2,40}):(?:\s|$)",
            re.IGNORECASE,
        ),
    ),
)
"""In the order in which they are tried."""
