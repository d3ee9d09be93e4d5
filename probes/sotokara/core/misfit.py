"""What does not fit: a value that an author wrote, where another form is expected, in plain words.

``msgspec`` finds that a value does not fit; its own messages name the types of Python and of JSON.
Here the same is said of what stands in the file: where, what is expected there, and how to mend it.
"""

import difflib
import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypeGuard, Union, get_args, get_origin

import msgspec

from sotokara.core.said import said

_SHOWN = 40


class Misfit(NamedTuple):
    """``path`` leads to it: names of keys, and numbers of entries of lists from 0."""

    path: tuple[str | int, ...]
    what: str
    hint: str


def misfit(value: object, form: Any, key: str) -> Misfit:  # noqa: ANN401  # any annotation
    """The first thing in a value that does not fit a form; ``key`` is what the value stands under.

    To be called where ``msgspec.convert`` has refused the value.
    """
    found = next(_misfits(value, form, (), key), None)
    if found is not None:
        return found
    return Misfit((), said("{} cannot stand here", describe_value(value)), said("see the guide"))


def said_where(found: Misfit, key: str) -> str:
    """What does not fit, with the way to it from ``key``: ``wrong value in 'notes.a': …``."""
    names = [one if isinstance(one, str) else str(one + 1) for one in found.path]
    way = ".".join([key, *names] if key else names)
    return said("wrong value in {!r}: {}", way, found.what) if way else found.what


def describe_value(value: object) -> str:  # noqa: PLR0911  # one for each form
    """What YAML has read, in words: the text itself, a number, “a list”."""
    match value:
        case None:
            return said("nothing")
        case bool():
            return said("{} (yes or no)", str(value).lower())
        case int() | float():
            return said("the number {}", value)
        case str():
            short = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
            return said("the text {!r}", short)
        case list():
            return said("a list")
        case dict():
            return said("a mapping")
        case _:
            return said("the day {}", value)


def _misfits(value: object, form: Any, path: tuple[str | int, ...], key: str) -> Iterator[Misfit]:  # noqa: ANN401
    members = list(_members(form))
    structs = [one for one, _ in members if _is_struct(one)]
    if structs and isinstance(value, dict):
        yield from _of_struct(value, structs, path, key)
        return
    for one, bounds in members:
        if get_origin(one) is list and isinstance(value, list):
            for number, entry in enumerate(value):
                yield from _misfits(entry, get_args(one)[0], (*path, number), key)
            yield from _out_of_bounds(value, bounds, path)
            return
        if get_origin(one) is dict and isinstance(value, dict):
            names, entries = get_args(one)
            for name, entry in value.items():
                if not _fits(name, names):
                    what = said("{!r} is no key of {}", str(name), key)
                    yield Misfit((*path, str(name)), what, _choice(str(name), names))
                yield from _misfits(entry, entries, (*path, str(name)), str(name))
            return
        if _fits(value, one):
            yield from _out_of_bounds(value, bounds, path)
            return
    what = said("{} stands where {} is expected", describe_value(value), _expected(form))
    yield Misfit(path, what, _hint(form, key, value))


def _of_struct(
    value: dict[Any, Any],
    structs: list[type[msgspec.Struct]],
    path: tuple[str | int, ...],
    key: str,
) -> Iterator[Misfit]:
    """What is wrong in a mapping with fixed keys; of several sorts, its tag tells which it is."""
    form = structs[0]
    tag = form.__struct_config__.tag_field
    if len(structs) > 1 and tag:
        known = {str(one.__struct_config__.tag): one for one in structs}
        named = value.get(tag)
        if str(named) not in known:
            choice = ", ".join(known)
            what = (
                said("{!r} is missing", tag)
                if named is None
                else said("there is no {} {!r}", tag, str(named))
            )
            yield Misfit((*path, tag), what, said("write {}: with one of {}", tag, choice))
            return
        form = known[str(named)]
    fields = {one.encode_name: one for one in msgspec.structs.fields(form)}
    for name, entry in value.items():
        if name == tag:
            continue
        if name not in fields:
            close = difflib.get_close_matches(str(name), fields, 1)
            every = ", ".join([*([tag] if tag else []), *fields])
            hint = said("did you mean {!r}?", close[0]) if close else said("possible: {}", every)
            yield Misfit((*path, str(name)), said("{!r} is no key of {}", str(name), key), hint)
        else:
            yield from _misfits(entry, fields[name].type, (*path, name), name)
    for name, field in fields.items():
        if field.required and name not in value:
            yield Misfit(path, said("{!r} is missing", name), said("add {}: …", name))


