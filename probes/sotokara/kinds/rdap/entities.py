"""Entities of RDAP objects (RFC 9083, 5.1) with their jCards (RFC 7095), and other plain JSON."""

import json
import re
from typing import Any

from sotokara.kinds.shared.registry.facts import Contact
from sotokara.kinds.shared.registry.personal import masked_mails, organization, shape


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


_KINDS = ("org", "group")
_NAMES = ("fn", "n", "nickname", "title", "note")
_DEEPEST = 40


def mask_persons(body: bytes) -> bytes:
    """The body without personal data."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return masked_mails(body.decode("utf-8", "surrogateescape")).encode(
            "utf-8", "surrogateescape"
        )
    clean = _walk(content, 0)
    if clean == content:
        return body
    return json.dumps(clean, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


def _walk(value: Any, depth: int) -> Any:  # noqa: ANN401  # any JSON
    if depth > _DEEPEST:
        return None
    if isinstance(value, dict):
        card = value.get("vcardArray")
        return {
            key: _card(card) if key == "vcardArray" else _field(key, one, depth)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return [_walk(one, depth + 1) for one in value]
    return masked_mails(value) if isinstance(value, str) else value


def _field(key: str, value: Any, depth: int) -> Any:  # noqa: ANN401
    if key == "legalRepresentative" and isinstance(value, str):  # NIC.br's extension
        return shape(value)
    return _walk(value, depth + 1)


def _card(card: Any) -> Any:  # noqa: ANN401
    """A jCard: ``["vcard", [[name, parameters, type, value], …]]``."""
    if not (isinstance(card, list) and len(card) > 1 and isinstance(card[1], list)):
        return _walk(card, 0)
    rows = [row for row in card[1] if isinstance(row, list) and len(row) > 3]  # noqa: PLR2004  # RFC 7095, 3.3
    kind = next((str(row[3]).lower() for row in rows if row[0] == "kind"), "")
    name = next((str(row[3]) for row in rows if row[0] == "fn"), "")
    public = kind in _KINDS or (kind != "individual" and organization(name))
    return [card[0], [_row(row, public=public) for row in card[1]], *card[2:]]


def _row(row: Any, *, public: bool) -> Any:  # noqa: ANN401
    if not isinstance(row, list) or len(row) < 4:  # noqa: PLR2004
        return row
    name = str(row[0]).lower()
    if name in ("tel", "email") or (name in (*_NAMES, "adr") and not public):
        return [row[0], _masked(row[1], name), row[2], *(_masked(one, name) for one in row[3:])]
    return [row[0], *(_walk(one, 0) for one in row[1:])]


def _masked(value: Any, name: str) -> Any:  # noqa: ANN401
    """Every text inside masked; parameters keep their types (``work``, ``voice``)."""
    if isinstance(value, dict):
        return {
            key: _masked(one, name) if key in ("label", "cn") else one for key, one in value.items()
        }
    if isinstance(value, list):
        return [_masked(one, name) for one in value]
    if not isinstance(value, str):
        return value
    if name == "email" and re.search("@", value):
        return masked_mails(value)
    return shape(value)
