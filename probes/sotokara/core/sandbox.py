"""Where expressions are worked out: few filters and methods, and nothing that grows without end.

A page is written by whoever may send a pull request. So an expression is short and shallow, has
only the filters and methods that are listed here, and each step's value is bounded; what would be
larger is an error before it is made.
"""

import re
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.filters import FILTERS
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sotokara.core.bounded import (
    TooLargeError,
    binary,
    constant,
    join_bounded,
    replace_bounded,
    round_bounded,
)
from sotokara.core.helpers import HELPERS

LONGEST = 2000
"""Characters of an expression."""
DEEPEST = 30
"""Brackets in one another."""
FILTER_NAMES = (  # noqa: SIM905  # a column of words is easier to read
    "abs attr capitalize count d default dictsort first float groupby int items join last length "
    "list lower map max min reject rejectattr replace reverse round select selectattr sort string "
    "sum title trim unique upper wordcount"
).split()
_METHODS = frozenset(
    (  # noqa: SIM905
        "capitalize casefold count endswith find get index isalnum isalpha isascii isdecimal "
        "isdigit islower isnumeric isspace isupper items join keys lower lstrip partition "
        "removeprefix removesuffix replace rfind rindex rpartition rsplit rstrip split splitlines "
        "startswith strip swapcase title upper values isoformat date time weekday total_seconds "
        "seeing lacking"
    ).split()
)
"""Methods of text, lists, mappings, times and places that give no more than they are given."""
_BRACKET = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|([(\[{])|([)\]}])")


def depth(text: str) -> int:
    """How deep brackets stand in one another, those in quotation marks apart."""
    deep = deepest = 0
    for match in _BRACKET.finditer(text):
        deep += bool(match[1]) - bool(match[2])
        deepest = max(deepest, deep)
    return deepest


class ExpressionSandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox with bounds; nothing is worked out while an expression is compiled."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=jinja2.StrictUndefined, autoescape=False, optimized=False)
        self.globals.clear()
        self.globals.update(HELPERS)
        self.filters = {name: FILTERS[name] for name in FILTER_NAMES}
        self.filters |= {"replace": replace_bounded, "join": join_bounded, "round": round_bounded}

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
            return replace_bounded(owner, str(args[0]), str(args[1]))
        if isinstance(owner, str) and name == "join" and args:
            return join_bounded(args[0], owner)
        return super().call(context, obj, *args, **named)

    def refusal(self, tree: nodes.Template) -> str:
        """Why an expression is refused before anything is known; empty: it is not."""
        for call in tree.find_all(nodes.Call):
            name = getattr(call.node, "attr", None) or getattr(call.node, "name", "of that kind")
            if name not in _METHODS and name not in self.globals:
                return f"there is no function {name!r}"
        for node in tree.find_all((nodes.BinExpr, nodes.Filter)):
            try:
                constant(node)
            except (TooLargeError, TypeError) as error:
                return str(error)
            except (ArithmeticError, ValueError, nodes.Impossible):
                continue
        return ""
