"""How many look-ups a domain's SPF costs, and what it says of everybody else (RFC 7208)."""

from collections.abc import Callable, Iterator, Mapping

from sotokara.kinds.shared.mail.parts import Spf
from sotokara.kinds.shared.mail.records import RecordsUnanswered
from sotokara.kinds.shared.mail.spf import (
    LOOKS_UP,
    MOST_LOOKUPS,
    RECORD,
    SpfError,
    Term,
    record_of,
    terms,
)

Texts = Callable[[str], list[str]]
"""The texts of a name. Raises Unanswered where nobody said them."""


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
            if term.name in LOOKS_UP or term.name == "redirect":
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


def evaluate_spf(domain: str, look: Texts) -> Spf:
    """What a domain's SPF comes to: its record, what it says of others, its look-ups."""
    record = ""
    try:
        record = record_of(look(domain))
    except RecordsUnanswered:
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
    except RecordsUnanswered:
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
            if RECORD.match(text):
                names += followed(text)
    return needed
