"""Canonical JSON (RFC 8785) and SHA-256 of it.

msgspec's sorted encoding is canonical for what we store: ASCII keys, text without lone surrogates,
whole numbers below 2^53, and floats that both write alike; a test holds it against rfc8785.
"""

import hashlib
from typing import Any

import msgspec

from sotokara.core.observation import Failure, Observation, Reading, pack

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:  # noqa: ANN401  # any structure of ours
    """The canonical JSON of a structure."""
    return _ENCODER.encode(value)


NO_JSON = (ValueError, RecursionError)
"""What a reader of JSON raises for bytes that are none, or too deep.

msgspec's own errors are ValueErrors, and so is that of bytes that are no UTF-8, which is none of
its own: who names msgspec's alone is ended by one byte of 0xff.
"""


def writable(reading: Reading) -> Reading:
    """What was read, where JSON can hold it; else that the answer cannot be used.

    A lone surrogate in a server's JSON is no Unicode (RFC 8259, 8.2), and a number may be of any
    length; neither may end a run.
    """
    try:
        canonical([reading.facts, reading.volatile, reading.failure])
    except (UnicodeEncodeError, OverflowError, RecursionError, TypeError, ValueError) as error:
        what = "text that is no Unicode" if isinstance(error, UnicodeEncodeError) else "a value"
        detail = f"{what} that cannot be kept as JSON"
        return Reading(failure=Failure("json_parse_error", "answer", detail))
    return reading


def digest(content: bytes) -> str:
    """SHA-256, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def facts_object(observation: Observation) -> bytes:
    """The object that an observation's facts are stored as; empty without facts."""
    if observation.facts is None:
        return b""
    return canonical({**_head(observation), "facts": observation.facts})


def raw_object(observation: Observation) -> bytes:
    """The object that an observation's exchanges are stored as; empty without any."""
    if not observation.exchanges:
        return b""
    return canonical({**_head(observation), "exchanges": [*map(pack, observation.exchanges)]})


def _head(observation: Observation) -> dict[str, Any]:
    return {"kind": next(iter(observation.definition)), "version": observation.version}
