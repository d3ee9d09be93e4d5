"""Entities of RDAP objects (RFC 9083, 5.1) with their jCards (RFC 7095), and other plain JSON."""

from typing import Any

from probes.kinds.registry.facts import Contact


def texts(value: Any) -> list[str]:  # noqa: ANN401  # any JSON
    """The texts of a list, whatever else is in it."""
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def dicts(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """The objects of a list, whatever else is in it."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: Any) -> str:  # noqa: ANN401
    """A text; empty for anything else."""
    return value.strip() if isinstance(value, str) else ""


def holder(found: dict[str, Any], entities: list[dict[str, Any]]) -> str:
    """The registrant's name; where there is none, the first line of the description."""
    for one in entities:
        if "registrant" in roles(one) and (found_name := name(one)):
            return found_name
    for remark in dicts(found.get("remarks")):
        if text(remark.get("title")).lower() == "description":
            return next(iter(texts(remark.get("description"))), "")
    return ""


def roles(one: dict[str, Any]) -> list[str]:
    """Its roles (RFC 9083, 10.2.4)."""
    return texts(one.get("roles"))


def _rows(one: dict[str, Any]) -> list[list[Any]]:
    card = one.get("vcardArray")
    if not isinstance(card, list) or len(card) < 2 or not isinstance(card[1], list):  # noqa: PLR2004
        return []
    return [row for row in card[1] if isinstance(row, list) and len(row) > 3]  # noqa: PLR2004


def name(one: dict[str, Any]) -> str:
    """The organization of its jCard, else the name."""
    rows = _rows(one)
    for key in ("org", "fn"):
        for row in rows:
            if row[0] == key and text(row[3]):
                return text(row[3])
    return ""


def contacts(entities: list[dict[str, Any]], depth: int = 0) -> list[Contact]:
    """Every role of every entity, and of the entities inside."""
    found: set[Contact] = set()
    for one in entities:
        mail = next((text(row[3]) for row in _rows(one) if row[0] == "email"), "")
        found |= {
            Contact(role, text(one.get("handle")), name(one), mail)
            for role in roles(one)
            if role not in ("registrar", "sponsor")
        }
        if depth < 2:  # noqa: PLR2004  # an organization's own contacts
            found |= set(contacts(dicts(one.get("entities")), depth + 1))
    return sorted(found)


def handles_only(found: list[Contact]) -> list[Contact]:
    """The contacts without names and mails."""
    return sorted({Contact(one.role, one.handle) for one in found if one.handle})
