"""Entities of RDAP objects (RFC 9083, 5.1) with their jCards (RFC 7095): who is a person's."""

import re
from typing import Any

from sotokara.kinds.shared.rdap.names import handle_like, is_masked_name, legal, of_a_role, redacted
from sotokara.kinds.shared.rdap.plain import dicts, text_list, text_or_empty, vocabulary_word
from sotokara.kinds.shared.registry.facts import Contact
from sotokara.kinds.shared.registry.personal import identity_number

Row = list[Any]
"""One property of a jCard: name, parameters, type, value, and perhaps further values."""

_KINDS = ("org", "organization", "organisation", "group")
_SELLERS = {"registrar", "sponsor", "reseller", "registration authority"}
"""Roles of those who register for others: companies, whatever their names look like."""


def roles(one: dict[str, Any]) -> list[str]:
    """Its roles (RFC 9083, 10.2.4), in lower case."""
    return [vocabulary_word(role) for role in text_list(one.get("roles"))]


def sells(one: dict[str, Any]) -> bool:
    """Whether it registers for others."""
    return bool(_SELLERS.intersection(roles(one)))


def jcard_properties(one: dict[str, Any]) -> list[Row]:
    """The properties of its jCard: ``["vcard", [[name, parameters, type, value], …]]``."""
    card = one.get("vcardArray")
    if not isinstance(card, list) or len(card) < 2 or not isinstance(card[1], list):  # noqa: PLR2004
        return []
    return [row for row in card[1] if isinstance(row, list) and len(row) > 3]  # noqa: PLR2004  # RFC 7095, 3.3


def value(one: dict[str, Any], key: str) -> str:
    """The first text of a property; the parts of a structured one with blanks between."""
    for row in jcard_properties(one):
        if text_or_empty(row[0]).lower() != key:
            continue
        parts = row[3] if isinstance(row[3], list) else [row[3]]
        if found := " ".join(filter(None, map(text_or_empty, parts))):
            return found
    return ""


def _share(first: str, second: str) -> bool:
    """Whether two names have a word in common, as a person's and that of a firm of one do."""
    words, others = (set(re.findall(r"\w{2,}", one.lower())) for one in (first, second))
    return bool(words & others)


def public(one: dict[str, Any]) -> frozenset[str]:
    """The names of an entity that are no person's: ``fn``, ``org``, both or none.

    They are shown where the jCard's kind, the role or the name itself says so. The organization of
    an individual is none of them: it is as often the individual's own name.
    """
    kind, name, company = value(one, "kind").lower(), value(one, "fn"), value(one, "org")
    found = set()
    if kind in _KINDS or sells(one):
        found = {"fn", "org"}
    elif (name == text_or_empty(one.get("handle")) and handle_like(name)) or of_a_role(name):
        found.add("fn")
    found |= {"fn"} if redacted(name) else set()
    found |= {"org"} if redacted(company) or handle_like(company) else set()
    if not kind and legal(name):
        found |= {"fn", "org"}
    elif not kind and (legal(company) or (name and not _share(company, name))):
        found.add("org")
    told = {"fn": name, "org": company}
    return frozenset(
        key for key in found if not (is_masked_name(told[key]) or identity_number(told[key]))
    )


def with_address(one: dict[str, Any]) -> bool:
    """Whether an entity's postal address is a company's; a role's may be where a person lives."""
    company = value(one, "kind").lower() in _KINDS[:3] or legal(value(one, "fn"))
    return "fn" in public(one) and (company or sells(one))


def name(one: dict[str, Any]) -> str:
    """The name of the organization, the role or the handle that it is; empty for a person."""
    shown = [value(one, key) for key in ("org", "fn") if key in public(one)]
    return next((found for found in shown if found and not redacted(found)), "")


def holder(entities: list[dict[str, Any]]) -> tuple[str, bool]:
    """The registrant that is an organization, and whether there are only persons.

    RIPE lists the maintainers as registrants too, before the organization: a handle is no name.
    """
    registrants = [one for one in entities if "registrant" in roles(one)]
    for one in registrants:
        found = name(one)
        if found and not (found == text_or_empty(one.get("handle")) and handle_like(found)):
            return found, False
    return "", any(_named(one) and not name(one) for one in registrants)


def _named(one: dict[str, Any]) -> bool:
    """Whether there is a name, be it masked; a registry that redacts tells none."""
    names = (value(one, "fn"), value(one, "org"))
    return any(found and not redacted(found) for found in names)


def contacts(entities: list[dict[str, Any]], depth: int = 0) -> list[Contact]:
    """Every role of every entity, and of the entities inside, with whatever is there to see."""
    found: set[Contact] = set()
    for one in entities:
        shown = value(one, "org") or value(one, "fn")
        found |= {
            Contact(role, text_or_empty(one.get("handle")), shown, value(one, "email"))
            for role in roles(one)
            if role not in ("registrar", "sponsor")
        }
        if depth < 2:  # noqa: PLR2004  # an organization's own contacts
            found |= set(contacts(dicts(one.get("entities")), depth + 1))
    return sorted(found)


def handles_only(found: list[Contact]) -> list[Contact]:
    """The contacts without names and mails."""
    return sorted({Contact(one.role, one.handle) for one in found if one.handle})
