"""The hops of one definition, masked before anything is read or kept of them."""

from collections.abc import Sequence

import msgspec

from sotokara.core.observation import Exchange
from sotokara.kinds.shared.web.masking import masked
from sotokara.kinds.shared.web.message import taken, written


def hidden(exchanges: Sequence[Exchange], *, addresses: bool) -> list[Exchange]:
    """The exchanges with cookies, headers and echoed addresses masked."""
    messages = [taken(one.received or b"") for one in exchanges]
    asked = [one.notes.get("address", "") for one in messages if one is not None]
    found = []
    for one, message in zip(exchanges, messages, strict=True):
        if message is None:
            found.append(one)
            continue
        received = written(masked(message, asked, addresses=addresses))
        found.append(msgspec.structs.replace(one, received=received))
    return found
