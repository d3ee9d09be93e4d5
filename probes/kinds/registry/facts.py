"""The facts of kinds ``whois`` and ``rdap``: the same name where they mean the same."""

import msgspec

from probes.kinds.interface import Facts, Failure

REGISTERED, NO_MATCH, ELSEWHERE = "registered", "no_match", "elsewhere"


class Parent(msgspec.Struct, frozen=True, omit_defaults=True):
    """A network that holds the one asked about, and to whom it was given."""

    range: str
    """A prefix or ``first - last``, as the registry writes it."""
    name: str = ""
    """Its network name or handle."""
    organization: str = ""
    status: str = ""
    """In the registry's words: ``Allocation``, ``Sub Allocation``, ``ALLOCATED PA``, …"""


class Contact(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """A contact by handle. The rest is there only with ``contacts: true``, or for organizations."""

    role: str
    """``administrative``, ``technical``, ``abuse``, ``registrant``, … (RFC 9083, 10.2.4)."""
    handle: str
    name: str = ""
    email: str = ""


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one server along the way said."""

    server: str
    answer: str
    """``registered``, ``no_match``, ``elsewhere`` (it knows only who else to ask), or a failure."""
    registry: str = ""
    netname: str = ""
    organization: str = ""
    range: str = ""


class RegistryFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """What a registry has on an address, a network, an AS or a domain. Dates are ``YYYY-MM-DD``."""

    answer: str
    """``registered``, ``no_match``, or ``elsewhere``: held by a registry that was not found."""
    registry: str = ""
    """Whose register it is in: ARIN, RIPE, APNIC, LACNIC, AFRINIC, JPNIC, JPRS, …, or a server."""
    handle: str = ""
    """The registration's own handle, where it has one."""
    range: str = ""
    """``first - last`` of the addresses or AS numbers, or the domain."""
    prefixes: list[str] = []
    """The range as prefixes, in order."""
    netname: str = ""
    """The short name of the network."""
    organization: str = ""
    """To whom it is registered; in Japanese where the registry was asked in Japanese."""
    country: str = ""
    """ISO 3166 code, upper case."""
    parent: str = ""
    """The nearest network that holds it: a range or a handle."""
    parents: list[Parent] = []
    """The chain of allocations above it, the widest first."""
    contacts: list[Contact] = []
    """Who answers for it, sorted."""
    nameservers: list[str] = []
    """Of the domain or of the reverse zone, in lower case, sorted."""
    allocated: str = ""
    """The day of allocation, assignment or registration."""
    updated: str = ""
    """The day of the last change."""
    expires: str = ""
    """The day a domain's registration ends."""
    registrar: str = ""
    """Through whom a domain is registered."""
    status: list[str] = []
    """In the registry's words, sorted."""
    asn: int | None = None
    """The AS that originates the address in BGP, or the AS asked about."""
    as_name: str = ""
    """The AS's name in its registry."""
    bgp_prefix: str = ""
    """The most specific prefix in BGP that holds the address."""
    asked: list[Said] = []
    """Every server asked, in order, and what it said."""
    unknown: list[str] = []
    """Which of `asn`, `as_name`, `bgp_prefix` are not known, since their question failed."""


def said_by(server: str, answer: RegistryFacts | Failure) -> Said:
    """What one server said, in short."""
    if isinstance(answer, Failure):
        return Said(server, answer.name)
    return Said(
        server, answer.answer, answer.registry, answer.netname, answer.organization, answer.range
    )
