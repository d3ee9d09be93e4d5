"""Sentences for the author: written in English where they arise, said in the page's language.

``said("{} has no style {!r}", kind, style)`` is that English text. It remembers what it was made
of, so that ``in_language`` can say it again in another language: ``messages.yml`` in its folder of
words (``core/words/<language>/``) has the English form as the key, and a kind has its own in
``words/messages.<language>.yml``. A sentence without an entry stays English.
"""

from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it was built in
_PACKAGE = Path(__file__).parents[1]


class Said(str):
    """A sentence with its form and what was put into it; in all else the English text."""

    __slots__ = ("form", "values")

    form: str
    values: tuple[Any, ...]

    def __new__(cls, form: str, *values: object) -> Self:
        """``form`` is one of ``str.format``; without values it is the text itself."""
        values = tuple(str(one) if isinstance(one, Exception) else one for one in values)
        sentence = super().__new__(cls, form.format(*values) if values else form)
        sentence.form, sentence.values = form, values
        return sentence

    def __str__(self) -> str:
        """Itself: an exception made of it gives it back whole."""
        return self


said = Said


def in_language(sentence: str, lang: str) -> str:
    """A sentence in a language (``ja``, ``ja-JP``); what is no ``Said`` stays as it is."""
    if not isinstance(sentence, Said):
        return sentence
    form = sayings(lang).get(sentence.form)
    if form is None:
        return sentence
    values = [in_language(one, lang) if isinstance(one, str) else one for one in sentence.values]
    return form.format(*values) if values else form


@lru_cache
def sayings(lang: str) -> dict[str, str]:
    """English forms → those of a language; empty where nobody has translated them."""
    code = lang.partition("-")[0].lower()
    if not code.isalpha():
        return {}
    found: dict[str, str] = {}
    for path in message_files(code):
        found |= yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  # a safe one
    return found


def message_files(lang: str) -> list[Path]:
    """The files that have a language's forms."""
    own = _PACKAGE.glob(f"core/words/{lang}/messages.yml")
    return sorted([*own, *_PACKAGE.glob(f"kinds/*/words/messages.{lang}.yml")])
