"""References: sandboxed Jinja2 expressions over the facts of other definitions.

``{{ ssl3.addresses[0] }}`` on the same page, ``{{ other-post#ssl3.addresses }}`` on another.
Facts are values here, never source text, so nothing that a server sent is ever evaluated.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import jinja2
from jinja2 import meta, nodes

from sotokara.core.observation import Outcome
from sotokara.core.sandbox import DEEPEST, LONGEST, Sandbox, depth

AT = "at"
OF_OBSERVATION = ("outcome", "failure", AT)
"""Names beside the facts' own fields: what came of it, the failure's name or nothing, when."""

_BRACES = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_SINGLE = re.compile(r"\{\s*(?:[\w-]+#)?[A-Za-z]\w*\.\w[^{}]*\}")
"""A reference as in other template languages; braces alone may stand in a mail address."""
_STRING_OR_REFERENCE = re.compile(
    r"""('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|([^\s'"#(){}\[\],|~+*<>=!]+)#([A-Za-z][A-Za-z0-9_]*)"""
)


class ExpressionError(ValueError):
    """An author's mistake in an expression; ``hint`` says what to do."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.hint = hint


_HINT = "the guide's page on definitions lists what an expression may use"
_LONGEST_TEMPLATE = 4096


def _short(text: str) -> None:
    """:raises ExpressionError: for an expression longer or deeper than any of an article."""
    if len(text) > LONGEST:
        what = f"an expression of {len(text)} characters; {LONGEST} are possible"
        raise ExpressionError(what, "write several claims, or shorten it")
    if depth(text) > DEEPEST:
        what = f"{text[:40]!r}… has brackets more than {DEEPEST} deep"
        raise ExpressionError(what, "write for example ssl3.addresses[0]")


class Reference(NamedTuple):
    """One definition referred to: page stem (None: the same page), id, and the field if named."""

    stem: str | None
    id: str
    field: str | None = None

    def __str__(self) -> str:
        return f"{self.stem}#{self.id}" if self.stem else self.id


class EmptyReference(Exception):  # noqa: N818  # no error: the reference gave nothing
    """The expression has no value with today's facts; the text says why.

    ``outcome`` is that of the definition referred to: what was answered may hold no such value.
    """

    def __init__(self, why: str, outcome: Outcome = Outcome.ANSWERED) -> None:
        self.outcome = outcome
        super().__init__(why)


class OpenReference(EmptyReference):
    """What was asked at several places has no one value: they differ, or one has no answer."""


Lookup = Callable[[Reference], Any]


class Expression:
    """One compiled expression with the references in it."""

    def __init__(self, text: str, environment: Sandbox) -> None:
        self.text = text.strip()
        pages: dict[str, Reference] = {}

        def stand_in(match: re.Match[str]) -> str:
            if match[1]:
                return match[1]
            name = f"page_reference_{len(pages)}"
            pages[name] = Reference(match[2], match[3])
            return name

        _short(self.text)
        source = _STRING_OR_REFERENCE.sub(stand_in, self.text)
        try:
            tree = environment.parse("{{ " + source + " }}")
            if why := environment.refusal(tree):
                raise ExpressionError(f"{self.text!r}: {why}", _HINT)
            self._compiled = environment.compile_expression(source, undefined_to_none=False)
        except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
            if isinstance(error, ExpressionError):
                raise
            what = f"{self.text[:40]!r}… has too many parts"
            raise ExpressionError(what, "write several claims") from error
        except jinja2.TemplateError as error:
            raise ExpressionError(
                f"{self.text!r} is no expression: {error.message}",
                "write for example ssl3.addresses[0]",
            ) from error
        names = meta.find_undeclared_variables(tree) - set(environment.globals)
        self._names = {name: pages.get(name, Reference(None, name)) for name in names}
        self.references = self._fields(tree) | set(self._names.values())

    def _fields(self, tree: nodes.Template) -> set[Reference]:
        found = set()
        for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
            assert isinstance(node, nodes.Getattr | nodes.Getitem)  # noqa: S101  # as asked for
            if not isinstance(node.node, nodes.Name) or node.node.name not in self._names:
                continue
            field = node.attr if isinstance(node, nodes.Getattr) else None
            if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
                field = str(node.arg.value)
            if field:
                found.add(self._names[node.node.name]._replace(field=field))
        return found

    def __call__(self, lookup: Lookup) -> Any:  # noqa: ANN401  # whatever the facts hold
        """The value.

        :raises EmptyReference: when a fact is missing or the expression fails on today's facts.
        """
        values = {name: lookup(reference) for name, reference in self._names.items()}
        try:
            value = self._compiled(**values)
            if isinstance(value, jinja2.Undefined):
                message = f"{self.text} is empty"
                raise EmptyReference(message)
        except (
            jinja2.TemplateError,
            ArithmeticError,
            AttributeError,
            TypeError,
            ValueError,
            LookupError,
            RecursionError,
            MemoryError,
        ) as error:
            message = f"{self.text} cannot be worked out: {error}"
            raise EmptyReference(message) from error
        return value


_ENVIRONMENT = Sandbox()


@lru_cache(maxsize=4096)
def expression(text: str) -> Expression:
    """A compiled expression (without the braces).

    :raises ExpressionError: when it does not parse.
    """
    return Expression(text, _ENVIRONMENT)


class Template:
    """Text with expressions in double braces: a target."""

    __slots__ = ("_expressions", "_literals", "references", "text")

    def __init__(self, text: str) -> None:
        """:raises ExpressionError: when an expression does not parse."""
        self.text = text
        if len(text) > _LONGEST_TEMPLATE:
            what = f"a target of {len(text)} characters"
            raise ExpressionError(what, "write one name or address")
        if "{%" in text or "{#" in text:
            what = "statements are not allowed in a target"
            raise ExpressionError(what, "use {{ … }} alone")
        pieces = _BRACES.split(text)
        self._literals, self._expressions = pieces[0::2], [expression(one) for one in pieces[1::2]]
        if any("{{" in literal or "}}" in literal for literal in self._literals):
            what = f"unbalanced braces in {text!r}"
            raise ExpressionError(what, "close each {{ with }}")
        if single := _SINGLE.search("".join(self._literals)):
            what = f"{single[0]} has single braces and would be asked for as it stands"
            raise ExpressionError(what, f"write {{{single[0]}}}")
        own = (one.references for one in self._expressions)
        self.references = frozenset[Reference]().union(*own)

    def fill(self, lookup: Lookup) -> list[str]:
        """The targets: one, or one per element where the expression gives a list.

        :raises EmptyReference: when there is none.
        """
        if not self._expressions:
            return [self.text]
        values = [one(lookup) for one in self._expressions]
        lists = [index for index, value in enumerate(values) if isinstance(value, list | tuple)]
        if not lists:
            return [self._join(values)]
        if len(lists) > 1:
            message = f"{self.text} joins two lists"
            raise EmptyReference(message)
        several = []
        for element in dict.fromkeys(map(str, values[lists[0]])):
            values[lists[0]] = element
            several.append(self._join(values))
        if not several:
            message = f"{self.text} is empty"
            raise EmptyReference(message)
        return several

    def _join(self, values: list[Any]) -> str:
        texts = [self._literals[0]]
        for value, literal in zip(values, self._literals[1:], strict=True):
            if value is None or value == "":
                message = f"{self.text} is empty"
                raise EmptyReference(message)
            texts += [str(value), literal]
        return "".join(texts)
