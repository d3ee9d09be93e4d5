"""SPF (RFC 7208): the record among a name's texts, its terms, and how many look-ups it costs."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from sotokara.kinds.mail.facts import Spf
from sotokara.kinds.mail.records import Unanswered

MOST_LOOKUPS = 10
"""Of include, a, mx, ptr, exists and redirect, all together (4.6.4)."""
_RECORD = re.compile(r"v=spf1(?: |$)", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"(?P<sign>[-+~?]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)"
    r"(?::(?P<value>[!-~]*?))?(?P<prefix>/\d{1,2})?(?P<prefix6>//?\d{1,3})?",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9_.-]*)=(?P<value>[!-~]*)")
_NEEDS_VALUE = ("include", "exists", "ip4", "ip6")
_LOOKS_UP = ("include", "a", "mx", "ptr", "exists")

Texts = Callable[[str], list[str]]
"""The texts of a name. Raises Unanswered where nobody said them."""


class Term(NamedTuple):
    """A mechanism or modifier, in lower case; its value as it stands."""

    name: str
    value: str
    sign: str = "+"


class SpfError(Exception):
    """A record with which a receiver ends in permerror (2.6.7); the text is one of the problems."""


def record_of(found: list[str]) -> str:
    """The one SPF record among a name's texts; empty where there is none.

    :raises SpfError: where there are several (4.5).
    """
    own = [text for text in found if _RECORD.match(text)]
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
        return Term(name, value)
    mechanism = _DIRECTIVE.fullmatch(word)
    if mechanism is None:
        raise SpfError("syntax")
    name, value = mechanism["name"].lower(), mechanism["value"]
    if (value is not None) != bool(value) or (name in _NEEDS_VALUE and not value):
        raise SpfError("syntax")
    if name == "all" and word.lower().lstrip("+-~?") != "all":
        raise SpfError("syntax")
    return Term(name, value or "", mechanism["sign"] or "+")


def followed(record: str) -> Iterator[str]:
    """The names whose own records a record leads to; one with a macro depends on the mail (7)."""
    try:
        found = terms(record)
    except SpfError:
        return
    for term in found:
        if term.name in ("include", "redirect") and "%" not in term.value:
            yield term.value.rstrip(".").lower()


class _Count:
    """The look-ups of one evaluation that matches nothing until its end."""

    def __init__(self, look: Texts) -> None:
        self._look = look
        self.lookups = 0
        self.problems: list[str] = []

    def walk(self, record: str) -> str:
        """Go through a record; what it says of everybody else.

        :raises SpfError: where a receiver gives up.
        :raises Unanswered: where a record that it needs was not answered.
        """
        everybody = "?"
        for term in terms(record):
            if term.name in _LOOKS_UP or term.name == "redirect":
                self._one_more()
            if term.name == "ptr":
                self._note("ptr")
            if term.name == "include":
                self._into(term, "include_without_record")
            if term.name == "redirect":
                everybody = self._into(term, "redirect_without_record")
            if term.name == "all":
                everybody = term.sign
        return everybody

    def _one_more(self) -> None:
        self.lookups += 1
        if self.lookups > MOST_LOOKUPS:
            raise SpfError("too_many_lookups")

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def _into(self, term: Term, missing: str) -> str:
        if "%" in term.value:
            self._note("macro")
            return "?"
        record = record_of(self._look(term.value.rstrip(".").lower()))
        if not record:
            raise SpfError(missing)
        return self.walk(record)


def read(domain: str, look: Texts) -> Spf:
    """What a domain's SPF comes to: its record, what it says of others, its look-ups."""
    record = ""
    try:
        record = record_of(look(domain))
    except Unanswered:
        return Spf(state="not_answered")
    except SpfError as wrong:
        return Spf(state="broken", problems=[str(wrong)])
    if not record:
        return Spf(state="absent")
    count = _Count(look)
    try:
        everybody = count.walk(record)
    except SpfError as wrong:
        return Spf(
            state="broken",
            record=record,
            problems=[*count.problems, str(wrong)],
            lookups=count.lookups,
        )
    except Unanswered:
        return Spf(state="not_answered", record=record, problems=count.problems)
    if everybody == "+":
        count.problems.append("passes_everybody")
    return Spf(
        state="present",
        record=record,
        problems=count.problems,
        all=everybody,
        lookups=count.lookups,
    )


def names_needed(domain: str, said: Mapping[str, list[str]]) -> list[str]:
    """The names whose texts an evaluation needs next, out of those that were said so far.

    Never more than a receiver would ask, and each once: a loop ends by the limit of look-ups.
    """
    needed: list[str] = []
    seen: set[str] = set()
    names = [domain]
    while names and len(seen) <= MOST_LOOKUPS:
        name = names.pop(0)
        if name in seen:
            continue
        seen.add(name)
        if name not in said:
            needed.append(name)
            continue
        for text in said[name]:
            if _RECORD.match(text):
                names += followed(text)
    return needed
