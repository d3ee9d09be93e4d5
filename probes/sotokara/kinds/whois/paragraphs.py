"""Paragraphs of sentences, such as terms of use, among the lines of an answer."""

from sotokara.kinds.whois import shapes
from sotokara.kinds.whois.labels import CONTACT, HOLDER
from sotokara.kinds.whois.lines import BLANK, WORDS
from sotokara.kinds.whois.sections import Placed


def prose_lines(found: list[Placed]) -> set[int]:
    """The lines of paragraphs of sentences that stand in no contact's section."""
    prose: set[int] = set()
    paragraph: list[int] = []
    for at in range(len(found) + 1):
        if at < len(found) and found[at].line.kind != BLANK:
            paragraph.append(at)
            continue
        lines = [found[one] for one in paragraph]
        free = [
            one for one in lines if one.line.kind == WORDS and one.whose not in (HOLDER, CONTACT)
        ]
        if free and shapes.prose(" ".join(one.line.text for one in lines)):
            alone = [
                one
                for one in paragraph
                if found[one].line.kind == WORDS and found[one].whose not in (HOLDER, CONTACT)
            ]
            if len(alone) > len(paragraph) // 2:
                prose.update(alone)
        paragraph = []
    return prose
