"""Domains as most registries and registrars write them (``Domain Name:``, ``domain:``, …)."""

from sotokara.kinds.shared.registry.dates import day
from sotokara.kinds.shared.registry.facts import REGISTERED, Contact, RegistryFacts
from sotokara.kinds.shared.registry.target import Target
from sotokara.kinds.whois.text import Object, every, first

_ROLES = {"registrant": "registrant", "admin": "administrative", "tech": "technical"}
_NAME = ("domain name", "domain")


def domain(found: list[Object], target: Target, server: str) -> RegistryFacts | None:
    """The paragraphs from the one with the domain's own name on; look-alikes are passed over."""
    start = next(
        (at for at, one in enumerate(found) if _is(first(one, *_NAME), target.domain)), None
    )
    if start is None:
        return None
    one: Object = [pair for paragraph in found[start:] for pair in paragraph]
    return RegistryFacts(
        answer=REGISTERED,
        registry=server,
        handle=first(one, "registry domain id", "roid"),
        range=target.domain,
        organization=first(
            one, "registrant organization", "registrant", "org", "organization", "holder"
        ),
        country=first(one, "registrant country", "registrant country/economy").upper(),
        contacts=_contacts(one),
        nameservers=_servers(one),
        allocated=day(
            first(one, "creation date", "created", "registered on", "registered", "created on")
        ),
        updated=day(
            first(one, "updated date", "last-update", "last updated", "changed", "last modified")
        ),
        expires=day(
            first(
                one,
                "registry expiry date",
                "registrar registration expiration date",
                "expiration date",
                "expiry date",
                "paid-till",
                "expires",
            )
        ),
        registrar=first(one, "registrar", "sponsoring registrar", "registrar name"),
        status=sorted({text.split()[0] for text in every(one, "domain status", "status")}),
    )


def _is(text: str, name: str) -> bool:
    return text.lower().rstrip(".") == name


def _servers(one: Object) -> list[str]:
    texts = every(one, "name server", "nserver", "name servers", "nameserver", "nameservers")
    return sorted({text.split()[0].lower().rstrip(".") for text in texts})


def _contacts(one: Object) -> list[Contact]:
    contacts = set()
    for prefix, role in _ROLES.items():
        name = first(one, f"{prefix} organization") or first(one, f"{prefix} name")
        handle = first(one, f"registry {prefix} id", f"{prefix}-c", f"{prefix} id")
        mail = first(one, f"{prefix} email")
        if name or handle:
            contacts.add(Contact(role, handle, name, mail))
    if mail := first(one, "registrar abuse contact email"):
        contacts.add(Contact("abuse", "", email=mail))
    return sorted(contacts)
