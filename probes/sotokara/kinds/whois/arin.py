"""ARIN's layout: ``NetRange:`` and ``ASNumber:`` blocks with ``Org…`` blocks behind them."""

import re

from sotokara.core.addresses import Net
from sotokara.kinds.shared.registry.dates import first_day
from sotokara.kinds.shared.registry.facts import (
    ELSEWHERE,
    REGISTERED,
    Contact,
    Parent,
    RegistryFacts,
)
from sotokara.kinds.shared.registry.target import RegistryTarget, narrowest, networks, spelled
from sotokara.kinds.whois.rpsl import MOST_ABOVE
from sotokara.kinds.whois.text import Object, first

_NAMED = re.compile(r"^(.*?)\s*\(([^()]+)\)$")
_ROLES = {"abuse": "abuse", "tech": "technical", "noc": "noc", "admin": "administrative"}
_ELSEWHERE = re.compile(
    r"(?:Allocated|Transferred) to (?:AFRINIC|APNIC|LACNIC|RIPE)"
    r"|Early Registrations|Maintained by (?:AFRINIC|APNIC|LACNIC|RIPE)",
    re.IGNORECASE,
)
"""Types of blocks that ARIN lists for other regions; their "organization" is that registry."""


def find_network(found: list[Object], target: RegistryTarget) -> RegistryFacts | None:
    """The smallest network that holds the target; the wider ones are its parents."""
    ranged = [one for one in found if first(one, "netrange")]
    spans = [networks(first(one, "cidr")) or networks(first(one, "netrange")) for one in ranged]
    held = narrowest(zip(spans, ranged, strict=True), target.network)
    if not held:
        return None
    nets, one = held[0]
    text, prefixes = spelled(nets)
    organization, handle = _holder(one, found)
    kind = first(one, "nettype")
    parents = [_parent(nets, above) for nets, above in reversed(held[1:MOST_ABOVE])]
    return RegistryFacts(
        answer=ELSEWHERE if _ELSEWHERE.search(kind) else REGISTERED,
        registry="ARIN",
        handle=first(one, "nethandle"),
        range=text,
        prefixes=prefixes,
        netname=first(one, "netname"),
        organization=organization,
        country=_country(found, handle),
        parent=parents[-1].range if parents else _named(first(one, "parent"))[1],
        parents=parents,
        contacts=_contacts(found),
        allocated=first_day(first(one, "regdate")),
        updated=first_day(first(one, "updated")),
        status=[kind] if kind else [],
    )


def find_autnum(found: list[Object], target: RegistryTarget) -> RegistryFacts | None:
    """The AS number's block."""
    for one in found:
        numbers = [int(text) for text in re.findall(r"\d+", first(one, "asnumber"))]
        if not numbers or target.asn is None or not numbers[0] <= target.asn <= numbers[-1]:
            continue
        block = len(numbers) > 1
        name, comment = first(one, "asname"), first(one, "comment")
        organization, handle = _holder(one, found)
        elsewhere = block and bool(re.search(r"^(RIPE|APNIC|LACNIC|AFRINIC)-?", name))
        elsewhere = elsewhere or "not registered in the ARIN" in comment
        return RegistryFacts(
            answer=ELSEWHERE if elsewhere else REGISTERED,
            registry="ARIN",
            handle=first(one, "ashandle"),
            range=" - ".join(f"AS{number}" for number in numbers) if block else target.text,
            asn=None if elsewhere else target.asn,
            as_name=name,
            organization=organization,
            country=_country(found, handle),
            contacts=_contacts(found),
            allocated=first_day(first(one, "regdate")),
            updated=first_day(first(one, "updated")),
        )
    return None


def _holder(one: Object, found: list[Object]) -> tuple[str, str]:
    """Whose it is: in its own block, else the only one behind it (AS numbers, networks of old)."""
    text = first(one, "organization", "customer", "orgname")
    if not text:
        behind = [each for each in found if first(each, "orgname", "custname")]
        text = first(behind[0], "orgname", "custname") if len(behind) == 1 else ""
    return _named(text)


def _named(text: str) -> tuple[str, str]:
    """``Google Inc. (GOGL)`` → the name and the handle; the text is both where it has no handle."""
    match = _NAMED.match(text)
    return (match[1], match[2]) if match else (text, text)


def _parent(nets: list[Net], one: Object) -> Parent:
    return Parent(
        range=spelled(nets)[0],
        name=first(one, "netname"),
        organization=_named(first(one, "organization"))[0],
        status=first(one, "nettype"),
    )


def _country(found: list[Object], handle: str) -> str:
    """Of the organization's block; of the only one where none has the handle (customers)."""
    blocks = [one for one in found if first(one, "orgid", "custname")]
    own = [one for one in blocks if first(one, "orgid") == handle] or blocks[:1]
    return first(own[0], "country").upper() if own else ""


def _contacts(found: list[Object]) -> list[Contact]:
    contacts = set()
    for one in found:
        for key, value in one:
            match = re.fullmatch(r"(?:org|r)(abuse|tech|noc|admin)handle", key)
            if match and value:
                stem = key.removesuffix("handle")
                name, mail = first(one, f"{stem}name"), first(one, f"{stem}email")
                contacts.add(Contact(_ROLES[match[1]], value, name, mail))
    return sorted(contacts)
