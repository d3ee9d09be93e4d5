"""A failure's particulars in the page's language.

They are kept in English, as they were found. ``detail_…`` in the word files has each phrase of
ours; what a server said is none of ours and stays as it is.
"""

import re
from functools import lru_cache

from sotokara.core.labels import DEFAULT, labels
from sotokara.core.observation import FAILURES

_PREFIX = "detail_"
_FIELD = re.compile(r"\{(\w+)\}")


def detail_in_words(detail: str, words: dict[str, str]) -> str:
    """The particulars in the language of ``words``."""
    if detail in FAILURES:
        return words[detail]
    for key, pattern in _phrases():
        if match := pattern.fullmatch(detail):
            parts = {name: detail_in_words(part, words) for name, part in match.groupdict().items()}
            return words[key].format(**parts)
    return detail


@lru_cache
def _phrases() -> list[tuple[str, re.Pattern[str]]]:
    """Each phrase's key and what it looks like, those that say the most first."""
    phrases = [(key, text) for key, text in labels(DEFAULT).items() if key.startswith(_PREFIX)]
    phrases.sort(key=lambda one: -len(_FIELD.sub("", one[1])))
    return [(key, re.compile(_pattern(text), re.DOTALL)) for key, text in phrases]


def _pattern(text: str) -> str:
    pieces = _FIELD.split(text)
    return "".join(
        f"(?P<{piece}>.+?)" if number % 2 else re.escape(piece)
        for number, piece in enumerate(pieces)
    )
