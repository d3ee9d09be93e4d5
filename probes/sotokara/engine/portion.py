"""What goes to a host of one's own, and what comes back: plain data, read by our own decoder."""

from typing import Any

import msgspec

from sotokara import __version__
from sotokara.core.observation import Failure, ProbeFailure

MOST_BYTES = 64 * 1024 * 1024
"""The longest that one host may send back for one portion."""
_STEP = "dask"


class PortionQuestion(msgspec.Struct, frozen=True):
    """One question as it is to be asked there; ``target`` and ``options`` are not masked."""

    kind: str
    target: str
    options: dict[str, Any]
    page: str
    line: int
    id: str | None
    lang: str
    redact: str | list[str] | dict[str, Any]
    cited: list[str]


class Portion(msgspec.Struct, frozen=True):
    """Questions for one place. ``seconds``: what all of them together may take."""

    version: str
    place: str
    shown: bool
    seconds: float
    hidden: list[str]
    signers: bytes
    asked: list[PortionQuestion]


class Measured(msgspec.Struct, frozen=True):
    """What a place sends back: a run file as it is kept, its signature, and the objects in it.

    ``lines`` has for each question the line of its observation, from 1; 0 where there is none, and
    then ``failures`` says why.
    """

    version: str
    place: str
    run: str = ""
    content: bytes = b""
    signature: bytes = b""
    objects: list[bytes] = []
    lines: list[int] = []
    failures: list[Failure | None] = []
    refused: str = ""
    """Why the host measures nothing for us at all."""


_ENCODER = msgspec.msgpack.Encoder()
_PORTION = msgspec.msgpack.Decoder(Portion)
_MEASURED = msgspec.msgpack.Decoder(Measured)


def pack(one: Portion | Measured) -> bytes:
    """As bytes."""
    return _ENCODER.encode(one)


def read_portion(payload: bytes) -> Portion:
    """What is to be asked.

    :raises ValueError: for anything else.
    """
    return _PORTION.decode(payload)


def read_measured(payload: bytes, portion: Portion) -> Measured:
    """What a place has sent back for a portion.

    :raises ProbeFailure: ``place_differs`` where it is none, of another version or another place.
    """
    if len(payload) > MOST_BYTES:
        raise _differs(f"it sent {len(payload)} bytes")
    try:
        found = _MEASURED.decode(payload)
    except (ValueError, RecursionError) as error:
        raise _differs("it sent what is no observation") from error
    if found.version != __version__:
        raise _differs(f"it has version {found.version[:40]}, not {__version__}")
    if found.refused:
        raise _differs(found.refused[:200])
    if found.place != portion.place:
        raise _differs(f"it calls itself {found.place[:40]}")
    if not len(found.lines) == len(found.failures) == len(portion.asked):
        raise _differs("it did not answer every question")
    return found


def _differs(detail: str) -> ProbeFailure:
    return ProbeFailure("place_differs", _STEP, detail)
