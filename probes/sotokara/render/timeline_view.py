"""A time line as HTML: one axis, a row for each question, the author's events across all."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sotokara.core.display import visible, with_unicode
from sotokara.core.labels import kind_name, labels
from sotokara.core.times import date_time
from sotokara.findings.history import History
from sotokara.ledger.index import index_time
from sotokara.render.findings_view import WIDTH, history_view
from sotokara.render.templating import template


class Track(NamedTuple):
    """One question's history over the window."""

    kind: str
    target: str
    title: str
    link: str
    """Its figure."""
    place: str
    history: History
    claimed: bool
    """What it draws is whether the question's claims held."""


class TimelineEvent(NamedTuple):
    """One event of the author's, in milliseconds since 1970."""

    at: int
    what: str
    source: str
    day_alone: bool
    article: str = ""
    """The title of the article that tells of it, where that is not plain."""


def timeline_html(  # noqa: PLR0913  # the block's parts
    title: str,
    tracks: Sequence[Track],
    events: Sequence[TimelineEvent],
    name: str,
    lang: str,
    *,
    note: str = "",
) -> str:
    """The block. ``name``: unique on its page, for the link to it; ``note``: a line below it."""
    words = labels(lang)
    start, end = tracks[0].history.start, tracks[0].history.end
    shown = [
        _event(number, one, start, end)
        for number, one in enumerate(sorted(events, key=lambda one: one.at), 1)
    ]
    return template("timeline.html").render(
        words=words,
        note=note,
        name=name,
        title=visible(title) or words["timeline"],
        tracks=[_track(one, words) for one in tracks],
        events=shown,
        marks=_marks([(one["number"], one["percent"]) for one in shown if one["percent"] != ""]),
        first=_end(start, end - start),
        last=_end(end, end - start),
        names=_names(tracks, words),
    )


def _names(tracks: Sequence[Track], words: dict[str, str]) -> list[tuple[str, str]]:
    """The legend: each state once, though what it is called differs from row to row."""
    names: dict[str, dict[str, None]] = {}
    for one in tracks:
        for state, said in history_view(one.history, words, one.claimed)["names"]:
            names.setdefault(state, {})[said] = None
    return [(state, " / ".join(said)) for state, said in names.items()]


_DAYS = 3 * 86_400_000
_APART = 7
"""Per cent of the axis that a number needs, on a telephone too."""


def _marks(events: Sequence[tuple[int, float]]) -> list[tuple[str, float]]:
    """Numbers over the axis, and where; those without room for each are written together.

    ``events``: number and per cent, in the order of time.
    """
    together: list[list[tuple[int, float]]] = []
    for one in events:
        if together and one[1] - together[-1][-1][1] < _APART:
            together[-1].append(one)
        else:
            together.append([one])
    marks = []
    for group in together:
        first, last = group[0], group[-1]
        text = f"{first[0]}" if first == last else f"{first[0]}–{last[0]}"
        if last[0] == first[0] + 1:
            text = f"{first[0]}, {last[0]}"
        marks.append((text, round((first[1] + last[1]) / 2, 2)))
    return marks


def _end(at: int, whole: int) -> str:
    """One end of the axis: a day, or a time where the whole is short."""
    return date_time(index_time(at)) if whole < _DAYS else f"{index_time(at):%Y-%m-%d}"


def _track(one: Track, words: dict[str, str]) -> dict[str, Any]:
    target = visible(with_unicode(one.target))
    view = history_view(one.history, words, one.claimed)
    return {
        "kind": kind_name(words, one.kind),
        "target": target,
        "title": visible(one.title),
        "name": f"{visible(one.title)} ({target})" if one.title else target,
        "link": one.link,
        "place": visible(one.place),
        "bars": view["bars"],
        "rows": view["rows"],
        "said": view["title"],
    }


def _event(number: int, one: TimelineEvent, start: int, end: int) -> dict[str, Any]:
    whole = max(1, end - start)
    inside = start <= one.at <= end
    when = index_time(one.at)
    link = one.source if one.source.startswith(("https://", "http://")) else ""
    return {
        "number": number,
        "x": round((one.at - start) * WIDTH / whole, 1) if inside else None,
        "percent": round((one.at - start) * 100 / whole, 2) if inside else "",
        "when": f"{when:%Y-%m-%d}" if one.day_alone else date_time(when),
        "iso": f"{when:%Y-%m-%d}" if one.day_alone else f"{when:%Y-%m-%dT%H:%M:%SZ}",
        "what": visible(one.what),
        "source": visible(one.source),
        "link": link if " " not in link else "",
        "article": visible(one.article),
    }
