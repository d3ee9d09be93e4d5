"""The rooms as a picture: one row a floor, an arrow for each import between rooms."""

from collections.abc import Mapping
from html import escape

_WIDTH, _HEIGHT, _GAP = 150, 44, 46
_MARGIN = 20


def drawing(between: Mapping[str, set[str]], floor: Mapping[str, int]) -> str:
    """An SVG. ``between``: room → the rooms that it imports."""
    rows: dict[int, list[str]] = {}
    for room in sorted(between):
        if not room.startswith("__") and room != "sotokara":
            rows.setdefault(floor[room], []).append(room)
    order = sorted(rows, reverse=True)
    widest = max(map(len, rows.values()))
    width = 2 * _MARGIN + widest * (_WIDTH + _GAP) - _GAP
    height = 2 * _MARGIN + len(order) * (_HEIGHT + _GAP) - _GAP
    place: dict[str, tuple[float, float]] = {}
    for nth, number in enumerate(order):
        row = rows[number]
        left = (width - len(row) * (_WIDTH + _GAP) + _GAP) / 2
        for column, room in enumerate(row):
            place[room] = left + column * (_WIDTH + _GAP), _MARGIN + nth * (_HEIGHT + _GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        'role="img" aria-label="The rooms of the engine and what each imports" '
        'font-family="sans-serif">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" '
        'markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" fill="#78909c"/></marker></defs>'
    ]
    for room, others in sorted(between.items()):
        parts += [
            _arrow(place[room], place[one]) for one in sorted(others) if _shown(room, one, place)
        ]
    for room, (x, y) in place.items():
        parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{_WIDTH}" height="{_HEIGHT}" rx="6" '
            f'fill="#eceff1" stroke="#37474f"/>'
            f'<text x="{x + _WIDTH / 2:g}" y="{y + 27:g}" text-anchor="middle" font-size="15" '
            f'font-weight="bold" fill="#263238">{escape(room)}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def _shown(room: str, other: str, place: Mapping[str, tuple[float, float]]) -> bool:
    return room in place and other in place


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1 = start[0] + _WIDTH / 2, start[1] + _HEIGHT
    x2, y2 = end[0] + _WIDTH / 2, end[1]
    middle = (y1 + y2) / 2
    return (
        f'<path d="M{x1:g} {y1:g}C{x1:g} {middle:g} {x2:g} {middle:g} {x2:g} {y2:g}" fill="none" '
        'stroke="#78909c" stroke-width="1" opacity="0.7" marker-end="url(#tip)"/>'
    )
