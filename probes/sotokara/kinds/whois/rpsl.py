"""Objects in the manner of RPSL (RFC 2622): RIPE, APNIC, AFRINIC, LACNIC, IANA."""

import re
from ipaddress import ip_network

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
from sotokara.kinds.whois.text import Object, every, first

NETWORK = ("inetnum", "inet6num")
_ROLES = {
    "admin-c": "administrative",
    "owner-c": "administrative",
    "tech-c": "technical",
    "abuse-c": "abuse",
    "routing-c": "noc",
}
_PLACEHOLDER = re.compile(
    r"NON-RIPE-NCC-MANAGED|^ERX-|-ERX\b|^IANA-(BLK|NETBLOCK|IP)|^EU-ZZ-|^STUB-|TRANSFERRED"
    r"|NOT-?ALLOCATED",
    re.IGNORECASE,
)
_PLACEHOLDER_DESCR = re.compile(
    r"not (managed by|allocated (to|by)) (the )?(RIPE|APNIC|AFRINIC)"
    r"|early registration|transferred to|not in use in the RIPE",
    re.IGNORECASE,
)
MOST_ABOVE = 20
"""Networks above that are read; real chains have three or four."""
_MOST_CONTACTS = 50
_WHOLE = (ip_network("0.0.0.0/0"), ip_network("::/0"))


def find_network(found: list[Object], target: RegistryTarget) -> RegistryFacts | None:
    """The most specific network object that holds the target; wider ones are its parents."""
    spans = [networks(first(one, *NETWORK)) for one in found]
    held = narrowest(zip(spans, found, strict=True), target.network)
    if not held:
        return None
    nets, one = held[0]
    text, prefixes = spelled(nets)
    parents = [_parent(nets, above, found) for nets, above in reversed(held[1:MOST_ABOVE])]
    return RegistryFacts(
        answer=ELSEWHERE if placeholder(one, nets) else REGISTERED,
        registry=registry(one),
        range=text,
        prefixes=prefixes,
        netname=first(one, "netname"),
        organization=_organization(one, found),
        country=first(one, "country").partition("#")[0].strip().upper(),
        parent=parents[-1].range if parents else first(one, "parent"),
        parents=parents,
        contacts=_contacts(one, found),
        nameservers=_servers(one),
        allocated=first_day(first(one, "created")),
        updated=_changed(one),
        status=sorted(every(one, "status")),
    )


def find_autnum(found: list[Object], target: RegistryTarget) -> RegistryFacts | None:
    """The AS's object; an AS block alone means that another registry holds it."""
    for one in found:
        if first(one, "aut-num").upper() == target.text:
            return RegistryFacts(
                answer=REGISTERED,
                registry=registry(one),
                range=target.text,
                asn=target.asn,
                as_name=first(one, "as-name"),
                organization=_organization(one, found),
                country=first(one, "country").upper(),
                contacts=_contacts(one, found),
                allocated=first_day(first(one, "created")),
                updated=_changed(one),
                status=sorted(every(one, "status")),
            )
    block = next((one for one in found if first(one, "as-block")), None)
    if block is None:
        return None
    text = first(block, "as-block").replace(" ", "").replace("-", " - ")
    return RegistryFacts(answer=ELSEWHERE, registry=registry(block), range=text)


def registry(one: Object) -> str:
    """Whose register an object is in, by its ``source:``."""
    words = first(one, "source").split()
    return words[0].upper() if words else ""


def placeholder(one: Object, nets: list[Net]) -> bool:
    """Whether the object only says that the registry does not have it (ERX, non-RIPE, IANA)."""
    if any(net in _WHOLE for net in nets) or _PLACEHOLDER.search(first(one, "netname")):
        return True
    return any(_PLACEHOLDER_DESCR.search(text) for text in every(one, "descr")[:2])


def _parent(nets: list[Net], one: Object, found: list[Object]) -> Parent:
    return Parent(
        range=spelled(nets)[0],
        name=first(one, "netname"),
        organization=_organization(one, found),
        status=first(one, "status"),
    )


def _organization(one: Object, found: list[Object]) -> str:
    handle = first(one, "org").upper()
    for other in found if handle else ():
        if first(other, "organisation").upper() == handle:
            return first(other, "org-name")
    return first(one, "owner", "org-name", "descr", "organisation")


def _contacts(one: Object, found: list[Object]) -> list[Contact]:
    contacts: set[Contact] = set()
    for key, handle in one:
        if key not in _ROLES or not handle or len(contacts) >= _MOST_CONTACTS:
            continue
        person = next(
            (each for each in found if first(each, "nic-hdl").upper() == handle.upper()), []
        )
        name = first(person, "person", "role")
        mail = first(person, "abuse-mailbox", "e-mail")
        contacts.add(Contact(_ROLES[key], handle, name, mail))
    return sorted(contacts)


def _servers(one: Object) -> list[str]:
    found = {text.split()[0].lower().rstrip(".") for text in every(one, "nserver")}
    return sorted(found)


def _changed(one: Object) -> str:
    days = [first_day(text) for text in every(one, "last-modified") or every(one, "changed")]
    return max(days, default="")
