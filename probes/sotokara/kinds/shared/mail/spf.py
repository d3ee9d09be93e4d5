"""SPF (RFC 7208): the record among a name's texts, and its terms."""

import re
from ipaddress import ip_network
from typing import NamedTuple

MOST_LOOKUPS = 10
"""Of include, a, mx, ptr, exists and redirect, all together (4.6.4)."""
RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"(?P<sign>[-+~?]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)"
    r"(?::(?P<value>[!-~]*?))?(?P<prefix>/\d{1,2})?(?P<prefix6>//?\d{1,3})?",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_.-]*)=(?P<value>[!-~]*)")
_NEEDS_VALUE = ("include", "exists", "ip4", "ip6")
_MACRO = re.compile(r"%(?:\{[slodiphcrtv]\d{0,3}r?[.+,/_=-]*\}|[%_-])", re.IGNORECASE)
_LONGEST4, _LONGEST6 = 32, 128
LOOKS_UP = ("include", "a", "mx", "ptr", "exists")


_MASKED = re.compile(
    r"(?=.*x)(?:[x\d]{1,3}\.){3}[x\d]{1,3}|(?=.*x)(?=.*:.*:)[x0-9a-f:.]+", re.IGNORECASE
)


def is_masked(address: str) -> bool:
    """Whether an address in a record was masked, wholly or in part: it is well formed then.

    >>> is_masked("xxx.x.x.xx"), is_masked("192.0.2.1"), is_masked("xxxx:xxx::x")
    (True, False, True)
    """
    return _MASKED.fullmatch(address) is not None


class Term(NamedTuple):
    """A mechanism or modifier, in lower case; its value as it stands."""

    name: str
    value: str
    sign: str = "+"
    prefix: str = ""
    """Behind one slash: of the address, or of an IPv4 one."""
    prefix6: str = ""
    """Behind two slashes: of an IPv6 one."""


class SpfError(Exception):
    """A record with which a receiver ends in permerror (2.6.7); the text is one of the problems."""


def record_of(found: list[str]) -> str:
    """The one SPF record among a name's texts; empty where there is none.

    :raises SpfError: where there are several (4.5).
    """
    own = [text for text in found if RECORD.match(text)]
    if len(own) > 1:
        raise SpfError("several_records")
    return own[0] if own else ""


def terms(record: str) -> list[Term]:
    """The terms up to ``all``, behind which nothing is looked at (5.1), nor a redirect (6.1).

    :raises SpfError: for what is none; a receiver reads the whole record first (4.6).
    """
    found = [_term(word) for word in record.split(" ")[1:] if word]
    for name in ("redirect", "exp"):
        if [term.name for term in found].count(name) > 1:
            raise SpfError("repeated_modifier")
    at = next((number for number, term in enumerate(found) if term.name == "all"), None)
    if at is not None:
        return [term for term in found[: at + 1] if term.name != "redirect"]
    return sorted(found, key=lambda term: term.name == "redirect")


def _term(word: str) -> Term:
    if modifier := _MODIFIER.fullmatch(word):
        name, value = modifier["name"].lower(), modifier["value"]
        if name in ("redirect", "exp") and not value:
            raise SpfError("syntax")
        _check_macros(value)
        return Term(name, value)
    mechanism = _DIRECTIVE.fullmatch(word)
    if mechanism is None:
        raise SpfError("syntax")
    name, value = mechanism["name"].lower(), mechanism["value"]
    if (value is not None) != bool(value) or (name in _NEEDS_VALUE and not value):
        raise SpfError("syntax")
    if name == "all" and word.lower().lstrip("+-~?") != "all":
        raise SpfError("syntax")
    _check_macros(value or "")
    prefix, prefix6 = mechanism["prefix"] or "", mechanism["prefix6"] or ""
    if prefix6 and not prefix6.startswith("//"):  # three digits behind one slash
        prefix, prefix6 = prefix6, ""
    found = Term(
        name, value or "", mechanism["sign"] or "+", prefix.lstrip("/"), prefix6.lstrip("/")
    )
    if not _proper_length(found):
        raise SpfError("syntax")
    return found


def _proper_length(term: Term) -> bool:
    """Whether an address is one of its family, and no prefix is longer than one (5.3, 5.6)."""
    if term.name in ("ip4", "ip6"):
        if is_masked(term.value):
            return not term.prefix6
        try:
            net = ip_network(f"{term.value}/{term.prefix}" if term.prefix else term.value, False)  # noqa: FBT003
        except ValueError:
            return False
        return net.version == int(term.name[2:]) and not term.prefix6
    bare = term.name in ("a", "mx") or not (term.prefix or term.prefix6)
    return bare and int(term.prefix or 0) <= _LONGEST4 and int(term.prefix6 or 0) <= _LONGEST6


def _check_macros(text: str) -> None:
    """Refuse a macro that is none (7.1)."""
    if "%" in _MACRO.sub("", text):
        raise SpfError("syntax")
