"""The key ``each``: one definition over many subjects, out of a file, a network or a reference."""

import re
from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any, Literal, NamedTuple

from sotokara.core.addresses import Net
from sotokara.core.expressions import ExpressionError, Lookup, Reference, Template
from sotokara.core.said import said

EACH = "each"
"""The name of a subject in a template: ``{{ each.name }}``."""
VALUE = "value"
"""The one field of a subject out of a text file, a network or a list."""
ROWS = "rows"
"""What other definitions and claims call a batch by: ``scan.rows``, ``rows.count(…)``."""
Form = Literal["file", "network", "reference"]
_NETWORK = re.compile(r"[0-9A-Fa-f:.]+/[0-9]+")


class Each(NamedTuple):
    """Where the subjects of a definition come from."""

    text: str
    """As its author wrote it: it is part of what was asked."""
    form: Form
    network: Net | None = None
    reference: Template | None = None

    @property
    def references(self) -> frozenset[Reference]:
        """The definitions whose facts or rows are the subjects."""
        return self.reference.references if self.reference else frozenset()


def read_each(text: str) -> Each:
    """What the key says.

    :raises ExpressionError: for a reference that is none, or a network that is none.
    """
    text = text.strip()
    if "{{" in text:
        template = Template(text)
        if not re.fullmatch(r"\{\{[^{}]*\}\}", text) or not template.references:
            what = said("each: {!r} is no single reference", text)
            raise ExpressionError(what, said("write for example {{ names.rows }}"))
        return Each(text, "reference", reference=template)
    if _NETWORK.fullmatch(text):
        return Each(text, "network", network=_network(text))
    if not text:
        what = said("each names nothing")
        raise ExpressionError(what, said("write a file, a network or a reference"))
    return Each(text, "file")


def _network(text: str) -> Net:
    try:
        return ip_network(text)
    except ValueError as error:
        hint = said("write for example 198.18.0.0/16")
        try:
            whole = ip_network(text, strict=False)
        except ValueError:
            raise ExpressionError(said("each: {!r} is no network", text), hint) from error
        host = text.partition("/")[0]
        what = said("each: {} is an address inside {}, not the network's first", host, whole)
        raise ExpressionError(what, said("write {}", whole)) from error


class Filled(NamedTuple):
    """What one subject makes of a definition: the target, and the options that it fills in."""

    target: str
    options: dict[str, Any]


class Templates:
    """A definition's target and options with ``{{ each.… }}`` in them.

    ``fields`` are the names behind ``each`` that they use, in order.
    """

    def __init__(self, target: Template, options: Mapping[str, Template]) -> None:
        self._target, self._options = target, dict(options)
        self.texts = {name: one.text for name, one in options.items()}
        """The options as their author wrote them."""
        every = [target, *options.values()]
        found = {one for template in every for one in template.references if one.stem is None}
        self.fields = sorted({one.field for one in found if one.id == EACH and one.field})
        others = {one for template in every for one in template.references}
        self.references = frozenset(one for one in others if one.stem is not None or one.id != EACH)
        """Those to other definitions: the same for every subject."""
        self.plain = self._plain()
        """The field that is the whole target, where no option is filled in and nothing is added."""

    def _plain(self) -> str:
        match = re.fullmatch(r"\{\{\s*each\.(\w+)\s*\}\}", self._target.text.strip())
        return match[1] if match and not self._options else ""

    def fill(self, subject: Any, lookup: Lookup) -> Filled:  # noqa: ANN401  # facts, or text
        """What to ask of a subject.

        :raises EmptyReference: where it has no value there.
        """

        def find(reference: Reference) -> Any:  # noqa: ANN401
            if reference.stem is None and reference.id == EACH:
                return subject
            return lookup(reference)

        target = self._target.fill(find)
        options = {name: one.fill(find) for name, one in self._options.items()}
        return Filled(target[0], {name: values[0] for name, values in options.items()})
