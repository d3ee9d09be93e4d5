"""The words of figures in each language: one plain YAML file per language in ``words/``."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's where it was built in
_FOLDER = Path(__file__).parent / "words"
DEFAULT = "en"


def languages() -> list[str]:
    """The languages there are words for."""
    return sorted(path.stem for path in _FOLDER.glob("*.yml"))


@lru_cache
def labels(lang: str) -> dict[str, str]:
    """All words in a language (``ja``, ``ja-JP``); English where there is no such file."""
    path = _FOLDER / f"{lang.partition('-')[0].lower()}.yml"
    if not path.exists():
        path = _FOLDER / f"{DEFAULT}.yml"
    words: dict[str, str] = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  # a safe one
    return words
