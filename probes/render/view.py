"""What a style is given, and what it gives back."""

from typing import Any, NamedTuple

from probes.kinds.interface import Kind
from probes.observation import Observation


class View(NamedTuple):
    """One answered (or partly answered) observation, to be written in some style."""

    question: Kind
    observation: Observation
    facts: Any
    words: dict[str, str]


class Table(NamedTuple):
    """Rows under a header, shown as a table on a page and as columns of text elsewhere."""

    header: list[str]
    rows: list[list[str]]

    def lines(self) -> list[str]:
        """Columns of text."""
        every = [self.header, *self.rows]
        widths = [max(len(row[column]) for row in every) for column in range(len(self.header))]
        return [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in every
        ]
