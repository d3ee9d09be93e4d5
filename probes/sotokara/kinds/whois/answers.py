"""The words with which registries say that there is nothing, that nobody may have it, or go away.

Each is looked for line by line, in short lines, outside the terms of use. What is no registry's
text at all (a web page, an HTTP error of a captive portal) says nothing about the target. Being
turned away is known by the registry's own words; another trouble of a server is not a limit.
"""

import re

from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.answer_words import (
    BROKEN_WORDS,
    LIMITED_WORDS,
    LIMITS_ANYWHERE,
    LIMITS_OF,
    NOT_UNAVAILABLE_WORDS,
    NOTHING_WORDS,
    REFUSED_WORDS,
    TERMS_WORDS,
    UNAVAILABLE_WORDS,
    WEB_PAGE,
)

_TAIL = re.compile(r"(?:reserved|prohibited|restricted|blocked)\b[.,]")
_SAMPLE = 20_000
"""Refusals are short; the terms of use below a long answer speak of limits as well."""
_LONGEST = 200
"""Characters of a line that says one thing; longer ones are paragraphs."""

LIMITED, NOTHING, UNAVAILABLE, REFUSED, BROKEN = (
    "rate_limited",
    "no_match",
    "unavailable",
    "refused_by_server",
    "server_misbehaving",
)


def web_page(text: str) -> str:
    """The line that shows that a text is a web server's, no registry's; empty where none does."""
    match = WEB_PAGE.search(text[:4096])
    if not match:
        return ""
    return text[match.start() :].strip().partition("\n")[0].strip()[:100]


def said(server: str, text: str) -> tuple[str, str]:
    """What an answer without a registration says, and the line that says it; ("", "") for nothing.

    The first line that says something counts; lines that stand alone before those of paragraphs.
    """
    sample = text[:_SAMPLE]
    for name, pattern in LIMITS_OF:
        if server == name and (match := pattern.search(sample)):
            return LIMITED, _line_at(sample, match.start())
    alone, inside = _lines(sample)
    for line in (*alone, *inside):
        if LIMITS_ANYWHERE.search(line):
            return LIMITED, line
    for line in alone:
        if name := _says(line, _ORDER):
            return name, line
    for line in inside:
        if name := _says(line, _ORDER_INSIDE):
            return name, line
    whole = " ".join(alone)[:2000]  # a sentence over two lines
    return (name, whole[:_LONGEST]) if (name := _says(whole, _ORDER_INSIDE)) else ("", "")


def limited(server: str, text: str) -> str:
    """The line of a limit that looks like a registration; empty where there is none."""
    sample = text[:_SAMPLE]
    known = [form for host, form in LIMITS_OF if host == server]
    for form in (*known, LIMITS_ANYWHERE):
        if match := form.search(sample):
            return _line_at(sample, match.start())
    return ""


def _lines(sample: str) -> tuple[list[str], list[str]]:
    """The short lines that stand alone, and those inside paragraphs of three lines and more."""
    alone: list[str] = []
    inside: list[str] = []
    for paragraph in _PARAGRAPHS.split(sample):
        bare = [line.strip(" \t\r%#*;>-\"'|") for line in paragraph.splitlines()]
        kept = [one for one in bare if one]
        into = inside if len(kept) >= _PARAGRAPH and shapes.prose(" ".join(kept)) else alone
        into += [one for one in kept if len(one) <= _LONGEST and not TERMS_WORDS.search(one)]
    return alone, inside


_PARAGRAPHS = re.compile(r"\n[\s%#*;>|-]*\n")
_PARAGRAPH = 4


def _says(line: str, order: tuple[tuple[str, "re.Pattern[str]"], ...]) -> str:
    for name, pattern in order:
        if name == UNAVAILABLE:
            if _cannot_be_had(line):
                return name
        elif pattern.search(line):
            return name
    return ""


_ORDER = (
    (LIMITED, LIMITED_WORDS),
    (BROKEN, BROKEN_WORDS),
    (UNAVAILABLE, UNAVAILABLE_WORDS),
    (NOTHING, NOTHING_WORDS),
    (REFUSED, REFUSED_WORDS),
)
"""Of what a line says: a limit before another trouble, "nobody may have it" before "not found",
since the latter words often stand beside the former."""
_ORDER_INSIDE = ((NOTHING, NOTHING_WORDS), (LIMITED, LIMITED_WORDS), (REFUSED, REFUSED_WORDS))
"""In a paragraph, which may be terms of use: its words are not taken for a trouble."""


def says_something(line: str) -> bool:
    """Whether a line alone says one of these things, and so is nobody's name."""
    if len(line) > _LONGEST:
        return False
    patterns = (NOTHING_WORDS, LIMITED_WORDS, REFUSED_WORDS, BROKEN_WORDS, LIMITS_ANYWHERE)
    return any(pattern.search(line) for pattern in patterns) or _cannot_be_had(line)


def free(status: str) -> bool:
    """Whether a status says that a name is not registered."""
    return bool(NOTHING_WORDS.search(f"status: {status.strip()}"))


def unavailable(status: str) -> bool:
    """Whether a status says that nobody may register a name."""
    return _cannot_be_had(f"status: {status.strip()}")


def _cannot_be_had(line: str) -> bool:
    if line[:1].islower() and _TAIL.match(line):
        return False  # the end of a sentence: "… is strictly / prohibited."
    return bool(UNAVAILABLE_WORDS.search(line)) and not NOT_UNAVAILABLE_WORDS.search(line)


def _line_at(text: str, at: int) -> str:
    start = text.rfind("\n", 0, at) + 1
    return text[start:].partition("\n")[0].strip(" %#\r")[:_LONGEST]
