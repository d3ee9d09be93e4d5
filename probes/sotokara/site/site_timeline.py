"""The whole site's time line, on /changes/: what the articles ask, over time, on one axis.

Drawn are the questions of dated articles (of all pages where none has a date) that have been asked
more than once: those that are watched or have changed first, and few enough to be looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice

from sotokara.core.labels import labels
from sotokara.engine.figure import Figure
from sotokara.findings.evaluate import Findings, history_over
from sotokara.ledger.turns import ObservationRow
from sotokara.render.site_pages import page_title
from sotokara.render.timeline_view import TimelineEvent, Track, timeline_html
from sotokara.site.build import Build
from sotokara.site.timelines import timeline_event, track

MOST_TRACKS = 12
MOST_EVENTS = 20
_MOST_LOOKED_AT = 200
"""Questions whose observations are counted: a site with thousands is not read through for this."""
_LONGEST = 366 * 86_400_000
Found = tuple[Figure, Findings]


def site_timeline(
    build: Build, found: Sequence[Found], links: Mapping[str, str], titles: Mapping[str, str]
) -> str:
    """The block; nothing where no question has been asked twice. ``links``: place → its address.

    :raises LedgerError: when the evidence cannot be read.
    """
    dated = [one for one in found if one[0].node.definition.written]
    pool = dated or list(found)
    drawn = list(islice(_asked_again(build, _in_order(pool)), MOST_TRACKS + 1))
    more = len(drawn) > MOST_TRACKS
    drawn = drawn[:MOST_TRACKS]
    moments = [row.start for _, rows in drawn for row in rows]
    if not moments or max(moments) == min(moments):
        return ""
    end = max(moments)
    start = min(one for one in moments if one >= end - _LONGEST)
    words = labels(build.settings.lang)
    return timeline_html(
        words["timeline_site"],
        [_track(build, figure, (start, end), links, titles) for figure, _ in drawn],
        _events(build, {one.node.definition.page for one, _ in pool}, (start, end), titles),
        "timeline-site",
        build.settings.lang,
        note=words["timeline_most"].format(count=MOST_TRACKS) if more else "",
    )


def _in_order(pool: Sequence[Found]) -> list[Figure]:
    """Each question once: what its author watches, then what changed last, then the others."""
    once: dict[tuple[str, str | None], Figure] = {}
    for figure, _ in sorted(pool, key=_weight, reverse=True):
        if figure.question is not None:
            once.setdefault((figure.digest, figure.place), figure)
    return list(once.values())


def _weight(one: Found) -> tuple[bool, int, bool]:
    figure, findings = one
    changed = [change.after.start for change in findings.changes]
    changed += [claim.since.start for claim in findings.claims if claim.since]
    titled = bool(figure.node.definition.common.title)
    return findings.history is not None, max(changed, default=0), titled


def _asked_again(
    build: Build, figures: Sequence[Figure]
) -> Iterator[tuple[Figure, list[ObservationRow]]]:
    """Those with more than one observation, and these."""
    for figure in figures[:_MOST_LOOKED_AT]:
        rows = build.run.recall.timeline(figure).rows
        if len(rows) > 1:
            yield figure, rows


def _track(
    build: Build,
    figure: Figure,
    window: tuple[int, int],
    links: Mapping[str, str],
    titles: Mapping[str, str],
) -> Track:
    definition = figure.node.definition
    start, end = (datetime.fromtimestamp(one / 1000, UTC) for one in window)
    history = history_over(build.run, build.plan, figure, (start, end))
    page = page_title(definition.place, titles)
    title = f"{page}: {definition.common.title}" if definition.common.title else page
    drawn = track(definition.page, figure, history)
    return drawn._replace(title=title, link=links.get(definition.place, ""))


def _events(
    build: Build, pages: set[str], window: tuple[int, int], titles: Mapping[str, str]
) -> list[TimelineEvent]:
    """What the articles' own time lines tell of the window, each event once."""
    every: dict[tuple[int, str], TimelineEvent] = {}
    for page, event in build.rare.timelines.events():
        one = timeline_event(event)
        if page in pages and window[0] <= one.at <= window[1]:
            every.setdefault((one.at, one.what), one._replace(article=page_title(page, titles)))
    return sorted(every.values(), key=lambda one: one.at)[-MOST_EVENTS:]
