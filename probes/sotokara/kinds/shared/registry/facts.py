"""What registries say, as facts; and in which order and under which words they are shown."""

import re
from collections.abc import Iterator

import msgspec

from sotokara.core.observation import FAILURES, Facts, Failure
from sotokara.core.said import said
from sotokara.kinds.interface import OptionError

REGISTERED, NO_MATCH, UNAVAILABLE, ELSEWHERE = (
    "registered",
    "no_match",
    "unavailable",
    "elsewhere",
)
RDAP_ONLY = "rdap_only"
"""What a server says that answers whois no more, and IANA by naming none."""


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


class ServerStatement(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one server along the way said."""

    server: str
    answer: str
    """``registered``, ``no_match``, ``unavailable``, ``elsewhere`` (it knows only who else to ask),
    ``rdap_only`` (there is no whois server any more), or a failure."""
    registry: str = ""
    netname: str = ""
    organization: str = ""
    range: str = ""


class RegistryFacts(Facts, frozen=True, kw_only=True, omit_defaults=True):
    """What a registry has on an address, a network, an AS or a domain. Dates are ``YYYY-MM-DD``."""

    answer: str
    """``registered``, ``no_match``, ``unavailable`` (not registered, and nobody may register it:
    reserved, prohibited), or ``elsewhere``: held by a registry that was not found."""
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
    person: bool = False
    """Whether it is registered to a person, or to a name not known to be an organization's, which
    is not shown; ``organization`` is empty then."""
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
    asked: list[ServerStatement] = []
    """Every server asked, in order, and what it said."""
    unknown: list[str] = []
    """Which facts are not known, since the question for them failed."""
    via: str = ""
    """`rdap` where the registry was asked by RDAP, since it has no whois server any more."""


def said_by(server: str, answer: RegistryFacts | Failure) -> ServerStatement:
    """What one server said, in short."""
    if isinstance(answer, Failure):
        return ServerStatement(server, answer.name)
    return ServerStatement(
        server, answer.answer, answer.registry, answer.netname, answer.organization, answer.range
    )


_ABOUT = ("answer", "person", "asked", "unknown", "via")
FIELDS = tuple(name for name in RegistryFacts.__struct_fields__ if name not in _ABOUT)
"""The facts that can be shown as lines, in the order in which they are shown."""
LABELS = {
    "range": (
        *("IPネットワークアドレス", "Network Number", "AS番号", "AS Number"),
        *("ドメイン名", "Domain Name"),
    ),
    "netname": ("ネットワーク名", "Network Name"),
    "as_name": ("AS名", "AS Name"),
    "organization": ("組織名", "Organization", "登録者名", "Registrant"),
    "contacts": (
        *("管理者連絡窓口", "Administrative Contact", "技術連絡担当者", "Technical Contact"),
        *("登録担当者", "Abuse"),
    ),
    "nameservers": ("ネームサーバ", "Nameserver", "Name Server"),
    "allocated": (
        *("割当年月日", "Assigned Date", "割振年月日", "Allocated Date"),
        *("登録年月日", "Created on", "Registered Date"),
    ),
    "updated": ("最終更新", "Last Update", "Last Updated"),
    "expires": ("有効期限", "Expires on"),
    "status": ("状態", "Status", "State"),
}
"""For each fact the labels that JPNIC and JPRS give it."""
_LETTER = re.compile(r"[a-z]")


def show_entries(show: str | list[str]) -> list[str]:
    """The entries of ``show``; one text may hold several letters or names: ``a b f``."""
    return show.split() if isinstance(show, str) else show


def wrong_fields(show: str | list[str]) -> Iterator[OptionError]:
    """Entries of ``show`` that can match nothing. Labels are the registry's own and can be any."""
    known = {label.lower() for labels in LABELS.values() for label in labels}
    for entry in show_entries(show):
        label = entry.strip("[]").lower()
        fits = _LETTER.fullmatch(label) or label in FIELDS or label in known
        if not fits and label.isascii():
            hint = said(
                "a letter such as a, a label such as [Organization], or {}", ", ".join(FIELDS)
            )
            yield OptionError("show", said("{!r} is no letter, label or fact", entry), hint)


# What two answers of registries can be held against each other by.

_REGISTRARS_OWN = ("contacts", "country", "organization")
_TOLD_BY_BOTH = ("answer", "range", "nameservers", "allocated", "expires", "registrar")


def left_open(found: RegistryFacts) -> list[str]:
    """What a registrar that gave no answer may have said, and the registry does not."""
    empty = [name for name in _REGISTRARS_OWN if not getattr(found, name)]
    return [name for name in empty if name != "organization" or not found.person]


def comparable(before: RegistryFacts, after: RegistryFacts) -> tuple[str, ...]:
    """The facts of two answers that can be held against each other.

    Where a domain's registrar was silent one of the times, the registry's word stands beside the
    registrar's: only what both say alike is compared.
    """
    unknown = {"unknown", *before.unknown, *after.unknown}
    domain = not before.prefixes and before.asn is None
    silent = any(one.answer in FAILURES for facts in (before, after) for one in facts.asked)
    names = _TOLD_BY_BOTH if domain and silent else RegistryFacts.__struct_fields__
    return tuple(name for name in names if name not in unknown)
