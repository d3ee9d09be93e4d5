"""Operations of expressions whose values are bounded before they are made."""

from collections.abc import Callable
from typing import Any

from jinja2 import nodes
from jinja2.filters import FILTERS

MOST = 100_000
"""Characters or elements of a value on the way; and bits of a number, by 32."""


class TooLargeError(ArithmeticError):
    """A value on the way would be larger than any that an article needs."""


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


def replace_bounded(text: Any, old: str, new: str, count: int | None = None) -> str:  # noqa: ANN401
    """Text with a piece replaced.

    :raises TooLargeError: when it would be too large.
    """
    text = str(text)
    _bounded(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    done: str = text.replace(old, new, -1 if count is None else count)
    return done


def join_bounded(values: Any, between: str = "", attribute: str | None = None) -> str:  # noqa: ANN401
    """Values as text, joined.

    :raises TooLargeError: when it would be too large.
    """
    found = [str(getattr(one, attribute) if attribute else one) for one in values]
    _bounded(sum(map(len, found)) + len(found) * len(between))
    return between.join(found)


def round_bounded(value: Any, precision: int = 0, method: str = "common") -> Any:  # noqa: ANN401
    """A rounded number.

    :raises TooLargeError: when it would be too large.
    """
    _bounded(abs(precision) * 1000)
    function: Callable[..., Any] = FILTERS["round"]
    return function(value, precision, method)


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "**": lambda a, b: a**b,
}


def constant(node: nodes.Node) -> Any:  # noqa: ANN401
    """What an expression of constants gives.

    :raises nodes.Impossible: when it is none.
    """
    if isinstance(node, nodes.Const):
        return node.value
    if isinstance(node, nodes.List | nodes.Tuple):
        return [constant(one) for one in node.items]
    if isinstance(node, nodes.BinExpr):
        left, right = constant(node.left), constant(node.right)
        binary(node.operator, left, right)
        if node.operator in _OPERATIONS:
            return _OPERATIONS[node.operator](left, right)
    if isinstance(node, nodes.Filter) and node.name == "round":
        round_bounded(0, *(constant(one) for one in node.args))
    raise nodes.Impossible
