"""A sentence that denies a registration, told by its grammar, in the languages of registries.

It has a word that denies and one for what is denied (being found, registered, known), or a word
that says by itself that a name is free; it speaks of nothing else (permission, validity, limits);
it names the domain that was asked for, or stands alone. What else stands in the answer is looked at
in beside.py: a sentence is believed only where nothing of a registration is with it.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from sotokara.kinds.whois.negation_words import APART, JOINED, Words

_MOST_WORDS, _MOST_OF_FREE = 24, 6
"""Words of a sentence that denies, and of one that says that a name is free."""
ASKED = "\N{BULLET}"
"""Stands for the name that was asked for."""
_UNABLE = re.compile(
    r"\b(?:can ?not|can't|could ?not|couldn't|unable to)(?: be)? (?=find|found|locate|match)"
)
_NUMBERED = re.compile(r"\bno\.?\s*[:#.]?\s*(?=\d)|\bno[.:]")
"""``Registration No. 7`` denies nothing."""
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|\N{BULLET}")


class _Tongue(NamedTuple):
    no: re.Pattern[str]
    found: re.Pattern[str]
    free: re.Pattern[str]
    other: re.Pattern[str]
    ordered: bool
    """Whether what denies stands before what is denied."""


def denies(line: str) -> bool:
    """Whether a line denies a registration; the domain that was asked for stands as ``ASKED``.

    >>> denies("Auf dem Server wurde kein Eintrag gefunden."), denies("該当するデータがありません")
    (True, True)
    >>> denies(f"{ASKED} cannot be registered"), denies(f"{ASKED} ist frei")
    (False, True)
    """
    sentence = _prepared(line)
    count = len(_WORD.findall(sentence))
    if not 0 < count <= _MOST_WORDS or "@" in sentence or "://" in sentence:
        return False
    if not any(one.search(sentence) for one in _any_tongue()):
        return False
    tongues = [one for one in _tongues() if one.no.search(sentence) or one.free.search(sentence)]
    if not tongues:
        return False
    if any(one.other.search(sentence) for one in _tongues()):
        return False
    few = count <= _MOST_OF_FREE + sentence.count(ASKED)
    short = few and not any(char.isdigit() for char in sentence)
    denied = any(one.no.search(sentence) for one in tongues)
    for one in tongues:
        if _denied(one, sentence) or (short and not denied and one.free.search(sentence)):
            return True
    return False


def _denied(tongue: _Tongue, sentence: str) -> bool:
    no, found = tongue.no.search(sentence), tongue.found.search(sentence)
    if not no or not found:
        return False
    if not tongue.ordered:
        return True
    later = tongue.found.search(sentence, no.end())
    return bool(later) or bool(re.search(r"[:=]\s*(?:0|none|zero|nothing)\W*$", sentence))


def _prepared(line: str) -> str:
    text = " ".join(line.split()).casefold().strip(" .!。%#*>-").replace("’", "'")
    return _NUMBERED.sub(" ", _UNABLE.sub("not ", text))


@lru_cache(maxsize=1)
def _tongues() -> tuple[_Tongue, ...]:
    apart = [_tongue(words, r"(?<![^\W_])", name) for name, words in APART.items()]
    return (*apart, *(_tongue(words, "", name) for name, words in JOINED.items()))


@lru_cache(maxsize=1)
def _any_tongue() -> tuple[re.Pattern[str], ...]:
    """What some tongue's denial needs: most lines have nothing of it, and are done with here."""
    return tuple(
        _either(
            [one for words in tongues.values() for one in f"{words.no} {words.free}".split()], edge
        )
        for tongues, edge in ((APART, r"(?<![^\W_])"), (JOINED, ""))
    )


def _tongue(words: Words, edge: str, name: str) -> _Tongue:
    forms = [_either(part.split(), edge) for part in words]
    no, found, free, other = forms
    return _Tongue(no, found, free, other, name == "en")


def _either(words: list[str], edge: str) -> re.Pattern[str]:
    """One of some words; the edge is looked at once for all, so most letters cost nothing."""
    return re.compile(f"{edge}(?:{'|'.join(_form(one, edge) for one in words)})")


def _form(word: str, edge: str) -> str:
    ends = "" if word.endswith("*") or not edge else r"(?![^\W_])"
    return f"{re.escape(word.rstrip('*').replace('_', ' '))}{ends}"
