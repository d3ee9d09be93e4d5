"""Which of the personal values that a peer names are still in what we keep, and why they may be.

Peers have organizations, registrars, roles and placeholders in the same fields as persons. What is
one of these by a rule has a reason; what has none is a person's value that survives.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from sotokara.kinds.shared.registry.organizations import organization
from sotokara.kinds.shared.registry.personal import ROLE_MAIL

from tests.peers.recorded import Recorded

_PLACEHOLDER = re.compile(
    r"redact|not disclosed|disclos|hidden|privacy|n/a|withheld|admin|contact|http|protect|unknown"
    r"|null|none|nymous|not shown|not published|reserved"
    r"|dept|department|manager|host|team|domain|support|service|visit|data",
    re.IGNORECASE,
)
_REGISTRAR = re.compile(r"^.*registrar", re.IGNORECASE)
_OFFICE = re.compile(
    r"type:\s*(?:organi[sz]ation|role)|^role:|legal person", re.IGNORECASE | re.MULTILINE
)
_OWNER = re.compile(
    r"^(?:owner|org-?name):.*\b(?:inc|ltd|llc|gmbh|corp)\b", re.IGNORECASE | re.MULTILINE
)
_ORGANIZATION = re.compile(r"[^:\]]*(?:organi[sz]ation|company|組織名)[^:\]]*[:\]]", re.IGNORECASE)
_SHORTEST, _LONGEST, _DIGITS = 5, 60, 7


class Value(NamedTuple):
    """A value that a peer gives for a contact."""

    what: str
    """``name``, ``number``, ``street`` or ``mail``."""
    text: str
    reason: str = ""
    """Why it may stay; empty where it may not."""


def values(one: Recorded) -> Iterator[Value]:
    """Every value of a contact's that is one by its form: names of two words, numbers, streets."""
    for name in dict.fromkeys(one.names):
        plain = name.strip()
        words = " " in plain and "\n" not in plain and not re.search(r"\d", plain)
        if words and _SHORTEST < len(plain) < _LONGEST:
            yield Value("name", plain)
    for number in dict.fromkeys(one.numbers):
        digits = re.sub(r"\D", "", number)
        if len(digits) >= _DIGITS and len(set(digits)) > 2:  # no 0000000
            yield Value("number", number.strip())
    for street in dict.fromkeys(one.streets):
        plain = street.strip(" ,")
        if len(plain) > _SHORTEST and re.search(r"\d", plain) and re.search(r"[^\W\d]{3}", plain):
            yield Value("street", plain)
    for mail in dict.fromkeys(one.mails):
        if "@" in mail:
            yield Value("mail", mail.strip())


def staying(one: Recorded, kept: str, shown: str) -> list[Value]:
    """The values that are in ``shown``, with the reason; ``kept``: the masked answer."""
    found = [value for value in values(one) if value.text in shown]
    if not found:
        return []
    lines = re.findall(r"(?im)^.*registrar.*$", kept)
    labelled = [line.lower() for line in kept.splitlines() if _ORGANIZATION.match(line)]
    where = _Where(
        "\n".join([_paragraphs(kept, _REGISTRAR), *lines]),
        _paragraphs(kept, _OFFICE),
        _paragraphs(kept, _OWNER),
        "\n".join([*labelled, *one.organizations]).lower(),
    )
    return [value._replace(reason=_reason(value, where)) for value in found]


class _Where(NamedTuple):
    """Pieces of a masked answer in which values may stay."""

    registrars: str
    offices: str
    owners: str
    """Objects whose owner is plainly a company."""
    organizations: str
    """Lines labelled as organizations' names, and what the peer calls one; in lower case."""


def _reason(value: Value, where: _Where) -> str:
    text, name = value.text, value.what == "name"
    reasons = (
        (value.what == "mail" and bool(ROLE_MAIL.match(text)), "a role's mailbox"),
        (value.what != "mail" and text in where.registrars, "the registrar's"),
        (value.what == "street" and text in where.owners, "an organization's address"),
        (name and text in where.offices, "a role's or an organization's object"),
        (name and organization(text), "an organization's name"),
        (name and text.lower() in where.organizations, "under a label for organizations"),
        (name and bool(_PLACEHOLDER.search(text)), "a placeholder"),
    )
    return next((reason for holds, reason in reasons if holds), "")


def _paragraphs(text: str, form: re.Pattern[str]) -> str:
    """The paragraphs that a registry gives to registrars, offices and organizations."""
    found = re.split(r"\n\s*\n", text.replace("\r", ""))
    return "\n".join(one for one in found if form.search(one))
