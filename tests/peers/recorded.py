"""One recorded answer and what its own project expects of it."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REGISTERED, NO_MATCH, LIMITED, RESERVED, OTHER = (
    "registered",
    "no_match",
    "rate_limited",
    "reserved",
    "other",
)
"""What the peer says that an answer is; empty where it does not say."""


@dataclass(frozen=True)
class Recorded:
    """An answer, its question, and the peer's expectations in our words."""

    peer: str
    name: str
    server: str
    target: str
    raw: bytes = field(repr=False)
    says: str = ""
    facts: dict[str, Any] = field(default_factory=dict, hash=False)
    """Facts by our names: days as ``YYYY-MM-DD``, name servers as a sorted list. None: there is
    none; a fact that is missing is not labelled."""
    names: tuple[str, ...] = ()
    """Names that stand for contacts; an organization's as well as a person's."""
    organizations: tuple[str, ...] = ()
    """Names under the peer's label for organizations."""
    numbers: tuple[str, ...] = ()
    """Telephone and fax numbers of contacts."""
    streets: tuple[str, ...] = ()
    """Lines of postal addresses of contacts."""
    mails: tuple[str, ...] = ()
    """Mail addresses of contacts."""


_OWN_NAME = re.compile(
    r"^[^\n%]{0,40}?\b(?:domain|domain name|domain-name|domainname|domain information|query|dn"
    r"|dominio|nom de domaine)\b[#. \]]*[:\].]\s*\"?((?:[\w-]+\.)+[\w-]{2,})\.?\"?\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_COUNTRY = 2
_ANY_NAME = re.compile(r"(?<![\w.@/-])((?:[a-z0-9-]{1,63}\.){1,3}%s)(?![\w.-])")


def own_name(text: str, zone: str) -> str:
    """The domain that a text without a label is about: as the text says, else one of its zone."""
    zone = zone.strip(".").lower()
    ending = zone.rpartition(".")[2]
    for match in _OWN_NAME.finditer(text):
        if match[1].lower().endswith(f".{ending}") or not ending:
            return match[1].lower()
    named = [match[1].lower() for match in _OWN_NAME.finditer(text)]
    if named and zone.count(".") == 0 and len(zone) > _LONGEST_COUNTRY:
        return named[0]  # a registrar's server, whose own zone says nothing
    pattern = re.compile(_ANY_NAME.pattern % re.escape(zone), re.IGNORECASE)
    for match in pattern.finditer(text):
        if not match[1].lower().startswith(("whois.", "www.", "rdap.", "nic.")):
            return match[1].lower()
    return f"u34jedzcq.{zone}"


def text_of(path: Path) -> str:
    """A file as text, whatever its character set."""
    return text_of_bytes(path.read_bytes())


def text_of_bytes(raw: bytes) -> str:
    """Bytes as text, whatever their character set."""
    for name in ("utf-8", "iso-2022-jp"):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
