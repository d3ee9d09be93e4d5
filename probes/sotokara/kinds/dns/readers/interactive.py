"""What was set at nslookup's own prompt above a look-up: ``> set type=mx``."""

from collections.abc import Sequence

from sotokara.kinds.dns.readers.phrases import SET_CLASS, SET_TYPE
from sotokara.kinds.shared.terminal.pasted import PastedLine

_ABOVE = 60


def set_above(lines: Sequence[PastedLine], at: int) -> tuple[list[str], bool]:
    """The type that was set last before a line, and whether the class is another than IN."""
    types: list[str] = []
    other = False
    for index in range(at - 1, max(-1, at - _ABOVE), -1):
        if lines[index].typed is not None:
            break
        if (match := SET_TYPE.match(lines[index].text)) and not types:
            types = [match["type"].upper()]
        if match := SET_CLASS.match(lines[index].text):
            other = match["class"].upper() != "IN"
    return types, other
