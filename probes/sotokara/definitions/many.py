"""What an author writes beside ``each``, and what is wrong with it."""

import difflib
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from sotokara.core.expressions import ExpressionError, Template
from sotokara.core.said import said
from sotokara.definitions.common import Common
from sotokara.definitions.each import EACH, Each, read_each
from sotokara.kinds.interface import Kind

Wrong = tuple[str, str, str]
"""A mistake: what, how to mend it, which key."""
_NOT_WITH_EACH = (
    "baseline", "transcript", "observed", "source", "archived", "says", "pin", "history", "since",
    "notes", "style",
)  # fmt: skip
"""Common keys that are about one observation."""


@cache
def any_target() -> Template:
    """In the place of a target that each subject makes."""
    return Template("{{ each.value }}")


class Many:
    """A definition with many subjects as it was written.

    ``each``: where they come from; None where that is no such place. ``filled``: the options that
    are templates; ``shared``: the others.
    """

    def __init__(
        self, kind: type[Kind], target: Template, options: dict[str, Any], common: Common
    ) -> None:
        self._kind, self._target, self._common = kind, target, common
        self._found: list[Wrong] = []
        self.filled: dict[str, Template] = {}
        self.shared = dict(options)
        self.each: Each | None = None
        for key in [key for key, one in options.items() if isinstance(one, str) and "{{" in one]:
            try:
                self.filled[key] = Template(self.shared.pop(key))
            except ExpressionError as error:
                self._found.append((said("in {}: {}", key, error), error.hint, key))
        try:
            self.each = read_each(common.each or "")
        except ExpressionError as error:
            self._found.append((str(error), error.hint, "each"))

    def mistakes(self, given: Collection[str]) -> Iterator[Wrong]:
        """All that is wrong; ``given``: the keys that stand there."""
        yield from self._found
        for key in _NOT_WITH_EACH:
            if key in given:
                what = said("{} is of one answer, and each makes many", key)
                yield what, said("leave {} out", key), key
        if isinstance(self._common.measured_from, list):
            what = said("from names several places, and each goes to one")
            yield what, said("write a fence a place"), "from"
        if self._kind.cites:
            what = said("{} reads what others measured, and each asks", self._kind.name)
            yield what, said("leave {} out", "each"), "each"
        if not any(one.stem is None and one.id == EACH for one in self._target.references):
            hint = said("write {{ each.value }}, or the name of a column")
            yield said("the target is the same for each subject"), hint, self._kind.name
        yield from self._counted()

    def _counted(self) -> Iterator[Wrong]:
        """``group`` and ``order`` name facts of the kind."""
        common, fields = self._common, self._kind.facts.__struct_fields__
        groups = [common.group] if isinstance(common.group, str) else common.group
        ordered = [(common.order or "name").removeprefix("-")]
        for key, names, known in (
            ("group", groups, fields),
            ("order", ordered, (*fields, "name", "outcome")),
        ):
            for name in names:
                if name not in known:
                    close = difflib.get_close_matches(name, known, 1)
                    every = said("one of {}", ", ".join(known))
                    hint = said("did you mean {!r}?", close[0]) if close else every
                    yield said("{} has no fact {!r}", self._kind.name, name), hint, key


class ManyRead(NamedTuple):
    """What was read: where subjects come from, options of all and of each, and what is wrong."""

    each: Each | None
    shared: dict[str, Any]
    filled: dict[str, Template]
    wrong: Sequence[Wrong]


def many_of(
    given: Collection[str],
    kind: type[Kind],
    written: tuple[Template | None, dict[str, Any], Common | None],
) -> ManyRead:
    """What a definition says of many subjects; ``given``: its keys, ``written``: what they say."""
    target, options, common = written
    if target is None or common is None:
        return ManyRead(None, options, {}, [])
    if EACH in given:
        many = Many(kind, target, options, common)
        return ManyRead(many.each, many.shared, many.filled, list(many.mistakes(given)))
    hint = said("name the subjects: each: names.csv")
    alone = [
        (said("{} stands without each", key), hint, key)
        for key in ("group", "order")
        if key in given
    ]
    return ManyRead(None, options, {}, alone)
