"""Personal data leaves an RDAP response before it is stored (RFC 9083 entities, jCard RFC 7095).

Of entities that are not plainly organizations or roles, the name and the postal address are
masked; phones and mails of everyone are, except mails of roles. Handles stay. A response with
nothing to mask keeps its bytes.
"""

import json
import re
from typing import Any

from probes.kinds.registry.personal import masked_mails, organization, shape

_KINDS = ("org", "group")
_NAMES = ("fn", "n", "nickname", "title", "note")
_DEEPEST = 40


def masked(body: bytes) -> bytes:
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
