"""What is kept of a visit: pictures and text, and of bodies their hashes, or themselves.

This runs once all is masked, so that nothing hidden enters a hash.
"""

from collections.abc import Sequence
from hashlib import sha256

from msgspec.structs import replace

from sotokara.core.observation import Exchange
from sotokara.kinds.page.steps import DOCUMENT, TEXT
from sotokara.kinds.shared.web.message import Message, taken, written

MOST, MOST_IN_ALL = 512 * 1024, 4 * 1024 * 1024
"""Bytes of one body, and of all of a page's, that are kept; what is longer is hashed."""


def shortened(exchanges: Sequence[Exchange], keep: str) -> list[Exchange]:
    """The exchanges as ``keep`` says: all, picture or text."""
    text = next((one.received or b"" for one in exchanges if one.step == TEXT), b"")
    left = MOST_IN_ALL if keep == "all" else 0
    found = []
    for one in exchanges:
        if one.step.startswith("picture "):
            found.append(_picture(one, text, keep))
        elif one.step == DOCUMENT:
            short = one.received if keep == "all" else _head(one.received or b"")
            found.append(replace(one, received=short))
        elif (message := taken(one.received or b"")) and one.step.startswith("resource "):
            fits = len(message.body) <= min(MOST, left)
            left -= len(message.body) if fits else 0
            found.append(replace(one, received=written(_noted(message, keep, fits=fits))))
        else:
            found.append(one)
    return found


def _picture(one: Exchange, text: bytes, keep: str) -> Exchange:
    """A picture, where all that it shows as text may be shown."""
    shows = one.sent != sha256(text).digest()
    gone = keep == "text" or shows
    why = b"not kept: it shows what is hidden" if shows else b""
    return replace(one, sent=why, received=None if gone else one.received)


def _head(document: bytes) -> bytes:
    """Of a document what its title and its makers' names are read from."""
    end = document.lower().find(b"</head>")
    return document[: min(end + 7, MOST)] if end >= 0 else b""


def _noted(message: Message, keep: str, *, fits: bool) -> Message:
    notes = dict(message.notes)
    if "not_kept" not in notes:
        notes |= {"size": str(len(message.body)), "sha256": sha256(message.body).hexdigest()}
        if not fits and keep == "all":
            notes["not_kept"] = "more than is kept of one page"
    notes["kept"] = keep if keep == "all" else "hash"
    return message._replace(notes=notes, body=message.body if fits and keep == "all" else b"")
