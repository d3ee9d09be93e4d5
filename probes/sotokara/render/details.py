"""What a figure has behind its fold: other styles, facts, commands to repeat it."""

import shlex
from typing import Any, NamedTuple

import msgspec

from sotokara.core.display import capped, visible
from sotokara.core.labels import field_name
from sotokara.core.observation import Observation
from sotokara.engine.figure import Figure, Node
from sotokara.engine.recall import question_of
from sotokara.kinds.interface import Kind
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Conclusion, Table, View
from sotokara.render.whence import indoors

_MOST_LINES = 30
"""Lines of another style, and rows of facts; the evidence has the rest."""
_MOST_TEXT = 300
"""Characters of one fact."""


class Details(NamedTuple):
    """The template's variables."""

    styles: list[tuple[str, str]]
    """Without conclusions: the figure has them."""
    facts: list[tuple[str, str, str]]
    """What a fact is called, its field's name, its value."""
    commands: str


def details_of(
    node: Node, figure: Figure, observation: Observation | None, words: dict[str, str]
) -> Details:
    """What there is to say of a figure, in the page's language."""
    if observation is None or observation.facts is None or figure.question is None:
        return Details([], [], "")
    kind = node.definition.kind
    view = View(asked_then(figure, observation), observation, observation.facts, words)
    styles = []
    for name, write in styles_of(kind).items():
        if name == node.definition.style or name in kind.from_raw:
            continue
        output = write(view)
        if isinstance(output, Table):
            output = output.lines()
        if isinstance(output, list):
            lines, left_out = capped([one for one in output if not isinstance(one, Conclusion)])
            left_out += max(0, len(lines) - _MOST_LINES)
            rest = [words["lines_left_out"].format(count=left_out)] if left_out else []
            styles.append((name, "\n".join([*lines[:_MOST_LINES], *rest])))
    found = msgspec.to_builtins(observation.facts)
    facts = [
        (field_name(words, name), name, value_in_one_line(value))
        for name, value in found.items()
        if value not in ("", [], {}, None)
    ]
    hides = figure.question != figure.asked  # no command can be made of a masked target
    hides = hides or bool(indoors(observation, words).said)  # nobody else reaches these servers
    commands = [] if hides else figure.question.commands(observation.facts)
    return Details(
        styles,
        facts[:_MOST_LINES],
        "\n".join(visible(shlex.join(one)) for one in commands),
    )


def value_in_one_line(value: Any) -> str:  # noqa: ANN401  # plain JSON
    """A value in one line, as far as it fits."""
    if isinstance(value, str):
        text = value
    elif isinstance(value, dict):
        text = "; ".join(
            f"{key}: {value_in_one_line(one)}" for key, one in value.items() if one not in ("", [])
        )
    elif isinstance(value, list):
        mark = " | " if any(isinstance(one, dict) for one in value) else ", "
        text = mark.join(map(value_in_one_line, value))
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = str(value)
    text = visible(text)
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"


def asked_then(figure: Figure, observation: Observation) -> Kind:
    """The question that an observation answers: the figure's, or a former one of its place."""
    assert figure.question is not None  # noqa: S101  # the caller has looked
    if observation.digest in ("", figure.digest):
        return figure.question
    return question_of(figure, observation.definition) or figure.question
