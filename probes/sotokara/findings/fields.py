"""Which fields of two answers differ, each as text: its path, the value before, the value after."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

import msgspec

from sotokara.core.observation import Facts
from sotokara.kinds.interface import Kind

_NAMES = ("name", "server", "address", "number", "step", "handle", "range", "host")
"""By which of its own fields an element of a list is called: ``hosts[mx1.example.jp]``."""
_OF_FAILURES = ("verdict", "failure", "step")
"""What is told of an element that gave an answer one time, and none the other."""


class ChangedField(NamedTuple):
    """One field that differs. The texts are not made visible yet."""

    path: str
    """``addresses``, or ``hosts[mx1.example.jp].addresses[192.0.2.1].verdict``."""
    before: str
    """Empty where there was nothing."""
    after: str


def changed_fields(kind: type[Kind], before: Facts, after: Facts) -> list[ChangedField]:
    """What has changed between two answers, the plainest first; nothing where none has."""
    if kind.same(before, after):
        return []
    old, new = kind.comparable(before, after)
    names = [name for name in old.__struct_fields__ if getattr(old, name) != getattr(new, name)]
    names = [name for name in names if not _alone_same(kind, old, new, name)] or names
    names = [name for name in names if name not in kind.retold] or names
    found: list[ChangedField] = []
    for name in names:
        pair = msgspec.to_builtins(getattr(old, name)), msgspec.to_builtins(getattr(new, name))
        found += _fields(name, *pair)
    return sorted(found, key=lambda one: "[" in one.path or "." in one.path)  # the plain ones first


def _alone_same(kind: type[Kind], old: Facts, new: Facts, name: str) -> bool:
    """Whether this field alone would be no change, in the kind's own judgement."""
    return kind.same(msgspec.structs.replace(new, **{name: getattr(old, name)}), new)


def _fields(path: str, old: Any, new: Any) -> Iterator[ChangedField]:  # noqa: ANN401  # plain JSON
    if isinstance(old, dict) and isinstance(new, dict):
        keys = dict.fromkeys([*old, *new])
        if old.get("failure") != new.get("failure"):  # what is not known then has not changed
            keys = dict.fromkeys(key for key in keys if key in _OF_FAILURES)
        for key in keys:
            if old.get(key) != new.get(key):
                yield from _fields(f"{path}.{key}", old.get(key), new.get(key))
    elif isinstance(old, list) and isinstance(new, list):
        yield from _elements(path, old, new)
    elif isinstance(old, str) and isinstance(new, str) and "\n" in old + new:
        before, after = old.splitlines(), new.splitlines()
        here, there = set(before), set(after)
        gone = [one for one in before if one not in there]
        come = [one for one in after if one not in here]
        if not gone and not come:  # another order
            gone, come = before, after
        yield ChangedField(path, " / ".join(gone), " / ".join(come))
    else:
        yield ChangedField(path, value_text(old), value_text(new))


def _elements(path: str, old: list[Any], new: list[Any]) -> Iterator[ChangedField]:
    if not any(isinstance(one, dict) for one in (*old, *new)):
        gone = [one for one in old if one not in new]
        come = [one for one in new if one not in old]
        if gone or come:
            yield ChangedField(path, value_text(gone), value_text(come))
        else:  # another order
            yield ChangedField(path, value_text(old), value_text(new))
        return
    here, there = _named(old), _named(new)
    if here and there:
        for name in dict.fromkeys([*here, *there]):
            if here.get(name) != there.get(name):
                yield from _fields(f"{path}[{name}]", here.get(name), there.get(name))
        return
    gone, come = ([value_text(one) for one in side] for side in (old, new))
    for what, a, b, c, d in SequenceMatcher(None, gone, come, autojunk=False).get_opcodes():
        if what != "equal":
            yield ChangedField(path, value_text(old[a:b]), value_text(new[c:d]))


def _named(elements: list[Any]) -> dict[str, Any] | None:
    """The elements by their own names; None where two have the same or one has none."""
    for key in _NAMES:
        names = [str(one[key]) for one in elements if isinstance(one, Mapping) and one.get(key)]
        if len(set(names)) == len(elements):
            return dict(zip(names, elements, strict=True))
    return None


def value_text(value: Any) -> str:  # noqa: ANN401  # plain JSON
    """A value in one line; nothing for what is empty.

    >>> value_text({"name": "a.example", "type": "A", "value": "192.0.2.1", "tags": []})
    'a.example A 192.0.2.1'
    """
    if isinstance(value, dict):
        return " ".join(filter(None, map(value_text, value.values())))
    if isinstance(value, list):
        return ", ".join(filter(None, map(value_text, value)))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
