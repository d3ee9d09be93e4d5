"""Address records for names, each in the zone that it belongs to."""

from collections.abc import Mapping, Sequence


def by_zone(addresses: Mapping[str, str], zones: Sequence[str]) -> dict[str, str]:
    """Zone → lines of its file; KeyError for a name that is in none of the zones."""
    lines: dict[str, str] = {}
    for name, address in addresses.items():
        owner, _, zone = name.rpartition(".")
        if zone not in zones:
            raise KeyError(name)
        lines[zone] = lines.get(zone, "") + f"{owner} A {address}\n"
    return lines
