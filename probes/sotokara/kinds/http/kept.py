"""What is kept of a hop: its hash and what is read from it, and the body where that is wanted.

This runs once the hop is masked, so that nothing hidden enters a hash.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

import msgspec

from sotokara.core.observation import Exchange
from sotokara.kinds.http.favicon import favicon_hash
from sotokara.kinds.shared.web.message import Message, taken, written
from sotokara.kinds.shared.web.page import read_page

MOST = 512 * 1024
"""Bytes of a body that are kept, where any are; a longer one is hashed and not kept."""


def shortened(exchanges: Sequence[Exchange], keep: str) -> list[Exchange]:
    """The exchanges with bodies measured, and kept as ``keep`` says: hash, text or all."""
    found = []
    for one in exchanges:
        message = taken(one.received or b"")
        if message is not None and (one.step.startswith("hop ") or one.step == "favicon"):
            short = written(_noted(message, keep, icon=one.step == "favicon"))
            found.append(msgspec.structs.replace(one, received=short))
        else:
            found.append(one)
    return found


def _noted(message: Message, keep: str, *, icon: bool) -> Message:
    body = message.body
    notes = {**message.notes, "size": str(len(body)), "sha256": sha256(body).hexdigest()}
    text = b""
    if icon:
        notes["favicon"] = str(favicon_hash(body))
    else:
        page = read_page(body, message.header("content-type"))
        text = page.text.encode("utf-8", "replace")
        notes |= {
            "charset": page.charset,
            "title": page.title,
            "generator": page.generator,
            "text_sha256": sha256(text).hexdigest() if text else "",
            "trackers": json.dumps([[one.service, one.id] for one in page.trackers]),
            "promised": "yes" if page.promised else "no",
        }
    left = {"hash": b"", "text": text, "all": body}[keep]
    if len(left) > MOST:
        notes["not_kept"] = f"more than {MOST // 1024} KiB"
        left = b""
    notes["kept"] = keep
    return message._replace(notes={key: one for key, one in notes.items() if one}, body=left)
