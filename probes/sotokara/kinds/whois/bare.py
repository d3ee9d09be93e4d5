"""What may stand in sentences, in answers of a few words, and in lines of several pairs."""

import re
from calendar import day_abbr, day_name, month_abbr, month_name

from sotokara.kinds.shared.registry.organizations import organization
from sotokara.kinds.shared.registry.personal import masked_mails, shape
from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.labels import CONTACT, HOLDER
from sotokara.kinds.whois.lines import BLANK, COMMENT, HEADING, PAIR, WORDS, values_from
from sotokara.kinds.whois.sections import Placed

_MOST_LINES = 12
_MARKED_UP = re.compile(r"</|[{}|]|\"\s*:|\w=\S|\w[,;][^\W\d]")
"""XML, JSON, CSV, tables, assignments: structure, though no line is a label with its value."""
_IN_A_ROW = re.compile(r"(?<=[^\s.!?] )[^\W\d_a-z]\w+(?: [^\W\d_a-z]\w+)+")
"""Two words and more that begin with capitals, inside a sentence."""


def bare(found: list[Placed]) -> bool:
    """Whether an answer has no structure in which a person could stand: a few words alone."""
    lines = [one for one in found if one.line.kind not in (BLANK, COMMENT)]
    pairs = [one for one in lines if one.line.kind == PAIR and "://" not in one.line.value]
    headed = any(one.line.kind == HEADING and one.whose in (HOLDER, CONTACT) for one in lines)
    marked = any(_MARKED_UP.search(one.line.text) for one in lines)
    return len(lines) <= _MOST_LINES and not (pairs or headed or marked)


def without_names_in_a_row(text: str) -> str:
    """A sentence without what may be a name in it; an organization's stays."""
    return _IN_A_ROW.sub(lambda one: one[0] if organization(one[0]) else shape(one[0]), text)


def without_unknown_names(text: str, known: frozenset[str]) -> str:
    """A sentence without what may be a name in it, where no word of that is a common one.

    ``known``: words that the answer has in small letters, too.
    """

    def hidden(one: re.Match[str]) -> str:
        return one[0] if organization(one[0]) or _common(one[0], known) else shape(one[0])

    return _IN_A_ROW.sub(hidden, text)


def _common(row: str, known: frozenset[str]) -> bool:
    """Whether words are no name: one of them is a thing's, an acronym, or knows no capitals."""
    return any(
        word.lower() in known
        or word.lower() in _THINGS
        or (word.isupper() and len(word) <= _ACRONYM)
        or not word[0].isupper()
        for word in row.split()
    )


def without_values_in_a_row(text: str) -> str | None:
    """A line of several labels (``domain: a.example; holder: Jane Roe``); None: it is no such one.

    Only the first value can stay, where it is nobody's.
    """
    span = values_from(text)
    if span is None:
        return None
    kept = span.end if shapes.nobodys(text[span.start : span.end].strip()) else span.start
    return masked_mails(text[:kept]) + shape(text[kept:])


def small_words(texts: list[str]) -> frozenset[str]:
    """The words that an answer has in small letters."""
    return frozenset(word for text in texts for word in _SMALL.findall(text))


_SMALL = re.compile(r"\b[a-z]{2,}\b")
_ACRONYM = 5
_THINGS = frozenset(
    (
        *("act", "acts", "and", "conditions", "copyright", "database", "domain", "domains", "gmt"),
        *("information", "international", "internet", "intellectual", "intelectual", "law"),
        *("level", "name", "names", "network", "networks", "policy", "privacy", "propiedad"),
        *("property", "protection", "protocol", "provision", "registration", "registry"),
        *("registrar", "republic", "server", "service", "services", "society", "specification"),
        *("terms", "trademark", "university", "version", "whois"),
    )
)
"""What registries write with capitals in their terms of use."""
_THINGS |= {one.lower() for names in (day_abbr, month_abbr, day_name, month_name) for one in names}


# Paragraphs of sentences, such as terms of use, among the lines of an answer.


def prose_lines(found: list[Placed]) -> set[int]:
    """The lines of paragraphs of sentences that stand in no contact's section."""
    prose: set[int] = set()
    paragraph: list[int] = []
    for at in range(len(found) + 1):
        if at < len(found) and found[at].line.kind != BLANK:
            paragraph.append(at)
            continue
        lines = [found[one] for one in paragraph]
        free = [
            one for one in lines if one.line.kind == WORDS and one.whose not in (HOLDER, CONTACT)
        ]
        if free and shapes.prose(" ".join(one.line.text for one in lines)):
            alone = [
                one
                for one in paragraph
                if found[one].line.kind == WORDS and found[one].whose not in (HOLDER, CONTACT)
            ]
            if len(alone) > len(paragraph) // 2:
                prose.update(alone)
        paragraph = []
    return prose


# Words without a label that says what they are: whether they are nobody's, and numbers in them.

_PHONE = re.compile(
    r"(?:\+|(?<![\d.:/-])00)\s?\d[\d ().\-/]{5,24}\d"
    r"|\b(?:tel|phone|fax|mobile|mob|gsm|cell|call)[\w.:() ]{0,12}[+(\d][\d ().\-/]{4,24}\d",
    re.IGNORECASE,
)
_STREET = re.compile(
    r"\d|\b(?:road|rd|street|st|avenue|ave|lane|drive|square|str|strasse|straße|ulica|ul|rue|calle"
    r"|via|rua|avenida|laan|straat|weg|platz|p\.?o\.? box|building|floor|suite|room)\b",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Z]{1,4}|(?=[A-Z_.-]*\d)[A-Z0-9][A-Z0-9_.-]*")


def company(value: str) -> bool:
    """Whether words without a label are an organization's name, and no part of an address."""
    return organization(value) and not _STREET.search(value)


def free_words(value: str) -> bool:
    """Whether free words are nobody's: an organization's name, a sentence, rulings."""
    if _PHONE.search(value):
        return False
    if not re.search(r"[^\W_]", value):
        return True
    if organization(value):
        return not _STREET.search(value)
    if shapes.somebody(value):
        return False
    return shapes.prose(value) or shapes.phrase(value) or bool(_CODE.fullmatch(value))


def without_numbers(text: str) -> str:
    """The text with telephone numbers and mails masked."""
    return _PHONE.sub(lambda match: shape(match[0]), masked_mails(text))
