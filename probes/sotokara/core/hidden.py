"""Addresses that nobody is told, as facts and pages have them: ``x.x.x.x``.

In bytes an address is masked as zeros, so that a message keeps its length and can still be read.
``0.0.0.0`` and ``::`` are answers as well: name servers give them for names that they block. So an
exchange counts what was masked in it, and the zeros of one with such a count are read as masked.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sotokara.core.observation import Exchange, Facts, Failure, Reading

FOUR, SIX = "x.x.x.x", "x:x:x:x:x:x:x:x"
"""What stands for a hidden address whose bytes are zeros."""
MASKED = "the address is masked, so nobody may be asked about it"
"""Why a question about one is not asked."""
_FOUR = re.compile(r"(?<![\d.])0\.0\.0\.0(?![\d./])")
_SIX = re.compile(r"(?<![0-9A-Fa-f:.])::(?![0-9A-Fa-f:./])")
_LIKE_MASK = re.compile(rb"x\.x|[x.]:|:[x.]")
"""What each mask has, and few other texts."""
_MASK = re.compile(r"x{1,3}(?:\.x{1,3}){3}|(?=.*:.*x|x.*:)[x:.]+")


def is_hidden(text: str) -> bool:
    """Whether this is what stands for an address that was masked, in bytes or in text."""
    return _MASK.fullmatch(text) is not None


def without_zeros(text: str) -> str:
    """Text of masked bytes: its zeros are no addresses."""
    return _SIX.sub(SIX, _FOUR.sub(FOUR, text))


def hide_zeros(reading: Reading, exchanges: Iterable[Exchange]) -> Reading:
    """What was read from exchanges; where addresses were masked in them, zeros are none.

    Where a server has given both zeros and a hidden address, both count as hidden.
    """
    if not any(one.hidden for one in exchanges):
        return reading
    facts, failure = reading.facts, reading.failure
    if facts is not None:
        facts = msgspec.convert(_plain(msgspec.to_builtins(facts)), type(facts))
    if failure is not None:
        failure = Failure(failure.name, failure.step, without_zeros(failure.detail))
    return Reading(facts, _plain(reading.volatile), failure)


def hidden_in(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401  # plain JSON
    """Where hidden addresses stand in facts: ``addresses[0]``, ``records[1].value``."""
    if isinstance(value, str):
        if mask_in(value):
            yield path
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from hidden_in(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from hidden_in(one, f"{path}[{number}]")


def mask_of(facts: Facts) -> str:
    """The first hidden address in facts; empty where there is none."""
    if _LIKE_MASK.search(msgspec.json.encode(facts)) is None:  # nearly always, and ten times faster
        return ""
    return mask_in(msgspec.to_builtins(facts))


def mask_in(value: Any) -> str:  # noqa: ANN401  # plain JSON
    """The first hidden address in facts; empty where there is none."""
    if isinstance(value, str):
        return next(filter(is_hidden, value.split()), "")
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return next(filter(None, map(mask_in, value)), "")
    return ""


def _plain(value: Any) -> Any:  # noqa: ANN401  # plain JSON
    if isinstance(value, str):
        return without_zeros(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value
