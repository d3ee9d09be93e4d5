"""Plain JSON of RDAP, taken as it comes: a list where a text should be, a number as a text."""

import re
from typing import Any

from sotokara.core.addresses import Net
from sotokara.kinds.shared.registry.target import networks


def text_list(value: Any) -> list[str]:  # noqa: ANN401  # any JSON
    """The texts of a list, whatever else is in it; a text alone is a list of one."""
    if isinstance(value, str):
        return [value] if value.strip() else []
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def dicts(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """The objects of a list, whatever else is in it; an object alone is a list of one."""
    if isinstance(value, dict):
        return [value]
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text_or_empty(value: Any) -> str:  # noqa: ANN401
    """A text; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def number(value: Any) -> int | None:  # noqa: ANN401
    """A number that is not negative, also where it is written as a text; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() and value >= 0 else None
    if isinstance(value, int):
        return value if value >= 0 else None
    written = text_or_empty(value).upper().removeprefix("AS")
    return int(written) if re.fullmatch(r"[0-9]{1,18}", written) else None


def vocabulary_word(value: Any) -> str:  # noqa: ANN401
    """A word of one of RDAP's vocabularies: lower case, one blank between its parts.

    >>> [vocabulary_word(one) for one in ("Last_Changed", "lastChanged", " IP  Network", None)]
    ['last changed', 'last changed', 'ip network', '']
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text_or_empty(value))
    return " ".join(re.split(r"[\s_-]+", parted)).strip().lower()


# The networks of an RDAP object, in the spellings of all its years.


def spans(found: dict[str, Any]) -> list[Net]:
    """The networks of an ``ip network``: from its first to its last address, or its prefixes.

    Old servers write ``074.125.000.000``, and ``62.239.237.0/32`` for an address.
    """
    first, last = _address(found.get("startAddress")), _address(found.get("endAddress"))
    if first and last:
        return networks(f"{first} - {last}")
    if whole := networks(text_or_empty(found.get("startAddress"))):
        return whole
    prefixes = []
    for one in dicts(found.get("cidr0_cidrs")):
        prefix = text_or_empty(one.get("v4prefix")) or text_or_empty(one.get("v6prefix"))
        prefixes.append(f"{_address(prefix)}/{number(one.get('length'))}")
    return networks(",".join(prefixes))


def _address(value: Any) -> str:  # noqa: ANN401  # any JSON
    """An address without leading zeros in its octets and without a prefix's length."""
    address = text_or_empty(value).partition("/")[0].strip()
    if ":" in address:
        return address
    return re.sub(r"\b0+(?=\d)", "", address)