def _out_of_bounds(
    value: object, bounds: Sequence[msgspec.Meta], path: tuple[str | int, ...]
) -> Iterator[Misfit]:
    for one in bounds:
        if isinstance(value, int | float):
            if one.gt is not None and not value > one.gt:
                yield Misfit(path, said("{} is too small", value), said("above {}", one.gt))
            if one.ge is not None and not value >= one.ge:
                yield Misfit(path, said("{} is too small", value), said("at least {}", one.ge))
            if one.le is not None and not value <= one.le:
                yield Misfit(path, said("{} is too large", value), said("at most {}", one.le))
        elif isinstance(value, list | str):
            least, most = one.min_length or 0, one.max_length
            if not least <= len(value) <= (len(value) if most is None else most):
                many = str(least) if most in (None, least) else f"{least}–{most}"
                what = said("{} entries stand there, and {} are expected", len(value), many)
                yield Misfit(path, what, said("see the guide"))


def _members(
    form: Any,  # noqa: ANN401
    bounds: tuple[msgspec.Meta, ...] = (),
) -> Iterator[tuple[Any, tuple[msgspec.Meta, ...]]]:
    """The forms that an annotation allows, each with the bounds of its values."""
    if get_origin(form) is Annotated:
        inner, *more = get_args(form)
        yield from _members(
            inner, (*bounds, *(one for one in more if isinstance(one, msgspec.Meta)))
        )
    elif get_origin(form) in (Union, types.UnionType):
        for one in get_args(form):
            yield from _members(one, bounds)
    else:
        yield form, bounds


def _is_struct(form: Any) -> TypeGuard[type[msgspec.Struct]]:  # noqa: ANN401
    return isinstance(form, type) and issubclass(form, msgspec.Struct)


def _fits(value: object, form: Any) -> bool:  # noqa: ANN401
    try:
        msgspec.convert(value, form)
    except (msgspec.ValidationError, TypeError):
        return False
    return True


def _expected(form: Any) -> str:  # noqa: ANN401
    """The forms that fit, in words."""
    members = [one for one, _ in _members(form) if one is not type(None)]
    structs = [one for one in members if _is_struct(one)]
    words = [_word(one) for one in members if not _is_struct(one) and get_origin(one) is not list]
    if structs:
        keys = [one.encode_name for each in structs for one in msgspec.structs.fields(each)]
        tag = structs[0].__struct_config__.tag_field
        names = ", ".join(dict.fromkeys([*([tag] if tag else []), *keys]))
        words.append(said("a mapping with the keys {}", names))
    single = list(dict.fromkeys(words))
    for one in members:
        if get_origin(one) is list:
            inner = _expected(get_args(one)[0])
            of_these = single and all(word in inner for word in single)
            words.append(said("a list of these") if of_these else said("a list (of {})", inner))
    first, *more = dict.fromkeys(words)
    for word in more:
        first = said("{} or {}", first, word)
    return first


def _word(form: Any) -> str:  # noqa: ANN401
    if get_origin(form) is Literal:
        return said("one of {}", ", ".join(_choices(form)))
    plain = get_origin(form) or form
    if plain is dict:
        return said("a mapping")
    return said(_WORDS.get(plain, "another value"))


def _choices(form: Any) -> list[str]:  # noqa: ANN401
    """The words that one may write; an empty one is written by leaving the key out."""
    return [str(one) for one in get_args(form) if one != ""]


def _choice(given: str, form: Any) -> str:  # noqa: ANN401
    """Which of these words was meant, or which there are."""
    known = _choices(form) if get_origin(form) is Literal else []
    if close := difflib.get_close_matches(given, known, 1):
        return said("did you mean {!r}?", close[0])
    return said("possible: {}", ", ".join(known)) if known else said("see the guide")


_WORDS: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
}


def _hint(form: Any, key: str, value: object) -> str:  # noqa: ANN401, PLR0911  # one for each form
    """How to write what is expected."""
    members = [one for one, _ in _members(form) if one is not type(None)]
    plain = [get_origin(one) or one for one in members]
    if value is None:
        return said("write something behind {}:, or leave the key out", key)
    if str in plain and not isinstance(value, list | dict):
        return said("put it in quotation marks: {!r}", _json(value))
    if bool in plain:
        return said("write {0}: true, or {0}: false", key)
    if Literal in plain:
        return _choice(str(value), members[plain.index(Literal)])
    if plain[:1] == [int] or plain[:1] == [float]:
        return said("write a number, such as {}: 5", key)
    if list in plain and not isinstance(value, dict):
        return said("write {}: [{}]", key, "…" if isinstance(value, list) else _json(value))
    if dict in plain or any(map(_is_struct, members)):
        return said("write `key: value` below {}:, each in a line of its own, indented", key)
    if isinstance(value, dict):
        return said("write one value behind {}:; text with “: ” in it needs quotation marks", key)
    return said("write one value behind {}:, no list", key)


def _json(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
