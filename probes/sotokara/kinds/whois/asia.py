"""KRNIC's (KISA's) and TWNIC's layouts of networks."""

import re

from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.facts import REGISTERED, Parent, RegistryFacts
from sotokara.kinds.shared.registry.target import RegistryTarget, narrowest, networks, spelled
from sotokara.kinds.whois.rpsl import MOST_ABOVE
from sotokara.kinds.whois.text import Object, first

_SIZE = re.compile(r"\s*\(/\d+(?:\s*[+,]\s*/\d+)*\)")
_KOREAN = ("ipv4 address", "ipv6 address")


def korea(found: list[Object], target: RegistryTarget) -> RegistryFacts | None:
    """KRNIC: the allocation first, then the assignment inside it, both in English."""
    return _smallest(found, target, _KOREAN, "KRNIC")


def taiwan(found: list[Object], target: RegistryTarget) -> RegistryFacts | None:
    """TWNIC: one network, its holder's address above it as free text."""
    return _smallest(found, target, ("netblock",), "TWNIC")


def _smallest(
    found: list[Object], target: RegistryTarget, keys: tuple[str, ...], registry: str
) -> RegistryFacts | None:
    spans = [networks(_SIZE.sub("", first(one, *keys))) for one in found]
    held = narrowest(zip(spans, found, strict=True), target.network)
    if not held:
        return None
    nets, one = held[0]
    text, prefixes = spelled(nets)
    kind = first(one, "network type")
    parents = [
        Parent(spelled(nets)[0], first(above, "service name"), first(above, "organization name"))
        for nets, above in reversed(held[1:MOST_ABOVE])
    ]
    return RegistryFacts(
        answer=REGISTERED,
        registry=registry,
        range=text,
        prefixes=prefixes,
        netname=first(one, "service name", "netname"),
        organization=first(one, "organization name", "orgname"),
        parent=parents[-1].range if parents else "",
        parents=parents,
        allocated=first_day(first(one, "registration date", "registered date", "reg-date")),
        updated=first_day(first(one, "modified date", "updated date")),
        status=[kind] if kind else [],
    )
