"""A small picture of one figure, for lists of articles: what was asked, what came, how it went on.

Drawn from the same variables as the figure itself, so that the card says what the article says.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from unicodedata import east_asian_width

from sotokara.core.display import visible
from sotokara.core.labels import labels
from sotokara.engine.figure import Figure
from sotokara.findings.evaluate import Findings
from sotokara.render.figure import figure_views
from sotokara.render.templating import template

_COLUMNS = 50
"""Narrow characters in a line of the listing."""
_LEAST = 16
"""Columns that a line keeps beside a long remark."""
_HEIGHT, _TOP, _STEP, _STRIP, _FOOT = 212, 78, 20, 52, 40
_HEIGHTS = {
    "claimed": (4, 32),
    "otherwise": (4, 16),
    "undecided": (12, 16),
    "no_answer": (28, 8),
    "not_measured": (19, 2),
}
"""Where each state's bar begins, and how high it is: the shapes of the figure's own picture."""


class _CardLine(NamedTuple):
    """A line of the listing, and the author's remark behind it."""

    text: str
    note: str = ""


def card_svg(figure: Figure, findings: Mapping[Figure, Findings], lang: str) -> str:
    """The picture, as SVG to stand in a page."""
    words = labels(lang)
    views = figure_views(figure.node, lang, findings)
    shown = views[(figure.node.figures or []).index(figure)]
    history, claim = shown["findings"].get("history"), _claim(shown)
    transcript = shown["then"] if shown["listing"] is None else None
    top, foot = _TOP + (_STRIP if history else 0), _HEIGHT - _FOOT
    most = (foot - top - (_STEP if claim else 0)) // _STEP + 1
    lines = _telling(_listed(shown, transcript), most) or [_CardLine(shown["why"])]
    title = shown["title"] or f"{shown['kind']} {shown['target'] or shown['unresolved']}"
    headline = shown["headline"] or words[shown["outcome"]]
    if transcript:
        headline = f"{words['then_transcript']} ({transcript['when']})"
    heard = [title, headline, history["title"] if history else "", claim["text"] if claim else ""]
    return template("card.svg").render(
        heard=". ".join(filter(None, heard)),
        title=cut(title),
        outcome=shown["outcome"],
        sign="" if transcript else shown["sign"],
        headline=cut(headline, _COLUMNS - 2),
        history=history,
        heights=_HEIGHTS,
        lines=[(top + number * _STEP, _short(line)) for number, line in enumerate(lines)],
        claim=claim,
        foot=foot,
        time="" if transcript else shown["time"],
        height=_HEIGHT,
    )


def _listed(shown: Mapping[str, Any], transcript: Mapping[str, Any] | None) -> list[_CardLine]:
    """What came, without its column heads; where nothing did, what the transcript has."""
    output = shown["listing"]
    if transcript is not None:
        return [_CardLine(visible(line.text.strip()), line.note) for line in transcript["lines"]]
    if output is None:
        return []
    if output.table is not None:
        return [_CardLine("  ".join(filter(None, row))) for row in output.table.rows]
    return [_CardLine(line.text, line.note) for line in output.heard if line.text.strip()]


def _telling(lines: list[_CardLine], most: int) -> list[_CardLine]:
    """As many as there is room for: those that the author remarks on, or else the first."""
    noted = [line for line in lines if line.note]
    return noted[-most:] if noted else lines[:most]


def _short(line: _CardLine) -> _CardLine:
    note = cut(line.note, _COLUMNS - _LEAST)
    taken = sum(width for _, width in _widths(note)) + 2 if note else 0
    return _CardLine(cut(line.text, _COLUMNS - taken), note)


def _claim(shown: Mapping[str, Any]) -> dict[str, str] | None:
    """The claim that says most: a broken one first."""
    every = sorted(shown["findings"].get("claims", ()), key=lambda one: one["state"] != "broken")
    for one in every:
        return {
            "state": one["state"],
            "sign": one["sign"],
            "text": cut(one["say"] or one["text"], _COLUMNS - 2),
        }
    return None


def cut(text: str, columns: int = _COLUMNS) -> str:
    """As much of a text as has room; a wide character takes two columns."""
    kept: list[str] = []
    left = columns
    for char, width in _widths(text):
        left -= width
        if left < 0:
            return f"{''.join(kept[:-1]).rstrip()}…"
        kept.append(char)
    return "".join(kept)


def _widths(text: str) -> Iterator[tuple[str, int]]:
    for char in text:
        yield char, 2 if east_asian_width(char) in "WF" else 1
