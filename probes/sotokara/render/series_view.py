"""Numbers over days as a picture: for each column how fast it was, and what was lost below it."""

import math
from typing import Any, NamedTuple

from sotokara.findings.series import Column, Series
from sotokara.ledger.index import index_time

Words = dict[str, str]
WIDTH, TOP, BOTTOM = 1000, 60, 20
"""Of the picture: across, of the values' part, and of the losses' part beneath it."""


class SeriesBar(NamedTuple):
    """A rectangle: left edge, upper edge, width, height."""

    state: str
    x: float
    y: float
    width: float
    height: float
    title: str


def series_view(found: Series, start: int, end: int, words: Words) -> dict[str, Any]:
    """The picture's bars, what is said above it, and the table of its columns."""
    whole = max(1, end - start)
    highest = _ceiling(max((one.high or 0.0 for one in found.columns), default=0.0))
    bars, rows = [], []
    for one in found.columns:
        x = round((one.start - start) * WIDTH / whole, 1)
        width = max(1.0, round((one.end - one.start) * WIDTH / whole, 1))
        row = _row(one)
        title = f"{row[0]} – {row[1]}: {row[2]} ms, {row[3]}"
        if one.high is not None and one.low is not None:
            upper = round(TOP - one.high * TOP / highest, 1)
            height = max(1.0, round((one.high - one.low) * TOP / highest, 1))
            bars.append(SeriesBar("claimed", x, upper, width, height, title))
        if one.lost:
            height = max(1.0, round(one.lost * BOTTOM, 1))
            bars.append(SeriesBar("no_answer", x, TOP + BOTTOM - height, width, height, title))
        rows.append(row)
    return {
        "bars": bars,
        "rows": rows,
        "height": TOP + BOTTOM,
        "said": _said(found, highest, words),
    }


def _said(found: Series, highest: float, words: Words) -> str:
    """The extent of it all, and what the picture's upper edge stands for."""
    lows = [one.low for one in found.columns if one.low is not None]
    highs = [one.high for one in found.columns if one.high is not None]
    seen = sum(one.seen for one in found.columns)
    lost = sum(one.lost * one.seen for one in found.columns) / max(1, seen)
    parts = []
    if lows:
        span = {"low": f"{min(lows):.1f}", "high": f"{max(highs):.1f}", "top": f"{highest:g}"}
        parts.append(words["series_values"].format(**span))
    parts.append(words["series_lost"].format(share=_share(lost), count=f"{seen:,}"))
    if found.step > 1:
        parts.append(words["series_step"].format(step=found.step))
    return words["series_join"].join(parts)


def _row(one: Column) -> tuple[str, str, str, str, str]:
    """From, until, lowest – median – highest, lost, observations."""
    values = [one.low, one.middle, one.high]
    shown = " – ".join(f"{value:.1f}" for value in values if value is not None) or "–"
    began, ended = (index_time(at).strftime("%Y-%m-%d %H:%M") for at in (one.start, one.end))
    return began, ended, shown, _share(one.lost), str(one.seen)


def _share(lost: float) -> str:
    """A loss that is not nothing is never rounded to nothing, and no answer never to all lost."""
    percent = lost * 100
    if 0 < percent < 1:
        return "< 1 %"
    return "> 99 %" if 99 < percent < 100 else f"{percent:.0f} %"  # noqa: PLR2004


def _ceiling(value: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value)
