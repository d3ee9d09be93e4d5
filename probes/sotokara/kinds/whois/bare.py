"""Answers of a few words without any layout: what may stand in them, and in sentences."""

import re

from sotokara.kinds.shared.registry.organizations import organization
from sotokara.kinds.shared.registry.personal import shape
from sotokara.kinds.whois.labels import CONTACT, HOLDER
from sotokara.kinds.whois.lines import BLANK, COMMENT, HEADING, PAIR
from sotokara.kinds.whois.sections import Placed

_MOST_LINES = 12
_MARKED_UP = re.compile(r"</|[{}|]|\"\s*:|\w=\S")
"""XML, JSON, tables and assignments: structure, though no line of it is a label with its value."""
_IN_A_ROW = re.compile(r"(?<=[^\s.!?] )[^\W\d_a-z]\w+(?: [^\W\d_a-z]\w+)+")
"""Two words and more that begin with capitals, inside a sentence."""


def bare(found: list[Placed]) -> bool:
    """Whether an answer has no structure in which a person could stand: a few words alone."""
    lines = [one for one in found if one.line.kind not in (BLANK, COMMENT)]
    pairs = [one for one in lines if one.line.kind == PAIR and "://" not in one.line.value]
    headed = any(one.line.kind == HEADING and one.whose in (HOLDER, CONTACT) for one in lines)
    marked = any(_MARKED_UP.search(one.line.text) for one in lines)
    return len(lines) <= _MOST_LINES and not (pairs or headed or marked)


def without_names_in_a_row(text: str) -> str:
    """A sentence without what may be a name in it; an organization's stays."""
    return _IN_A_ROW.sub(lambda one: one[0] if organization(one[0]) else shape(one[0]), text)
