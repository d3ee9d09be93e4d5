"""Tables of options, facts, settings and failures for the guide, read from the code itself.

A page asks for one with a comment on a line of its own: ``<!-- reference: dns -->``, or ``common``,
``settings`` or ``failures`` in place of a kind.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from sotokara.core.labels import labels
from sotokara.core.observation import FAILURES
from sotokara.core.places import AnyPlace, Dask, Globalping
from sotokara.core.settings import Bulk, Controls, Policy, Settings
from sotokara.definitions.common import Common
from sotokara.kinds import KINDS

_MARK = re.compile(r"^<!-- reference: ([a-z]+) -->$", re.MULTILINE)


def fill_reference(markdown: str) -> str:
    """Markdown with every reference comment replaced by its tables.

    :raises KeyError: for a reference to something that there is not.
    """
    return _MARK.sub(lambda match: reference(match[1]), markdown)


def reference(name: str) -> str:
    """The tables of a kind, ``common``, ``settings`` or ``failures``, in Markdown.

    :raises KeyError: when there is no such thing.
    """
    if name == "common":
        return _table("key", Common, {})
    if name == "settings":
        tables = [_table("setting", Settings, {}, hidden={"of_kinds"})]
        tables += [_table(f"key of `{name}`", form, {}) for name, form in setting_forms().items()]
        return "\n\n".join(tables)
    if name == "failures":
        words = labels("en")
        rows = [
            f"| `{one}` | {outcome.value.replace('_', ' ')} | {words[one]} |"
            for one, outcome in FAILURES.items()
        ]
        return "\n".join(["| failure | outcome | meaning |", "|---|---|---|", *rows])
    kind = KINDS[name]
    styles = ", ".join(f"`{style}`" for style in kind.styles)
    return "\n\n".join(
        [
            _table("option", kind, kind.help, hidden={"target"}),
            f"Styles: {styles}; the first is the default.",
            _table("fact", kind.facts, kind.help, defaults=False),
        ]
    )


def _table(
    title: str,
    struct: type[msgspec.Struct],
    help_texts: dict[str, str],
    *,
    defaults: bool = True,
    hidden: set[str] = frozenset(),  # type: ignore[assignment]
) -> str:
    texts = help_texts | docs(struct)
    head = f"| {title} | type |{' default |' if defaults else ''} meaning |"
    rows = [head, "|---|---|" + "---|" * (1 + defaults)]
    for field in msgspec.structs.fields(struct):
        if field.name in hidden:
            continue
        kind = type_words(field.type)
        default = f" {_default(field)} |" if defaults else ""
        text = texts.get(field.encode_name) or texts.get(field.name, "")
        rows.append(f"| `{field.encode_name}` | {kind} |{default} {text} |")
    return "\n".join(rows)


def _default(field: Any) -> str:  # noqa: ANN401  # msgspec's FieldInfo
    value = field.default
    if field.default_factory is not msgspec.NODEFAULT:
        value = field.default_factory()
    if (
        value in (None, "", [], {})
        or value is msgspec.NODEFAULT
        or isinstance(value, msgspec.Struct)
    ):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def setting_forms() -> dict[str, type[msgspec.Struct]]:
    """Every structure in the settings by its path: ``policy``, ``smtp``, ``smtp.mailbox``."""
    forms: dict[str, type[msgspec.Struct]] = {
        "policy": Policy,
        "control": Controls,
        "bulk": Bulk,
        "dask": Dask,
        "globalping": Globalping,
    }
    for name, kind in KINDS.items():
        if kind.settings is not None:
            forms |= {name: kind.settings} | _inside(name, kind.settings)
    for place in get_args(AnyPlace):
        forms[f"places.NAME, engine: {place.__struct_config__.tag}"] = place
    return forms


def _inside(path: str, form: type[msgspec.Struct]) -> dict[str, type[msgspec.Struct]]:
    return {
        f"{path}.{field.name}": one
        for field in msgspec.structs.fields(form)
        for one in getattr(field.type, "__args__", ())
        if isinstance(one, type) and issubclass(one, msgspec.Struct)
    }


@lru_cache
def docs(struct: type) -> dict[str, str]:
    """The sentence under each field of a class, its bases' too."""
    texts: dict[str, str] = {}
    for base in reversed(struct.__mro__):
        if base.__module__.startswith("sotokara"):
            body = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
            assert isinstance(body, ast.ClassDef)  # noqa: S101  # the source of a class
            for statement, text in zip(body.body, body.body[1:], strict=False):
                if (
                    isinstance(statement, ast.AnnAssign)
                    and isinstance(statement.target, ast.Name)
                    and isinstance(text, ast.Expr)
                    and isinstance(text.value, ast.Constant)
                ):
                    words = " ".join(str(text.value.value).split())
                    texts[statement.target.id] = words.replace("``", "`").replace("|", "\\|")
    return texts


# Types of options, facts and settings in words that a YAML author knows, for the guide.

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
