"""The words of figures and pages in each language.

``core/words/<language>/`` is one folder a language; a kind has words of its own in its folder, in
``words/<language>.yml``. All files of a language are one mapping: no word stands in two of them. A
word that a language lacks is English.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it was built in
_PACKAGE = Path(__file__).parents[1]
_FOLDER = Path(__file__).parent / "words"
DEFAULT = "en"
_FIELD = re.compile(r"\w+")


def field_name(words: dict[str, str], path: str) -> str:
    """A field of facts in words, with the way into it as it is: ``hops[3].address``."""
    top = _FIELD.match(path)
    return words.get(f"field_{top[0]}", top[0]) + path[top.end() :] if top else path


def kind_name(words: dict[str, str], kind: str) -> str:
    """A kind in words."""
    return words.get(f"kind_{kind}", kind)


def languages() -> list[str]:
    """The languages there are words for."""
    return sorted(path.name for path in _FOLDER.iterdir() if path.is_dir())


def word_files(lang: str) -> list[Path]:
    """The files that have a language's words."""
    kinds = _PACKAGE / "kinds"
    return sorted([*(_FOLDER / lang).glob("*.yml"), *kinds.rglob(f"words/{lang}.yml")])


@lru_cache
def labels(lang: str) -> dict[str, str]:
    """All words in a language (``ja``, ``ja-JP``); English where there is no such folder."""
    code = lang.partition("-")[0].lower()
    words: dict[str, str] = {} if code == DEFAULT else dict(labels(DEFAULT))
    for path in word_files(code):
        words |= yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  # a safe one
    return words
