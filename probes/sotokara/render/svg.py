"""Drawings as files of their own, for slides and print: no script, no style sheet, words inside."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from sotokara.core.display import visible
from sotokara.kinds.shared.view import PathRow

_WIDTH, _LINE, _BAR = 900, 22, 220
_FILLS = {
    "claimed": ("#00695c", 4, 32),
    "otherwise": ("#b3261e", 4, 16),
    "undecided": ("#8f4a00", 12, 16),
    "no_answer": ("#8f4a00", 28, 8),
    "not_measured": ("#90a4ae", 19, 2),
}
"""Colour, top and height: the heights tell states apart without colour, as on the page."""


def path_svg(rows: Sequence[PathRow], title: str, foot: str) -> str:
    """A path: a line for each hop, its network above it, its round-trip times as a bar."""
    longest = max((max(row.times) for row in rows if row.times), default=0.0) or 1.0
    drawn, y, network = [], 60, ""
    for row in rows:
        if row.network and row.network != network:
            name = f"{row.network} {row.network_name}".strip()
            drawn.append(_text(50, y, name, weight="bold"))
            y += _LINE
        network = row.network or network
        drawn.append(_text(40, y, row.number, anchor="end"))
        told = ", ".join(row.places) or row.said or "*"
        drawn.append(_text(50, y, f"{told[:70]} {row.said if row.places else ''}".rstrip()))
        if row.times:
            best, worst = min(row.times), max(row.times)
            x, wide = _WIDTH - _BAR - 90, max(best / longest * _BAR, 2)
            drawn.append(_box(x, y - 10, wide, 8, "#546d78"))
            drawn.append(_box(x + wide, y - 10, worst / longest * _BAR - wide, 8, "#80cbc4"))
            drawn.append(_text(_WIDTH - 84, y, row.time or f"{best:.1f} ms"))
        y += _LINE
    return _drawing(y + 30, title, foot, drawn)


def history_svg(history: Mapping[str, Any], title: str, foot: str) -> str:
    """A figure's history as it is drawn on its page, with its legend and its span of time."""
    drawn = []
    for bar in history["bars"]:
        colour, top, height = _FILLS[bar.state]
        x, wide = bar.x * (_WIDTH - 40) / 1000 + 20, bar.width * (_WIDTH - 40) / 1000
        drawn.append(_box(x, 55 + top, max(wide, 1), height, colour, bar.title))
    x = 20
    for state, name in history["names"]:
        colour, top, height = _FILLS[state]
        drawn.append(_box(x, 104 + top / 2, 12, height / 2, colour))
        drawn.append(_text(x + 18, 118, name))
        x += 36 + 14 * len(name)
    drawn.append(_text(20, 144, history["title"]))
    return _drawing(180, title, foot, drawn)


def _drawing(height: int, title: str, foot: str, drawn: Sequence[Markup]) -> str:
    parts = [
        Markup(
            "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}' width='{}' height='{}'"
            " font-family='ui-monospace, Menlo, Consolas, monospace' font-size='13'>"
        ).format(_WIDTH, height, _WIDTH, height),
        Markup("<title>{}</title>").format(visible(title)),
        Markup("<rect width='100%' height='100%' fill='#fff'/>"),
        _text(20, 30, title, weight="bold"),
        *drawn,
        _text(20, height - 12, foot, fill="#5f6368"),
        Markup("</svg>\n"),
    ]
    return "\n".join(parts)


def _text(x: float, y: float, text: str, **how: str) -> Markup:
    names = {"anchor": "text-anchor", "weight": "font-weight", "fill": "fill"}
    more = Markup("").join(
        Markup(" {}='{}'").format(names[name], value) for name, value in how.items()
    )
    return Markup("<text x='{}' y='{}'{}>{}</text>").format(_number(x), y, more, visible(text))


def _box(  # noqa: PLR0913, PLR0917  # a box has four numbers
    x: float, y: float, width: float, height: float, colour: str, said: str = ""
) -> Markup:
    inside = Markup("<title>{}</title>").format(visible(said)) if said else ""
    return Markup("<rect x='{}' y='{}' width='{}' height='{}' fill='{}'>{}</rect>").format(
        _number(x), _number(y), _number(max(width, 0)), _number(height), colour, escape(inside)
    )


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
