"""What a tool's words mean: its options, which of them take a value, and what is left."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sotokara.core.addresses import is_address

_NAME = re.compile(r"(?:[^\W_]|[_-])+(?:\.(?:[^\W_]|[_-])+)*\.?")
_LABEL = re.compile(r"[A-Za-z][\w-]{0,62}")
_LONGEST_NAME = 255


class Grammar(NamedTuple):
    """The options of one tool. Letters and names are without their dashes."""

    valued: str = ""
    """Letters of the short options that take a value: ``c`` in ``-c 10``, ``-c10``, ``-rwc 10``."""
    flags: str = ""
    """Letters of the short options that take none."""
    valued_names: frozenset[str] = frozenset()
    """Long options that take a value, as ``--name value`` or ``--name=value``."""
    flag_names: frozenset[str] = frozenset()
    words: bool = False
    """Options are whole words behind a dash or a slash (Windows, PowerShell): ``-h 20``, ``/d``."""


class Arguments(NamedTuple):
    """A command's words taken apart; ``known``: every option is one of the grammar's."""

    bare: tuple[str, ...]
    options: dict[str, str]
    known: bool


def arguments(words: Sequence[str], grammar: Grammar) -> Arguments:
    """The words by a tool's grammar."""
    bare: list[str] = []
    options: dict[str, str] = {}
    known, at = True, 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            bare += words[at:]
            break
        dashed = word[:1] == "-" or (grammar.words and word[:1] == "/")
        if not dashed or len(word) < 2:  # noqa: PLR2004
            bare.append(word)
            continue
        if word[:2] == "--" or grammar.words:
            key, equals, value = word.lstrip("-/").partition("=")
            key = key.lower() if grammar.words else key
            if not equals and key in grammar.valued_names:
                known = known and at < len(words)
                value = words[at] if at < len(words) else ""
                at += 1
            elif key not in grammar.valued_names and key not in grammar.flag_names:
                known = False
            options[key] = value
            continue
        for place, letter in enumerate(word[1:], 1):
            if letter in grammar.valued:
                value = word[place + 1 :]
                if not value:
                    known = known and at < len(words)
                    value = words[at] if at < len(words) else ""
                    at += 1
                options[letter] = value
                break
            known = known and letter in grammar.flags
            options[letter] = ""
    return Arguments(tuple(bare), options, known)


def is_name(word: str) -> bool:
    """Whether a word is an address, or a name with a dot that the DNS could hold."""
    if is_address(word.partition("%")[0]):
        return True
    bare = word.removesuffix(".")
    named = len(word) <= _LONGEST_NAME and bool(_NAME.fullmatch(word)) and "." in bare
    return named and not bare.rpartition(".")[2].isdigit() and not bare.startswith("-")


def is_label(word: str) -> bool:
    """Whether a word is a name of one label, as one's own network has them."""
    return bool(_LABEL.fullmatch(word))
