"""What was set at nslookup's own prompt above a look-up: ``> set type=mx``."""

from collections.abc import Sequence

from sotokara.kinds.dns.readers.phrases import SET_CLASS, SET_TYPE
from sotokara.kinds.shared.terminal.pasted import PastedLine

_ABOVE = 60


def set_above(lines: Sequence[PastedLine], at: int) -> tuple[list[str], bool]:
    """The type that was set last before a line, and whether the class is another than IN."""
    types: list[str] = []
    other = False
    for line in reversed(lines[max(0, at - _ABOVE) : at]):
        if line.typed is not None:
            break
        if "set" not in line.text.lower():
            continue
        if (match := SET_TYPE.match(line.text)) and not types:
            types = [match["type"].upper()]
        if match := SET_CLASS.match(line.text):
            other = match["class"].upper() != "IN"
    return types, other
