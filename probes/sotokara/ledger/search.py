"""Whether a file holds what was to go, in any of the encodings in which evidence keeps it."""

from typing import Any

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import unpack
from sotokara.ledger.redact import mask_json
from sotokara.masking.redaction import Redactor

_LONGEST = 64 << 20


def contains_hidden(content: bytes, redactor: Redactor) -> bool:
    """Plain text, JSON with its escapes, base64 of answers, packed addresses in DNS messages.

    The same code looks as redacts, so nothing that would be masked is passed over.
    """
    if len(content) > _LONGEST or redactor.mask(content) != content:
        return True  # what is too long to look through is not said to be clean
    return any(_in_json(one, redactor) for one in _values(content))


def _values(content: bytes) -> list[Any]:
    """The JSON in a file: one value, or one a line; nothing where it is none."""
    for parts in ([content], content.splitlines()):
        try:
            return [msgspec.json.decode(part) for part in parts]
        except NO_JSON:
            continue
    return []


def _in_json(value: Any, redactor: Redactor) -> bool:  # noqa: ANN401  # plain JSON
    if isinstance(value, dict) and isinstance(value.get("exchanges"), list):
        try:
            exchanges = [unpack(one) for one in value["exchanges"]]
        except (msgspec.ValidationError, TypeError, AttributeError):
            exchanges = []
        if any(redactor.exchange(one) != one for one in exchanges):
            return True
    return bool(mask_json(value, redactor) != value)
