"""What a label says, in whichever language: whose it is, and whether its values may be shown.

A label is looked at word by word, so that ``Registrant Contact Name``, ``owner-name`` and
``registrant_contact_phone`` need no entry of their own. What is not known here is not safe.
"""

import re
from functools import lru_cache

from sotokara.kinds.whois.label_words import (
    CONTACT_WORDS,
    DOMAIN_WORDS,
    HANDLE_WORDS,
    HOLDER_WORDS,
    NAME_WORDS,
    NATIONAL_WORDS,
    NETWORK_WORDS,
    NEUTRAL_WORDS,
    OF_THINGS_WORDS,
    ORGANIZATION_WORDS,
    PRIVATE_WORDS,
    REGISTRAR_DETAILS,
    REGISTRAR_STAFF,
    REGISTRAR_WORDS,
    REMARK_WORDS,
    SAFE_WORDS,
    SERVERS_WORDS,
    TYPE_WORDS,
)
from sotokara.kinds.whois.lines import words

HOLDER, CONTACT, REGISTRAR, SERVERS, DOMAIN, UNKNOWN = (
    "holder",
    "contact",
    "registrar",
    "servers",
    "domain",
    "",
)
"""Whose a label or a section is: the registrant's, another contact's, …"""
ORGANIZATION, NAME, HANDLE, SAFE, TYPE, REMARK, IDENTITY, PRIVATE = (
    "organization",
    "name",
    "handle",
    "safe",
    "type",
    "remark",
    "identity",
    "private",
)
"""What stands behind a label: a name that the label calls an organization's, any name, a handle,
what is nobody's, the word that tells persons from organizations, free words, a number of a person
in some register, or all else."""


class Label:
    """What one label says."""

    def __init__(self, text: str) -> None:
        """``text``: as sent."""
        self.words = words(text)
        plain = " ".join(self.words)
        self.plain = plain
        """The words with a blank between."""
        self.whose = _whose(plain)
        self.what = _what(plain, self.whose)
        known = (PRIVATE_WORDS, NAME_WORDS, HANDLE_WORDS, ORGANIZATION_WORDS, NATIONAL_WORDS)
        self.odd = self.what == PRIVATE and not any(one.search(plain) for one in known)
        """Whether no word of it is known."""


def _whose(plain: str) -> str:
    if NETWORK_WORDS.match(plain):
        return DOMAIN
    if REGISTRAR_WORDS.search(plain) and not REGISTRAR_STAFF.search(plain):
        return REGISTRAR
    if CONTACT_WORDS.search(plain) and not plain.startswith(("registrant", "holder", "owner")):
        return CONTACT
    if HOLDER_WORDS.search(plain):
        return HOLDER
    if SERVERS_WORDS.search(plain) and not plain.startswith(("whois", "registrar")):
        return SERVERS
    return DOMAIN if SAFE_WORDS.search(plain) else UNKNOWN


def _what(plain: str, whose: str) -> str:  # noqa: C901, PLR0911  # a line for each form
    if REMARK_WORDS.match(plain):
        return REMARK
    if NETWORK_WORDS.match(plain) or DOMAIN_WORDS.match(plain):
        return SAFE
    if plain.startswith("mnt "):
        return HANDLE
    if TYPE_WORDS.match(plain):
        return TYPE
    if NATIONAL_WORDS.search(plain) and whose != REGISTRAR:
        return IDENTITY
    if PRIVATE_WORDS.search(plain) and not _mailbox(plain) and whose not in (REGISTRAR, SERVERS):
        return PRIVATE
    if whose == REGISTRAR:
        return SAFE if not REGISTRAR_DETAILS.sub("", _rest(plain)).strip() else NAME
    last = plain.rpartition(" ")[2]
    if ORGANIZATION_WORDS.search(plain) and not HANDLE_WORDS.search(last):
        return NAME if _person_word(plain) else ORGANIZATION
    if HANDLE_WORDS.search(last) and (whose != UNKNOWN or len(plain) > 1):
        return HANDLE
    if whose in (HOLDER, CONTACT):
        rest = HOLDER_WORDS.sub("", CONTACT_WORDS.sub("", _rest(plain))).strip()
        return (
            SAFE if SAFE_WORDS.search(plain) and not rest and not _NAME_LAST.search(plain) else NAME
        )
    somebodys = "name" in plain and not OF_THINGS_WORDS.search(plain)  # "last name"
    if whose == SERVERS or (whose == DOMAIN and not _rest(plain) and not somebodys):
        return SAFE
    return NAME if NAME_WORDS.search(plain) else PRIVATE


def _rest(plain: str) -> str:
    """What is left of a label without the words that are known to be safe."""
    return NEUTRAL_WORDS.sub(
        "", SERVERS_WORDS.sub("", REGISTRAR_WORDS.sub("", SAFE_WORDS.sub("", plain)))
    ).strip()


_NAME_LAST = re.compile(r"\b(?:names?|person|contact|holder|owner|registrant)$")


def _mailbox(plain: str) -> bool:
    return plain in ("abuse mailbox", "orgabuse email")


def _person_word(plain: str) -> bool:
    return bool(re.search(r"\b(?:contact|person|responsib\w*|representative|first|last)\b", plain))


@lru_cache(maxsize=8192)
def label(text: str) -> Label:
    """A label, as sent, in its meaning."""
    return Label(text)
