"""What a style is given, and what it gives back: lines, a table, or a path to be drawn."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sotokara.core.display import visible
from sotokara.core.observation import Exchange, Observation
from sotokara.kinds.interface import Kind


class View(NamedTuple):
    """One answered (or partly answered) observation, to be written in some style."""

    question: Kind
    observation: Observation
    facts: Any
    words: dict[str, str]

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """The raw in the kind's own form, also where a platform has reported it in its own."""
        try:
            return self.question.in_own_form(self.observation.exchanges)
        except ValueError:
            return ()


class Conclusion(str):
    """A line of a style that no server sent: what follows, as we see it. Shown apart."""

    __slots__ = ()


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


_BAR = 100.0
_THINNEST = 1.5


class PathRow(NamedTuple):
    """One hop: its places (``name [address]``), its network, its times in milliseconds."""

    number: str
    places: tuple[str, ...] = ()
    masked: bool = False
    network: str = ""
    network_name: str = ""
    times: tuple[float, ...] = ()
    said: str = ""
    time: str = ""
    """What stands for its times, where they are no milliseconds."""
    span: tuple[float, float] | None = None
    """In the place of times: from where to where its bar reaches, of the whole's 0 to 100."""

    @property
    def text(self) -> str:
        """All its words, in which remarks find their place."""
        return " ".join((*self.places, self.network, self.network_name, self.said))


class Picture(NamedTuple):
    """What a style returns to have a path drawn."""

    rows: list[PathRow]
    heads: tuple[str, ...] = ()
    """The three columns' names, where they are not a path's own."""

    def shown(self, notes: Sequence[str]) -> list[dict[str, Any]]:
        """The rows for the template, with the remark behind each."""
        longest = max((max(row.times) for row in self.rows if row.times), default=0.0) or 1.0
        shown = []
        before = ""
        for row, note in zip(self.rows, notes, strict=True):
            border = bool(row.network) and row.network != before
            before = row.network or before
            shown.append(
                {
                    "number": visible(row.number),
                    "places": [visible(place) for place in row.places],
                    "masked": row.masked,
                    "silent": not row.places,
                    "network": visible(row.network) if border else "",
                    "network_name": visible(row.network_name) if border else "",
                    "time": row.time or _time(row.times),
                    "bar": _span(row.span) if row.span else _bar(row.times, longest),
                    "said": visible(row.said),
                    "note": note,
                }
            )
        return shown


def _time(times: Sequence[float]) -> str:
    """``4.1–4.5 ms``, or one number where they are the same."""
    if not times:
        return ""
    low, high = f"{min(times):.1f}", f"{max(times):.1f}"
    return f"{low} ms" if low == high else f"{low}–{high} ms"


def _span(span: tuple[float, float]) -> dict[str, str]:
    """A bar that begins and ends somewhere on the whole."""
    start, end = (min(max(one, 0.0), _BAR) for one in span)
    wide = max(end - start, _THINNEST)
    start = min(start, _BAR - wide)
    return {"start": f"{start:.1f}", "best": f"{wide:.1f}", "spread": "0"}


def _bar(times: Sequence[float], longest: float) -> dict[str, str] | None:
    """The lengths of a hop's bar: up to its best time, and on to its worst (of 100)."""
    if not times:
        return None
    best = max(min(times) / longest * _BAR, _THINNEST)
    worst = max(max(times) / longest * _BAR, best)
    return {"best": f"{best:.1f}", "spread": f"{worst - best:.1f}"}
