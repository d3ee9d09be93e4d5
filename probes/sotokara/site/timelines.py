"""The ``timeline`` blocks of one build's pages: read with the pages, written once all is known."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from sotokara.core.durations import parse_time, seconds
from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import now
from sotokara.definitions.source import fence_lines
from sotokara.definitions.timeline import Event, TimelineBlock, read_timeline
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.engine.run import Run
from sotokara.findings.claims import claim_texts
from sotokara.findings.evaluate import history_over
from sotokara.findings.history import History
from sotokara.render.timeline_view import TimelineEvent, Track, timeline_html
from sotokara.site.placeholders import token_of

_MARK = re.compile(r'<div class="probe-fence" data-timeline="([0-9a-f]{16})"></div>')
_MONTH = 30 * 86_400.0


class Timelines:
    """All of a build."""

    def __init__(self) -> None:
        self._sources: dict[str, str] = {}
        self._blocks: dict[tuple[str, str], TimelineBlock] = {}
        self._tracks: dict[tuple[str, str], list[Track]] = {}

    def fence(self, page: str, source: str) -> str:
        """The HTML for a fence: a placeholder."""
        token = token_of(page, f"timeline\0{source}")
        self._sources[token] = source
        return f'<div class="probe-fence" data-timeline="{token}"></div>'

    def read(self, page: str, text: str, html: str, plan: Plan) -> list[AuthorError]:
        """Take in the blocks that survived in a rendered page; the mistakes in them."""
        mistakes: list[AuthorError] = []
        for token in dict.fromkeys(_MARK.findall(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL))):
            source = self._sources[token]
            line = fence_lines(text, source, "timeline")[0]
            block, wrong = read_timeline(source, page, line)
            mistakes += wrong
            if block is not None:
                self._blocks[page, token] = block
                for reference in block.references:
                    plan.refer(page, line, reference)
        return mistakes

    def look_up(self, run: Run, plan: Plan) -> None:
        """Draw up the histories.

        :raises LedgerError: when the evidence cannot be read.
        """
        today = now()
        for (page, token), block in self._blocks.items():
            start, end = _window(block, today)
            tracks = []
            for reference in block.references:
                try:
                    figures = plan.node(page, reference).figures or ()
                except KeyError:  # a mistake, which the build has listed
                    continue
                for figure in figures:
                    if figure.question is not None:
                        found = history_over(run, plan, figure, (start, end))
                        tracks.append(track(page, figure, found))
            self._tracks[page, token] = tracks

    def events(self) -> Iterator[tuple[str, Event]]:
        """The authors' dated events, each with its page, in the order of the pages."""
        for (page, _), block in self._blocks.items():
            for event in block.events:
                yield page, event

    def fill(self, page: str, html: str, lang: str, links: Mapping[str, str]) -> str:
        """The page with each block in its place. ``links``: page → its path."""
        seen: dict[str, int] = {}

        def written(match: re.Match[str]) -> str:
            tracks = self._tracks.get((page, match[1]))
            if not tracks:
                return ""
            block = self._blocks[page, match[1]]
            seen[match[1]] = nth = seen.get(match[1], 0) + 1
            name = f"timeline-{match[1][:8]}" + (f"-{nth}" if nth > 1 else "")
            here = [one._replace(link=_link(one.link, links)) for one in tracks]
            events = [timeline_event(one) for one in block.events]
            return timeline_html(block.title, here, events, name, lang)

        return _MARK.sub(written, html) if "data-timeline=" in html else html


def _link(link: str, links: Mapping[str, str]) -> str:
    """A figure on the same page by its anchor alone; one of another page by its path."""
    page, _, anchor = link.partition("#")
    return f"{links.get(page, '')}#{anchor}" if page else f"#{anchor}"


def track(page: str, figure: Figure, found: History) -> Track:
    """A figure's row in a time line on ``page``."""
    definition = figure.node.definition
    nth = (figure.node.figures or []).index(figure)
    anchor = f"probe-{definition.id or definition.token[:8]}" + (f"-{nth + 1}" if nth else "")
    own = "" if definition.page == page else definition.page
    several = definition.several
    return Track(
        definition.kind.name,
        figure.target,
        definition.common.title or "",
        f"{own}#{anchor}",
        figure.place or "" if several else "",
        found,
        bool(claim_texts(figure.node)),
    )


def timeline_event(event: Event) -> TimelineEvent:
    """An author's event as it is drawn."""
    at = round(parse_time(event.date).timestamp() * 1000)
    return TimelineEvent(
        at, event.what, event.source, day_alone=len(event.date) == len("2026-03-01")
    )


def _window(block: TimelineBlock, today: datetime) -> tuple[datetime, datetime]:
    end = min(parse_time(block.until), today) if block.until else today
    if block.since:
        return min(parse_time(block.since), end), end
    back = _MONTH if block.history is None else seconds(block.history)
    start = datetime.fromtimestamp(end.timestamp() - back, end.tzinfo)
    if block.history is None and block.events:
        start = min([start, *(parse_time(event.date) for event in block.events)])
    return start, end
