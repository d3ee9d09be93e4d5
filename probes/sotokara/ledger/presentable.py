"""Whether a kept observation can be shown at all, seen before any page shows it.

Facts of the right types, and volatile values, which have none, may still hold what no version of
their kind has ever written: a verdict that there are no words for, a date of month 13. Each hash is
right, and a page that meets it in the middle of its figure ends the build.
"""

from typing import Any

import msgspec

from sotokara.core.labels import DEFAULT, labels
from sotokara.core.observation import Observation
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.kinds.parts import styles_of
from sotokara.kinds.shared.view import Picture, View


def present(kind: str, observation: Observation) -> None:
    """Write everything that a page says of it, for nobody.

    :raises Exception: whatever its kind raises where it cannot.
    """
    made = KINDS[kind]
    options = {key: one for key, one in observation.definition.items() if key != "redacted"}
    try:
        question = msgspec.convert({"target": options.pop(kind), **options}, made)
    except (KeyError, msgspec.ValidationError):
        return  # a page says nothing of a question that it cannot put
    show(question, observation, observation.facts)


def show(question: Kind, observation: Observation, facts: Any) -> None:  # noqa: ANN401
    """The same of a question's facts.

    :raises Exception: as above.
    """
    words, kind = labels(DEFAULT), type(question)
    kind.headline(facts, None, words)
    kind.remarks(facts, observation, words)
    kind.comparable(facts, facts)
    kind.unknown(facts)
    question.commands(facts)
    for style in styles_of(kind).values():
        output = style(View(question, observation, facts, words))
        if isinstance(output, Picture):
            output.shown([""] * len(output.rows))
