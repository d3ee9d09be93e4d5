"""What stands behind a figure's quiet line: other styles, the facts as a table, how to repeat it.

Only what the facts alone give: raw bytes are on the observation's own page under ``evidence/``.
"""

from typing import Any, NamedTuple

import msgspec

from probes.figures import Figure, Node
from probes.observation import Observation
from probes.render.display import capped, visible
from probes.render.repeat import commands
from probes.render.styles import STYLES
from probes.render.view import Table, View

MOST_LINES = 30
"""Lines of another style, and rows of facts; the evidence has the rest."""
_MOST_TEXT = 300
"""Characters of one fact."""


class More(NamedTuple):
    """The template's variables."""

    styles: list[tuple[str, str]]
    facts: list[tuple[str, str]]
    commands: str


def more(
    node: Node, figure: Figure, observation: Observation | None, words: dict[str, str]
) -> More:
    """What there is to say of a figure, in the page's language."""
    if observation is None or observation.facts is None or figure.question is None:
        return More([], [], "")
    kind = node.definition.kind
    view = View(figure.question, observation, observation.facts, words)
    styles = []
    for name, write in STYLES[kind.name].items():
        if name == node.definition.style or name in kind.from_raw:
            continue
        output = write(view)
        if isinstance(output, Table):
            output = output.lines()
        if isinstance(output, list):
            lines, left_out = capped(output)
            left_out += max(0, len(lines) - MOST_LINES)
            rest = [words["lines_left_out"].format(count=left_out)] if left_out else []
            styles.append((name, "\n".join([*lines[:MOST_LINES], *rest])))
    plain = msgspec.to_builtins(observation.facts)
    facts = [
        (name, _text(value)) for name, value in plain.items() if value not in ("", [], {}, None)
    ]
    return More(
        styles,
        facts[:MOST_LINES],
        "\n".join(visible(one) for one in commands(figure.question.identity())),
    )


def _text(value: Any) -> str:  # noqa: ANN401  # plain JSON
    if isinstance(value, dict):
        text = "; ".join(
            f"{key}: {_text(one)}" for key, one in value.items() if one not in ("", [])
        )
    elif isinstance(value, list):
        mark = " | " if any(isinstance(one, dict) for one in value) else ", "
        text = mark.join(map(_text, value))
    elif isinstance(value, bool):
        text = str(value).lower()
    else:
        text = str(value)
    text = visible(text)
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}…"
