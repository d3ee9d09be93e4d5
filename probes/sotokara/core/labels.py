"""The words of figures and pages in each language.

``core/words/<language>/`` is one folder a language; a kind has words of its own in its folder, in
``words/<language>.yml``. All files of a language are one mapping: no word stands in two of them. A
word that a language lacks is English. ``messages.yml`` is for authors (see said.py).
"""

import contextlib
import os
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # libyaml's where it was built in
_PACKAGE = Path(__file__).parents[1]
_FOLDER = Path(__file__).parent / "words"
_KEPT = Path(__file__).parent / "__pycache__"
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
    own = [path for path in (_FOLDER / lang).glob("*.yml") if path.name != "messages.yml"]
    return sorted([*own, *(_PACKAGE / "kinds").rglob(f"words/{lang}.yml")])


@lru_cache
def labels(lang: str) -> dict[str, str]:
    """All words in a language (``ja``, ``ja-JP``); English where there is no such folder."""
    code = lang.partition("-")[0].lower()
    words: dict[str, str] = {} if code == DEFAULT else dict(labels(DEFAULT))
    return words | words_of(word_files(code), _KEPT / f"words.{code}.json")


class _Compiled(msgspec.Struct):
    """The words of some files, and which state of the files they were read from."""

    files: list[tuple[str, int, int]]
    """Name, bytes and time of change in nanoseconds."""
    words: dict[str, str]


def words_of(files: list[Path], kept: Path) -> dict[str, str]:
    """The words of some files, beside Python's own byte code: YAML takes ten times as long."""
    state = [
        (str(path), about.st_size, about.st_mtime_ns) for path in files for about in (path.stat(),)
    ]
    with contextlib.suppress(OSError, msgspec.DecodeError):
        compiled = msgspec.json.decode(kept.read_bytes(), type=_Compiled)
        if compiled.files == state:
            return compiled.words
    words: dict[str, str] = {}
    for path in files:
        words |= yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506  # all is text
    if not sys.dont_write_bytecode:
        with contextlib.suppress(OSError):  # the folder is somebody else's
            kept.parent.mkdir(exist_ok=True)
            made = kept.with_name(f"{kept.name}.{os.getpid()}")
            made.write_bytes(msgspec.json.encode(_Compiled(state, words)))
            made.replace(kept)
    return words
