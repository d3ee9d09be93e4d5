"""What a visit tells of who made it, masked before anything is read or kept of it.

Text is masked in the page before its picture is taken (``network/mask.js``). Where more of it is
masked afterwards, the picture shows what it should not, and is not kept.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from sotokara.core.observation import Exchange
from sotokara.kinds.page.png import bare
from sotokara.kinds.page.steps import DOCUMENT, TEXT, VISIT
from sotokara.kinds.shared.web.masking import masked, without_addresses, without_cookies
from sotokara.kinds.shared.web.message import taken, written


def hidden(exchanges: Sequence[Exchange], *, addresses: bool) -> list[Exchange]:
    """The exchanges with cookies, headers and echoed addresses masked.

    A picture's ``sent`` has the hash of the text beside it as it was, for ``shortened``, which
    takes it away.
    """
    visit = next((one for one in exchanges if one.step == VISIT), None)
    asked = [str(one.get("address", "")) for one in connections(visit)]
    text = next((one.received or b"" for one in exchanges if one.step == TEXT), b"")
    return [_hidden(one, asked, sha256(text).digest(), addresses=addresses) for one in exchanges]


def _hidden(one: Exchange, asked: Sequence[str], text: bytes, *, addresses: bool) -> Exchange:
    if one.step.startswith("picture "):
        return replace(one, sent=text, received=bare(one.received or b""))
    received, sent = one.received, without_cookies(one.sent)
    if not addresses:
        sent = without_addresses(sent, asked)
    if one.step.startswith("resource "):
        message = taken(received or b"")
        if message is not None:
            url = message.notes.get("url", "")
            if not addresses:
                url = without_addresses(url.encode(), asked).decode()
            message = masked(message, asked, addresses=addresses)
            received = written(message._replace(notes={**message.notes, "url": url}))
    elif one.step in (DOCUMENT, TEXT, VISIT) and not addresses:
        received = without_addresses(received or b"", asked)
    return replace(one, sent=sent, received=received)


def connections(visit: Exchange | None) -> list[dict[str, Any]]:
    """The connections that were wanted, as a visit has them."""
    told = told_of(visit).get("connections", [])
    return [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []


def told_of(visit: Exchange | None) -> dict[str, Any]:
    """What a visit says of itself; nothing where it says nothing that can be read."""
    try:
        told = json.loads((visit.received if visit else b"") or b"{}")
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
