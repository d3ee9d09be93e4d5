"""Where expressions are worked out: few filters and methods, and nothing that grows without end.

A page is written by whoever may send a pull request. So an expression is short and shallow, has
only the filters and methods that are listed here, and each step's value is bounded; what would be
larger is an error before it is made.
"""

import re
from collections.abc import Callable
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 2000
"""Characters of an expression."""
DEEPEST = 30
"""Brackets in one another."""
MOST = 100_000
"""Characters or elements of a value on the way; and bits of a number, by 32."""
_FILTERS = (  # noqa: SIM905  # a column of words is easier to read
    "abs attr capitalize count d default dictsort first float groupby int items join last length "
    "list lower map max min reject rejectattr replace reverse round select selectattr sort string "
    "sum title trim unique upper wordcount"
).split()
_METHODS = frozenset(
    (  # noqa: SIM905
        "capitalize casefold count endswith find get index isalnum isalpha isascii isdecimal "
        "isdigit islower isnumeric isspace isupper items join keys lower lstrip partition "
        "removeprefix removesuffix replace rfind rindex rpartition rsplit rstrip split splitlines "
        "startswith strip swapcase title upper values isoformat date time weekday total_seconds"
    ).split()
)
"""Methods of text, lists, mappings and times that give no more than they are given."""
_BRACKET = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|([(\[{])|([)\]}])")


class TooLargeError(ArithmeticError):
    """A value on the way would be larger than any that an article needs."""


def depth(text: str) -> int:
    """How deep brackets stand in one another, those in quotation marks apart."""
    deep = deepest = 0
    for match in _BRACKET.finditer(text):
        deep += bool(match[1]) - bool(match[2])
        deepest = max(deepest, deep)
    return deepest


def _size(value: Any) -> int:  # noqa: ANN401  # whatever an expression has
    return len(value) if isinstance(value, str | bytes | list | tuple | dict) else 0


def _bounded(size: int) -> None:
    if size > MOST:
        message = f"a value of more than {MOST} characters or elements"
        raise TooLargeError(message)


def binary(operator: str, left: Any, right: Any) -> None:  # noqa: ANN401
    """Refuse an operation whose value would be too large.

    :raises TooLargeError: then.
    :raises TypeError: for text in place of a number: ``%`` would fill it in like a form.
    """
    whole = isinstance(left, int) and isinstance(right, int)
    if operator == "+":
        _bounded(_size(left) + _size(right))
    elif operator == "*" and whole:
        _bounded((left.bit_length() + right.bit_length()) * 32)
    elif operator == "*":
        for one, times in ((left, right), (right, left)):
            _bounded(_size(one) * times if isinstance(times, int) else 0)
    elif operator == "**" and whole:
        _bounded(left.bit_length() * abs(right) * 32 if abs(left) > 1 else 0)
    elif operator == "%" and isinstance(left, str | bytes):
        message = "% divides numbers; write a ~ b to join text"
        raise TypeError(message)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with bounds; nothing is worked out while an expression is compiled."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=jinja2.StrictUndefined, autoescape=False, optimized=False)
        self.globals.clear()
        self.filters = {name: FILTERS[name] for name in _FILTERS}
        self.filters |= {"replace": _replace, "join": _join, "round": _round}

    def call_binop(
        self,
        context: Any,  # noqa: ANN401  # jinja2's own types are as open
        operator: str,
        left: Any,  # noqa: ANN401
        right: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """An operation, unless its value would be too large."""
        binary(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:  # noqa: ANN401
        """Only the listed methods of values, and functions of the environment's own."""
        if any(obj is one for one in self.globals.values()):
            return True
        listed = getattr(obj, "__name__", "") in _METHODS and hasattr(obj, "__self__")
        return listed and super().is_safe_callable(obj)

    def call(self, context: Any, obj: Any, /, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        """A method, unless its value would be too large."""
        owner, name = getattr(obj, "__self__", None), getattr(obj, "__name__", "")
        if isinstance(owner, str) and name == "replace" and len(args) > 1:
            return _replace(owner, str(args[0]), str(args[1]))
        if isinstance(owner, str) and name == "join" and args:
            return _join(args[0], owner)
        return super().call(context, obj, *args, **named)

    def refusal(self, tree: nodes.Template) -> str:
        """Why an expression is refused before anything is known; empty: it is not."""
        for call in tree.find_all(nodes.Call):
            name = getattr(call.node, "attr", None) or getattr(call.node, "name", "of that kind")
            if name not in _METHODS and name not in self.globals:
                return f"there is no function {name!r}"
        for node in tree.find_all((nodes.BinExpr, nodes.Filter)):
            try:
                _constant(node)
            except (TooLargeError, TypeError) as error:
                return str(error)
            except (ArithmeticError, ValueError, nodes.Impossible):
                continue
        return ""


def _replace(text: Any, old: str, new: str, count: int | None = None) -> str:  # noqa: ANN401
    text = str(text)
    _bounded(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    done: str = text.replace(old, new, -1 if count is None else count)
    return done


def _join(values: Any, between: str = "", attribute: str | None = None) -> str:  # noqa: ANN401
    found = [str(getattr(one, attribute) if attribute else one) for one in values]
    _bounded(sum(map(len, found)) + len(found) * len(between))
    return between.join(found)


def _round(value: Any, precision: int = 0, method: str = "common") -> Any:  # noqa: ANN401
    _bounded(abs(precision) * 1000)
    function: Callable[..., Any] = FILTERS["round"]
    return function(value, precision, method)


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "**": lambda a, b: a**b,
}


def _constant(node: nodes.Node) -> Any:  # noqa: ANN401
    """What an expression of constants gives.

    :raises nodes.Impossible: when it is none.
    """
    if isinstance(node, nodes.Const):
        return node.value
    if isinstance(node, nodes.List | nodes.Tuple):
        return [_constant(one) for one in node.items]
    if isinstance(node, nodes.BinExpr):
        left, right = _constant(node.left), _constant(node.right)
        binary(node.operator, left, right)
        if node.operator in _OPERATIONS:
            return _OPERATIONS[node.operator](left, right)
    if isinstance(node, nodes.Filter) and node.name == "round":
        _round(0, *(_constant(one) for one in node.args))
    raise nodes.Impossible
