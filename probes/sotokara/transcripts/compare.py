"""A transcript held against today's answer: what is otherwise, what is the same, what nobody knows.

Registries answer in several languages. A name in Japanese beside one in Latin letters is no other
holder: it is compared only where the transcript has the name in both.
"""

import re
import unicodedata
from typing import Any, NamedTuple

import msgspec

from sotokara.core.observation import Facts, Observation
from sotokara.kinds.interface import Kind
from sotokara.kinds.shared.registry.facts import LABELS

_EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH KATAKANA")


class Compared(NamedTuple):
    """What came of it, by the names of the facts that the transcript states."""

    changed: dict[str, tuple[Any, Any]]
    """The value then and the value now."""
    same: list[str]
    language: list[str]
    """Written in another language now, and therefore not compared."""
    partly: dict[str, tuple[int, int]]
    """How much of a fact could be compared, and of how much: hops that were masked or silent."""


def compare(then: Observation, now: Facts, kind: type[Kind]) -> Compared:
    """Hold what a transcript says against facts of today."""
    found = Compared({}, [], [], {})
    text = b"\n".join(one.received or b"" for one in then.exchanges).decode("utf-8", "replace")
    for field in then.volatile.get("said", ()):
        if not hasattr(now, field):
            continue
        old, new = getattr(then.facts, field), getattr(now, field)
        counts = kind.compared_of_listing(field, old, new)
        if counts is not None:
            found.partly[field] = counts
        if counts is not None and not counts[0]:
            continue
        one = msgspec.structs.replace(now, **{field: kind.seen_by_listing(field, old, new)})
        if kind.same(msgspec.structs.replace(one, **{field: old}), one):
            found.same.append(field)
        elif not _only_language(old, new):
            found.changed[field] = old, new
        elif (other := _in_the_same_script(field, text, new)) is None:
            found.language.append(field)
        elif _letters(other) == _letters(new):
            found.same.append(field)
        else:
            found.changed[field] = other, new
    return found


def _only_language(old: Any, new: Any) -> bool:  # noqa: ANN401  # facts
    """Whether two values differ in nothing but texts of which one is East Asian and one is not."""
    if old == new:
        return True
    if isinstance(old, str) and isinstance(new, str):
        return bool(old and new) and _east_asian(old) != _east_asian(new)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_only_language, old, new))
    if hasattr(old, "__struct_fields__") and type(old) is type(new):
        return all(
            _only_language(getattr(old, name), getattr(new, name)) for name in old.__struct_fields__
        )
    return False


def _east_asian(text: str) -> bool:
    return any(unicodedata.name(char, "").startswith(_EAST_ASIAN) for char in text)


def _in_the_same_script(field: str, text: str, new: Any) -> str | None:  # noqa: ANN401  # a fact
    """What the transcript itself has for the field in the script of today's answer, if anything."""
    if not isinstance(new, str):
        return None
    labels = "|".join(map(re.escape, LABELS.get(field, ())))
    if not labels:
        return None
    for match in re.finditer(rf"(?:^|[\[\s])(?:{labels})[\]:]+[ \t]*(\S.*)$", text, re.MULTILINE):
        value = match[1].partition(" <")[0].strip()
        if _east_asian(value) == _east_asian(new):
            return value
    return None


def _letters(text: str) -> str:
    """Letters and digits alone, in lower case: ``Gcrest CO.,Ltd.`` is ``Gcrest Co., Ltd``."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(char for char in plain if char.isalnum())


def changed(then: Observation, now: Facts, kind: type[Kind]) -> list[str]:
    """The facts that the transcript states and that are others now."""
    return list(compare(then, now, kind).changed)
