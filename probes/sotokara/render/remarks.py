"""An author's remarks: behind which lines of the output each was put, and what is odd about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sotokara.core.display import visible
from sotokara.core.said import said

_SIGN = re.compile(r"^\s*[<＜﹤]+\s*")


class OutputLine(NamedTuple):
    """One line of output and the remark behind it; ``ours``: a conclusion, which nobody sent."""

    text: str
    note: str = ""
    ours: bool = False
    number: int = 0


class Remarks:
    """The remarks of one definition (``notes``), and the lines that they stand behind."""

    def __init__(self, notes: Mapping[Any, Any]) -> None:
        self.notes = {str(text): note for text, note in notes.items()}
        self.lines: dict[str, list[int]] = {text: [] for text in self.notes}
        """Of each note, the lines of the listing in which it stands most often."""

    def behind(self, lines: Sequence[OutputLine]) -> list[OutputLine]:
        """The lines, numbered, each with the remarks on it: by its text, or by its number."""
        noted, found = [], self.find([line.text for line in lines])
        for number, line in enumerate(lines, 1):
            note = " ".join(self.remark(text) for text in found.get(number, ()))
            noted.append(line._replace(note=note, number=number))
        return noted

    def find(self, lines: Sequence[str], *, by_number: bool = True) -> dict[int, list[str]]:
        """Line number → the notes that it has; what is found is remembered."""
        found: dict[int, list[str]] = {}
        for text, note in self.notes.items():
            if isinstance(note, dict):
                at = [note.get("line", 0)] if by_number else []
                at = [number for number in at if 0 < number <= len(lines)]
            else:
                at = [number for number, line in enumerate(lines, 1) if text in line]
            for number in at:
                found.setdefault(number, []).append(text)
            self.lines[text] = max(self.lines[text], at, key=len)
        return found

    def remark(self, text: str) -> str:
        """What is written behind a note's line, without the “<” that the figure puts before it."""
        note = self.notes[text]
        return visible(_SIGN.sub("", text if isinstance(note, dict) else str(note)))

    def odd(self) -> Iterator[tuple[str, str]]:
        """What an author should look at, and how to mend it; to be asked once all is shown."""
        for text, lines in self.lines.items():
            note = self.notes[text]
            if not lines:
                what = said("the note on {!r} matches no line of the output", text)
                yield what, said("write text that stands in a line, or {line: N}")
            elif len(lines) > 1:
                numbers = ", ".join(map(str, lines[:5])) + (", …" if len(lines) > 5 else "")  # noqa: PLR2004
                what = said(
                    "the note on {!r} stands behind {} lines: {}", text, len(lines), numbers
                )
                yield what, said("write more of the one line, or remark: {line: N}")
            if _SIGN.match(text if isinstance(note, dict) else str(note)):
                what = said(
                    "the remark on {!r} begins with “<”, which the figure writes itself", text
                )
                yield what, said("leave it out")
