"""References: sandboxed Jinja2 expressions over the facts of other definitions.

``{{ ssl3.addresses[0] }}`` on the same page, ``{{ other-post#ssl3.addresses }}`` on another.
Facts are values here, never source text, so nothing that a server sent is ever evaluated.
"""

import difflib
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jinja2
from jinja2 import meta, nodes

from sotokara.core.observation import Outcome
from sotokara.core.said import said
from sotokara.core.signs import foreign, meant, sign_names

if TYPE_CHECKING:  # loaded at the first expression: most pages have none
    from sotokara.core.sandbox import ExpressionSandbox

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


_HINT = said("the guide's page on definitions lists what an expression may use")
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"")
_PAIRS = ("()", "[]")
_LONGEST_TEMPLATE = 4096


def _short(text: str) -> None:
    """:raises ExpressionError: for an expression longer or deeper than any of an article."""
    from sotokara.core.sandbox import DEEPEST, LONGEST, depth

    if len(text) > LONGEST:
        what = said("an expression of {} characters; {} are possible", len(text), LONGEST)
        raise ExpressionError(what, said("write several claims, or shorten it"))
    if depth(text) > DEEPEST:
        what = said("{!r}… has brackets more than {} deep", text[:40], DEEPEST)
        raise ExpressionError(what, said("write for example ssl3.addresses[0]"))


def _unreadable(text: str, problem: str) -> ExpressionError:
    """What Jinja2 cannot read, and why, in words that do not speak of its templates."""
    outside = _QUOTED.sub("", text)
    why, hint = said("it cannot be read"), said("write for example ssl3.addresses[0]")
    if sign := foreign(outside):
        blank = said("a blank") if meant(sign) == " " else f"`{meant(sign)}`"
        why, hint = (
            said("{} stands where {} is meant", said(sign_names(sign)), blank),
            said("write {}", blank),
        )
    elif outside.count("'") % 2 or outside.count('"') % 2:
        why, hint = said("a quotation mark is not closed"), said("close it with the same mark")
    elif found := re.search(r"&&|\|\||(?<![=!<>])=(?!=)", outside):
        why = said("{} is no operator here", found[0])
        hint = said("write {}", {"&&": "and", "||": "or", "=": "=="}[found[0]])
    elif named_filter := re.search(r"No (?:filter|test) named '(\w+)'", problem):
        from sotokara.core.sandbox import FILTER_NAMES

        close = difflib.get_close_matches(named_filter[1], FILTER_NAMES, 1)
        why = said("there is no {!r}", named_filter[1])
        hint = said("did you mean {!r}?", close[0]) if close else _HINT
    elif "unexpected char" in problem:
        why = said("a sign stands in it that means nothing here: {}", problem.split("'")[1])
    elif any(outside.count(one[0]) != outside.count(one[1]) for one in _PAIRS):
        why, hint = said("a bracket is not closed"), said("close each ( with ), each [ with ]")
    elif "got" in problem:
        got = problem.rpartition("got ")[2].strip("'")
        why = said("something is missing before {!r}", got)
        hint = said("put an operator between, such as ==, in, and, or")
    elif "end of" in problem:
        why = said("it ends too early")
    elif "expected name or number" in problem:
        why = said("a name or number is missing behind a dot")
    return ExpressionError(said("{!r} is no expression: {}", text, why), hint)


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

    def __init__(self, text: str, environment: "ExpressionSandbox") -> None:
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
                raise ExpressionError(said("{!r}: {}", self.text, why), _HINT)
            self._compiled = environment.compile_expression(source, undefined_to_none=False)
        except (RecursionError, MemoryError, SyntaxError, ValueError, OverflowError) as error:
            if isinstance(error, ExpressionError):
                raise
            what = said("{!r}… has too many parts", self.text[:40])
            raise ExpressionError(what, said("write several claims")) from error
        except jinja2.TemplateError as error:
            raise _unreadable(self.text, error.message or "") from error
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
                message = said("{} is empty", self.text)
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
            from sotokara.core.value_errors import in_words

            message = said("{} cannot be worked out: {}", self.text, in_words(error))
            raise EmptyReference(message) from error
        return value


@lru_cache
def _environment() -> "ExpressionSandbox":
    from sotokara.core.sandbox import ExpressionSandbox

    return ExpressionSandbox()


@lru_cache(maxsize=4096)
def expression(text: str) -> Expression:
    """A compiled expression (without the braces).

    :raises ExpressionError: when it does not parse.
    """
    return Expression(text, _environment())


class Template:
    """Text with expressions in double braces: a target."""

    __slots__ = ("_expressions", "_literals", "references", "text")

    def __init__(self, text: str) -> None:
        """:raises ExpressionError: when an expression does not parse."""
        self.text = text
        if len(text) > _LONGEST_TEMPLATE:
            what = said("a target of {} characters", len(text))
            raise ExpressionError(what, said("write one name or address"))
        if "{%" in text or "{#" in text:
            what = said("statements are not allowed in a target")
            raise ExpressionError(what, said("use {{ … }} alone"))
        pieces = _BRACES.split(text)
        self._literals, self._expressions = pieces[0::2], [expression(one) for one in pieces[1::2]]
        if any("{{" in literal or "}}" in literal for literal in self._literals):
            what = said("unbalanced braces in {!r}", text)
            raise ExpressionError(what, said("close each {{ with }}"))
        if single := _SINGLE.search("".join(self._literals)):
            what = said("{} has single braces and would be asked for as it stands", single[0])
            raise ExpressionError(what, said("write {{{}}}", single[0]))
        own = (one.references for one in self._expressions)
        self.references = frozenset[Reference]().union(*own)

    def value(self, lookup: Lookup) -> Any:  # noqa: ANN401  # whatever the facts hold
        """What its one expression gives, as it is.

        :raises EmptyReference: when it gives nothing.
        """
        return self._expressions[0](lookup)

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
            message = said("{} joins two lists", self.text)
            raise EmptyReference(message)
        several = []
        for element in dict.fromkeys(map(str, values[lists[0]])):
            values[lists[0]] = element
            several.append(self._join(values))
        if not several:
            message = said("{} is empty", self.text)
            raise EmptyReference(message)
        return several

    def _join(self, values: list[Any]) -> str:
        texts = [self._literals[0]]
        for value, literal in zip(values, self._literals[1:], strict=True):
            if value is None or value == "":
                message = said("{} is empty", self.text)
                raise EmptyReference(message)
            texts += [str(value), literal]
        return "".join(texts)
