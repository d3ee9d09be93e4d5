"""Words of a page, Japanese and English: how long they take to read, and how search finds them.

Pure functions; ``blog.py`` beside this file calls them from MkDocs' events.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import unescape
from math import ceil
from typing import Any

import snowballstemmer  # type: ignore[import-untyped]

HIRAGANA = "ぁ-ゖゝゞ"
KATAKANA = "ァ-ヺーヽヾ"
HAN = "㐀-䶿一-鿿豈-﫿々〆〇"
LATIN_MARKS = r"""\s\-"'`()<>\[\]{},:;!?/@#&=*~^+"""
WIDE_MARKS = "　、。，．・：；！？「」『』（）【】〈〉《》…‥“”‘’"

# Letters and full-width marks: no space stands beside them.
IN_JAPANESE = f"{HIRAGANA}{KATAKANA}{HAN}　-〟！-｠"

# Characters of Japanese text that are read one by one; the Latin words beside them are not.
JAPANESE = re.compile(f"[{HIRAGANA}{KATAKANA}{HAN}]")
# Medium's figures, which Material's 265 words come from too: 500 characters a minute in Japanese.
WORDS_PER_MINUTE = 265
CHARACTERS_PER_MINUTE = 500

# The search worker cuts text and queries alike with this expression.
# Besides spaces and punctuation it cuts, without taking a character away, where a Japanese phrase
# begins: between hiragana and what follows it, and between Japanese and Latin letters.
# Material splits the expression at each bar, so there is none inside a group.
SEPARATOR = "|".join(
    (
        f"[{LATIN_MARKS}{WIDE_MARKS}]+",
        r"\.(?![0-9A-Za-z_])",
        f"(?<=[{HIRAGANA}])(?=[{KATAKANA}{HAN}])",
        f"(?<=[0-9A-Za-z])(?=[{HIRAGANA}{KATAKANA}{HAN}])",
        f"(?<=[{HIRAGANA}{KATAKANA}{HAN}])(?=[0-9A-Za-z])",
    )
)
# Ends a token that would otherwise be Chinese characters alone. The worker cuts a query at any
# such token that it knows and then drops the rest of the query; with this, it knows none.
JOINER = "\N{ZERO WIDTH SPACE}"
BARE_HAN = re.compile(f"(?<=[{HAN}])(?![{HIRAGANA}{KATAKANA}{HAN}{JOINER}])")
CUTS = re.compile(SEPARATOR)
WORD_START = re.compile(f"(?![ーァィゥェォッャュョヮヵヶ])[{KATAKANA}{HAN}]")
ENGLISH = re.compile("[a-z]{4,}")
TAG = re.compile("<[^<>]*>")
# A host name's length (RFC 1035). What others answer is in the pages, and may be one endless word.
LONGEST_TOKEN = 253
LONGEST_PHRASE = 40
STEMMER = snowballstemmer.stemmer("english")


def reading_minutes(text: str, images: int = 0) -> int:
    """Whole minutes, at least one, that a page of plain ``text`` and ``images`` takes to read.

    Each image counts 12 s, the next one a second less, down to 3 s, as in Material.
    """
    characters = len(JAPANESE.findall(text))
    words = len(re.findall(r"\w+", JAPANESE.sub(" ", text)))
    seconds = 60 * (characters / CHARACTERS_PER_MINUTE + words / WORDS_PER_MINUTE)
    seconds += sum(max(12 - seen, 3) for seen in range(images))
    return max(1, ceil(seconds / 60))


def tokens(text: str) -> set[str]:
    """The tokens that the search worker makes of HTML ``text``."""
    found = CUTS.split(unescape(TAG.sub(" ", text)).lower())
    return {token for token in found if 0 < len(token) <= LONGEST_TOKEN}


def tails(token: str) -> Iterator[str]:
    """What a reader may type to find the inside of ``token``: the worker matches beginnings only.

    Japanese compounds give every tail that starts in a Chinese character or katakana;
    host names give each parent domain.
    """
    if JAPANESE.match(token):
        starts = range(1, min(len(token), LONGEST_PHRASE))
        yield from (token[n:] for n in starts if WORD_START.match(token[n]))
    elif re.search(r"[a-z].*\.|\..*[a-z]", token):
        labels = token.split(".")
        yield from (".".join(labels[n:]) for n in range(1, len(labels)))


def forms(stem: str, family: Iterable[str]) -> Iterator[str]:
    """Regular English forms of ``stem`` and of the words that share it; some are no words."""
    yield from (stem.removesuffix("e") + ending for ending in ("es", "ed", "ing"))
    yield from (word + "s" for word in family if not word.endswith("s"))
    if stem.endswith("i"):
        yield f"{stem[:-1]}ying"


def complete_search_index(index: dict[str, Any]) -> None:
    """Let Material's search find Japanese inside phrases, parent domains and English stems.

    ``index`` is the parsed search_index.json. Each section gets one more field, ``terms``, which
    is searched and never shown.
    """
    sections: list[dict[str, Any]] = index["docs"]
    found = [tokens(f"{section['title']} {section['text']}") for section in sections]
    stems = {
        word: STEMMER.stemWord(word) for word in filter(ENGLISH.fullmatch, set().union(*found))
    }
    families: defaultdict[str, set[str]] = defaultdict(set)
    for word, stem in stems.items():
        families[stem].add(word)
    for stem, family in families.items():
        family.update(forms(stem, family.copy()))
    for section, words in zip(sections, found, strict=True):
        terms = {tail for token in words for tail in tails(token)}
        terms.update(*(families[stems[word]] for word in words if word in stems))
        section["terms"] = BARE_HAN.sub(JOINER, " ".join(sorted(terms - words)))
        for field in ("title", "text"):
            section[field] = BARE_HAN.sub(JOINER, section[field])
    index["config"]["separator"] = SEPARATOR
    index["config"]["fields"]["terms"] = {"boost": 1.0}
