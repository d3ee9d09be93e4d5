"""What SPF says of an address (``check_host`` of RFC 7208, 4), by what the DNS has said so far.

Pure: it raises :class:`Open` with the question that it needs next. Whoever calls it asks, and calls
again; so the same evaluation can be made of kept answers years later.
"""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sotokara.kinds.shared.mail.records import RecordsUnanswered
from sotokara.kinds.shared.mail.spf import (
    LOOKS_UP,
    MOST_LOOKUPS,
    SpfError,
    Term,
    is_masked,
    record_of,
    terms,
)

PASS, FAIL, SOFTFAIL, NEUTRAL, NONE, PERMERROR, TEMPERROR, UNKNOWN = RESULTS = (
    "pass",
    "fail",
    "softfail",
    "neutral",
    "none",
    "permerror",
    "temperror",
    "unknown",
)
_SIGNS = {"+": PASS, "-": FAIL, "~": SOFTFAIL, "?": NEUTRAL}
_MOST_VOID = 2
"""Look-ups that find nothing, beyond which the record is in error (4.6.4)."""
_MOST_NAMES = 10
_MACRO = re.compile(r"%(?:\{([A-Za-z])(\d{0,3})(r?)([.+,/_=-]*)\}|([%_-])|)")
_LONGEST = 253
_ZEROS = ("0.0.0.0", "::")  # noqa: S104  # as a masked address stands in a message

Look = Callable[[str, str], list[str]]
"""The records of a name of a type (TXT joined, addresses as text, names without their final dot).

Raises Open where that was not asked yet, Unanswered where nobody said it.
"""


class Open(Exception):  # noqa: N818  # a question, not an error
    """What has to be asked next: a name and a type."""

    def __init__(self, name: str, rdtype: str) -> None:
        self.name, self.rdtype = name, rdtype
        super().__init__(name, rdtype)


class _NotKnown(Exception):  # noqa: N818  # what comes of it, not an error
    """It depends on what is not kept of a mail."""


def check_host(address: str, domain: str, helo: str, look: Look) -> tuple[str, str]:
    """The result (one of RESULTS) for a peer's address, and the domain's record.

    The local part of the sender is nobody's business here: what depends on it is ``unknown``.

    :raises Open: with the next question.
    """
    check = _Check(ip_address(address), helo, look)
    record = ""
    try:
        record = record_of(look(domain, "TXT"))
        return (check.walk(record, domain) if record else NONE), record
    except SpfError:
        return PERMERROR, record
    except RecordsUnanswered:
        return TEMPERROR, record
    except _NotKnown:
        return UNKNOWN, record


