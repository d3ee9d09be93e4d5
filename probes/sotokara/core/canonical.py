"""Canonical JSON (RFC 8785) and SHA-256 of it.

msgspec's sorted encoding is canonical for what we store: ASCII keys, text without lone surrogates,
whole numbers below 2^53, and floats that both write alike; a test holds it against rfc8785.
"""

import hashlib
from typing import Any

import msgspec

from sotokara.core.observation import Observation, pack

_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(value: Any) -> bytes:  # noqa: ANN401  # any structure of ours
    """The canonical JSON of a structure."""
    return _ENCODER.encode(value)


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
