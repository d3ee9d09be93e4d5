"""What is a person's in what registries send: mails, names that are no organization's."""

import re
import unicodedata
from collections.abc import Iterable

from sotokara.kinds.shared.registry.organizations import organization

__all__ = [
    "MAIL",
    "ROLE_MAIL",
    "identity_number",
    "masked_mails",
    "organization",
    "shape",
    "tells_name",
]

MAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,255}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
ROLE_MAIL = re.compile(
    r"(?:abuse|noc|security|hostmaster|postmaster|webmaster|info|support|admin|domains?"
    r"|dns(?:-admin)?|registry|ipadm(?:in)?|ip|lir|contact|cert|hm-changed|registrar|protect"
    r"|arin-contact|abusecomplaints)@",
    re.IGNORECASE,
)
"""Mailboxes of roles, not of persons (RFC 2142 and what registries use)."""
_SHAPE = re.compile(r"[^\W_]")


def shape(text: str) -> str:
    """Letters, their marks and digits as ``x``: as long, and as readable as a form, as before."""
    if text.isascii():
        return _SHAPE.sub("x", text)
    return "".join("x" if one.isalnum() or _mark(one) else one for one in text)


def _mark(one: str) -> bool:
    """Whether a character is a vowel sign or an accent of its own (``ชื่อ``, NFD)."""
    return unicodedata.category(one).startswith("M")


_LEAST_OF_NAME = 4
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})


def tells_name(handle: str, names: Iterable[str], public: Iterable[str] = ()) -> bool:
    """Whether a handle, before the registry's own suffix, has a word of a person's name in it.

    Short names are told by all their words together. ``public``: names that are shown anyway; a
    handle made of one of them alone tells nobody.

    >>> tells_name("HMUELLER-EX", ["Hans Müller"]), tells_name("HM4711-EX", ["Hans Müller"])
    (True, False)
    >>> tells_name("ROEJAN7", ["Jan Roe"]), tells_name("EXHOST-EX", ["Exhost Team"], ["Exhost Ltd"])
    (True, False)
    """
    own = handle.rpartition("-")[0] or handle
    letters = "".join(_WORD.findall(_plain(own)))
    if letters in {word for name in public for word in _WORD.findall(_plain(name))}:
        return False
    spellings = (form for name in names for form in (name.casefold().translate(_SPELLED_OUT), name))
    for form in spellings:
        words = _WORD.findall(_plain(form))
        if any(word in letters for word in words if len(word) >= _LEAST_OF_NAME):
            return True
        joined = ("".join(words), "".join(reversed(words)))
        if any(len(one) >= _LEAST_OF_NAME and one in letters for one in joined):
            return True
    return False


_WORD = re.compile(r"[^\W\d_]+")


def _plain(text: str) -> str:
    """In lower case and without accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in apart if not unicodedata.combining(one))


def masked_mails(text: str) -> str:
    """Mail addresses with the part before the @ masked, unless it is a role's."""
    return MAIL.sub(_mail, text)


def _mail(match: re.Match[str]) -> str:
    if ROLE_MAIL.match(match[0]):
        return match[0]
    local, _, domain = match[0].partition("@")
    return f"{shape(local)}@{domain}"


_DAY = re.compile(r"\s*(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\d{8})(?:[T ].*)?$")
_MOST_LETTERS, _FEWEST_DIGITS = 2, 5


def identity_number(value: str) -> bool:
    """Whether a value is a number of identity and no name: digits, with a check letter or two.

    >>> identity_number("123.456.789-09"), identity_number("12345678Z"), identity_number("3M")
    (True, True, False)
    """
    letters, digits = (sum(map(test, value)) for test in (str.isalpha, str.isdecimal))
    few = letters <= _MOST_LETTERS and digits >= _FEWEST_DIGITS
    return few and not value[:2].isalpha() and not _DAY.match(value)  # JP00000127 is a handle