class _Check:
    """One evaluation."""

    def __init__(self, address: IPv4Address | IPv6Address, helo: str, look: Look) -> None:
        self._address, self._helo, self._look = address, helo, look
        self._lookups = self._void = 0

    def walk(self, record: str, domain: str) -> str:
        """What a record says."""
        for term in terms(record):
            if term.name in (*LOOKS_UP, "redirect"):
                self._lookups += 1
                if self._lookups > MOST_LOOKUPS:
                    raise SpfError("too_many_lookups")
            if term.name == "redirect":
                there = self._expanded(term.value, domain)
                further = record_of(self._look(there, "TXT"))
                if not further:
                    raise SpfError("redirect_without_record")
                return self.walk(further, there)
            if term.name in _MATCHES and _MATCHES[term.name](self, term, domain):
                return _SIGNS[term.sign]
        return NEUTRAL

    def _all(self, _term: Term, _domain: str) -> bool:
        return True

    def _include(self, term: Term, domain: str) -> bool:
        there = self._expanded(term.value, domain)
        further = record_of(self._look(there, "TXT"))
        if not further:
            raise SpfError("include_without_record")
        return self.walk(further, there) == PASS

    def _ip(self, term: Term, _domain: str) -> bool:
        if is_masked(term.value):
            raise _NotKnown
        try:
            net = ip_network(f"{term.value}/{term.prefix}" if term.prefix else term.value, False)  # noqa: FBT003
        except ValueError as error:
            raise SpfError("syntax") from error
        if net.version != int(term.name[2:]):
            raise SpfError("syntax")
        return self._address in net

    def _a(self, term: Term, domain: str) -> bool:
        there = self._expanded(term.value, domain) if term.value else domain
        return self._among(self._found(there, self._type()), term)

    def _mx(self, term: Term, domain: str) -> bool:
        there = self._expanded(term.value, domain) if term.value else domain
        hosts = [one for one in self._found(there, "MX") if one]
        if len(hosts) > _MOST_NAMES:
            raise SpfError("too_many_lookups")
        return any(self._among(self._look(one, self._type()), term) for one in hosts)

    def _ptr(self, term: Term, domain: str) -> bool:
        there = self._expanded(term.value, domain) if term.value else domain
        try:
            names = self._look(self._address.reverse_pointer, "PTR")[:_MOST_NAMES]
        except RecordsUnanswered:
            return False
        for one in names:
            if one != there and not one.endswith(f".{there}"):
                continue
            try:
                if str(self._address) in self._look(one, self._type()):
                    return True
            except RecordsUnanswered:
                continue
        return False

    def _exists(self, term: Term, domain: str) -> bool:
        return bool(self._found(self._expanded(term.value, domain), "A"))

    def _type(self) -> str:
        return "A" if self._address.version == 4 else "AAAA"  # noqa: PLR2004

    def _found(self, name: str, rdtype: str) -> list[str]:
        found = self._look(name, rdtype)
        if not found:
            self._void += 1
            if self._void > _MOST_VOID:
                raise SpfError("too_many_lookups")
        return found

    def _among(self, addresses: list[str], term: Term) -> bool:
        four = self._address.version == 4  # noqa: PLR2004
        length = term.prefix if four else term.prefix6
        told = [one for one in addresses if one not in _ZEROS and not is_masked(one)]
        try:
            nets = [ip_network(f"{one}/{length}" if length else one, False) for one in told]  # noqa: FBT003
        except ValueError as error:
            raise SpfError("syntax") from error
        found = any(self._address in net for net in nets)
        if not found and len(told) < len(addresses):
            raise _NotKnown
        return found

    def _expanded(self, text: str, domain: str) -> str:
        """A domain with its macros filled in (7.2)."""

        def filled(match: re.Match[str]) -> str:
            letter, digits, backwards, marks, literal = match.groups()
            if literal is not None:
                return {"%": "%", "_": " ", "-": "%20"}[literal]
            if letter is None:
                raise SpfError("syntax")
            parts = re.split(f"[{re.escape(marks or '.')}]", self._macro(letter.lower(), domain))
            parts = parts[::-1] if backwards else parts
            return ".".join(parts[-int(digits) :] if digits and int(digits) else parts)

        name = _MACRO.sub(filled, text).rstrip(".").lower()
        while len(name) > _LONGEST and "." in name:
            name = name.partition(".")[2]
        return name

    def _macro(self, letter: str, domain: str) -> str:
        if letter == "d":
            return domain
        if letter == "i":
            if self._address.version == 4:  # noqa: PLR2004
                return str(self._address)
            return ".".join(self._address.exploded.replace(":", ""))
        if letter == "v":
            return "in-addr" if self._address.version == 4 else "ip6"  # noqa: PLR2004
        if letter == "h" and self._helo:
            return self._helo
        if letter in "slophcrt":
            raise _NotKnown
        raise SpfError("syntax")


_MATCHES: dict[str, Callable[[_Check, Term, str], bool]] = {
    "all": _Check._all,  # noqa: SLF001  # this file's own
    "include": _Check._include,  # noqa: SLF001
    "ip4": _Check._ip,  # noqa: SLF001
    "ip6": _Check._ip,  # noqa: SLF001
    "a": _Check._a,  # noqa: SLF001
    "mx": _Check._mx,  # noqa: SLF001
    "ptr": _Check._ptr,  # noqa: SLF001
    "exists": _Check._exists,  # noqa: SLF001
}
