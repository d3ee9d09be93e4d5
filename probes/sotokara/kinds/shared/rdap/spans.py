"""The networks of an RDAP object, in the spellings of all its years."""

import re
from typing import Any

from sotokara.core.addresses import Net
from sotokara.kinds.shared.rdap.plain import dicts, number, text
from sotokara.kinds.shared.registry.target import networks


def spans(found: dict[str, Any]) -> list[Net]:
    """The networks of an ``ip network``: from its first to its last address, or its prefixes.

    Old servers write ``074.125.000.000``, and ``62.239.237.0/32`` for an address.
    """
    first, last = _address(found.get("startAddress")), _address(found.get("endAddress"))
    if first and last:
        return networks(f"{first} - {last}")
    if whole := networks(text(found.get("startAddress"))):
        return whole
    prefixes = []
    for one in dicts(found.get("cidr0_cidrs")):
        prefix = text(one.get("v4prefix")) or text(one.get("v6prefix"))
        prefixes.append(f"{_address(prefix)}/{number(one.get('length'))}")
    return networks(",".join(prefixes))


def _address(value: Any) -> str:  # noqa: ANN401  # any JSON
    """An address without leading zeros in its octets and without a prefix's length."""
    address = text(value).partition("/")[0].strip()
    if ":" in address:
        return address
    return re.sub(r"\b0+(?=\d)", "", address)
