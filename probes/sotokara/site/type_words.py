"""Types of options, facts and settings in words that a YAML author knows, for the guide."""

from collections.abc import Mapping
from datetime import datetime
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

_MOST_FIELDS = 8
_PLAIN: Mapping[Any, tuple[str, str]] = {
    str: ("text", "texts"),
    bool: ("true or false", "true or false"),
    int: ("whole number", "whole numbers"),
    float: ("number", "numbers"),
    datetime: ("time", "times"),
    Any: ("any value", "any values"),
}
"""A type's word for one and for several."""


def type_words(annotation: Any) -> str:  # noqa: ANN401  # any annotation
    """A type in words.

    >>> type_words(list[str] | None), type_words(Literal["hash", "text"]), type_words(int | str)
    ('list of texts', '`hash` or `text`', 'whole number or text')
    """
    return _words(annotation, 0)


def _words(annotation: Any, number: int) -> str:  # noqa: ANN401, PLR0911  # one for each form
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _words(inner[0], number)
    if origin in (Union, UnionType):
        named = [_words(one, number) for one in inner if one is not NoneType]
        return " or ".join(dict.fromkeys(named))
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in inner if one != "")
    if origin is list or annotation is list:
        return "list" if not inner else f"{'lists' if number else 'list'} of {_words(inner[0], 1)}"
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return _fields(annotation, number)
    if origin is dict or annotation is dict:
        return ("mapping", "mappings")[number]
    return _PLAIN[annotation][number]


def _fields(struct: type[msgspec.Struct], number: int) -> str:
    names = [f"`{one.encode_name}`" for one in msgspec.structs.fields(struct)]
    rest = ", …" if len(names) > _MOST_FIELDS else ""
    return f"{('mapping', 'mappings')[number]} with {', '.join(names[:_MOST_FIELDS])}{rest}"
