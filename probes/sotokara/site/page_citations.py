"""The citations of one build's pages: looked up once everything is asked, then written out."""

from collections.abc import Mapping

from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import Outcome
from sotokara.core.places import SANDBOX
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.engine.run import Run
from sotokara.findings.changes import basis_row
from sotokara.render.quote import Lines, Quote, by_number, by_text
from sotokara.site import citations
from sotokara.site.citations import Citation


class PageCitations:
    """What each citation quotes. ``lost``: those whose line is no longer shown."""

    def __init__(self, run: Run, plan: Plan) -> None:
        self._run, self._plan = run, plan
        self._cited: dict[str, dict[Citation, int]] = {}
        self._quotes: dict[tuple[str, Citation], Quote] = {}
        self._lines: dict[tuple[Figure, str], tuple[Lines, Lines]] = {}
        self.lost: list[AuthorError] = []

    def read(self, page: str, text: str, html: str) -> None:
        """Take in the citations of a rendered page; ``text`` is its file."""
        self._cited[page] = citations.cited(text, html)

    def look_up(self, languages: Mapping[str, str]) -> list[AuthorError]:
        """Find what each one quotes; the mistakes in them.

        :raises LedgerError: when the evidence cannot be read.
        """
        mistakes = []
        for page, cited in self._cited.items():
            known = self._plan.ids(page)
            for one, line in cited.items():
                if one.id not in known:
                    if not self._plan.is_broken(page, one.id):
                        mistakes.append(citations.unknown(page, line, one, sorted(known)))
                    continue
                figure = next(iter(known[one.id].figures or ()), None)
                if figure is None or figure.question is None:
                    continue
                found = self._quote(figure, one, languages[page])
                if found is None:
                    mistakes.append(citations.never_there(page, line, one))
                    continue
                self._quotes[page, one] = found
                if found.lost and figure.place != SANDBOX:  # the town moves on
                    self.lost.append(citations.lost(page, line, one, found))
        self._lines.clear()
        return mistakes

    def fill(self, page: str, html: str, words: dict[str, str], base: str) -> str:
        """A page with its citations written out."""
        return citations.fill_citations(
            html, lambda one: self._quotes.get((page, one)), words, base
        )

    def _quote(self, figure: Figure, one: Citation, lang: str) -> Quote | None:
        """What a citation quotes; None where its figure never had such a line."""
        if (figure, lang) not in self._lines:
            self._lines[figure, lang] = self._then_and_now(figure, lang)
        then, now = self._lines[figure, lang]
        whole = not one.line and not one.text
        if whole or not (then.shown or now.shown):  # of what nobody answered nothing is quoted
            tried = now.seen is not None and now.seen.outcome is Outcome.NOT_MEASURED
            return Quote(now.seen, "tried" if tried else "observed")
        return by_text(then, now, one.text) if one.text else by_number(then, now, one.line)

    def _then_and_now(self, figure: Figure, lang: str) -> tuple[Lines, Lines]:
        """The lines of the article's day, or of the first look; and those that the figure shows."""
        definition, now, last = figure.node.definition, figure.now, figure.last
        shown = now if now and (now.outcome is Outcome.ANSWERED or not last) else last
        lines = Lines(figure, shown, lang)
        if definition.common.pin:
            return lines, lines
        timeline = self._run.recall.timeline(figure)
        basis = basis_row(timeline, definition.written)
        if basis is None:
            return lines, lines
        raw = definition.style in definition.kind.from_raw
        return Lines(figure, timeline.observation(basis[0], raw=raw), lang), lines
