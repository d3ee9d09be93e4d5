"""The words with which registries say that there is nothing, that nobody may have it, or go away.

Each is looked for line by line, in short lines, outside the terms of use. What is no registry's
text at all (a web page, an HTTP error of a captive portal) says nothing about the target. Being
turned away is known by the registry's own words; another trouble of a server is not a limit.
"""

import re
from typing import Protocol

from sotokara.kinds.shared.registry.target import spellings
from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.answer_words import (
    BROKEN_WORDS,
    HELD_WORDS,
    LIMITED_WORDS,
    LIMITS_ANYWHERE,
    LIMITS_OF,
    NOT_OF_DOMAINS_WORDS,
    NOT_UNAVAILABLE_WORDS,
    NOTHING_WORDS,
    REFUSED_WORDS,
    TERMS_WORDS,
    UNAVAILABLE_WORDS,
    WEB_PAGE,
)
from sotokara.kinds.whois.negation import ASKED, denies

_TAIL = re.compile(r"(?:reserved|prohibited|restricted|blocked)\b[.,]")
_SAMPLE = 20_000
"""Refusals are short; the terms of use below a long answer speak of limits as well."""


class _Words(Protocol):
    """What looks for words in a line."""

    def search(self, line: str, /) -> re.Match[str] | None: ...


_Order = tuple[tuple[str, _Words], ...]
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


def denial_of(server: str, text: str, name: str = "") -> tuple[str, str]:
    """What an answer without a registration says, and the line that says it; ("", "") for nothing.

    The first line that says something counts; lines that stand alone before those of paragraphs.
    Last comes a sentence that denies in words that are not listed (see negation.py). ``name``: the
    domain that was asked for, whose own words (``free.example``) say nothing.
    """
    sample = _without(name, text[:_SAMPLE])
    for host, pattern in LIMITS_OF:
        if server == host and (match := pattern.search(sample)):
            return LIMITED, _line_at(sample, match.start())
    alone, inside = _lines(sample)
    for line in (*alone, *inside):
        if LIMITS_ANYWHERE.search(line):
            return LIMITED, line
    found = _first(alone, _ORDER) or _first(inside, _ORDER_INSIDE)
    whole = " ".join(alone)[:2000]  # a sentence over two lines
    found = found or _first([whole], _ORDER_INSIDE)
    if found and found[0] == BROKEN and LIMITED_WORDS.search(whole):  # … the reason stands below
        found = LIMITED, found[1]
    if not found and len(alone) <= _MOST_ALONE:  # where more is said, unknown words are not enough
        found = next(((NOTHING, one) for one in (*alone, whole) if denies(one)), None)
    return (found[0], found[1][:_LONGEST]) if found else ("", "")


def _first(lines: list[str], order: _Order) -> tuple[str, str] | None:
    return next(((name, line) for line in lines if (name := _says(line, order))), None)


def _without(name: str, text: str) -> str:
    """A text in which the name that was asked for is a mark."""
    for spelled in spellings(name) if name else ():
        text = re.sub(
            rf"(?<![\w.-]){re.escape(spelled)}(?![\w-])", ASKED, text, flags=re.IGNORECASE
        )
    return text


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
        kept = [_POINTS.sub("", one) for one in kept]
        into = inside if len(kept) >= _PARAGRAPH and shapes.prose(" ".join(kept)) else alone
        into += [one for one in kept if len(one) <= _LONGEST and not TERMS_WORDS.search(one)]
    return alone, inside


_POINTS = re.compile(
    r"(?<=[.!;]) +(?:please |pls )?(?:use|see|visit|go to|try)\b[^.!;]{0,40}https?:.*",
    re.IGNORECASE,
)
"""The end of a line that points elsewhere, behind a sentence that says something."""
_PARAGRAPHS = re.compile(r"\n[\s%#*;>|-]*\n")
_PARAGRAPH = 4
_MOST_ALONE = 60
"""Short lines outside paragraphs in an answer that has nothing to tell."""


def _says(line: str, order: _Order) -> str:
    for name, pattern in order:
        if name == UNAVAILABLE:
            if _cannot_be_had(line):
                return name
        elif name == NOTHING and NOT_OF_DOMAINS_WORDS.search(line):
            continue
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
    patterns: tuple[_Words, ...] = (
        NOTHING_WORDS,
        LIMITED_WORDS,
        REFUSED_WORDS,
        BROKEN_WORDS,
        LIMITS_ANYWHERE,
    )
    listed = any(pattern.search(line) for pattern in patterns) or _cannot_be_had(line)
    return listed or denies(line)


def held(status: str) -> bool:
    """Whether a status, alone, says that somebody has the name."""
    return bool(HELD_WORDS.match(status.strip()))


def free(status: str) -> bool:
    """Whether a status says that a name is not registered."""
    words = f"status: {status.strip()}"
    return bool(NOTHING_WORDS.search(words)) or denies(words)


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
