"""One build of a site: from the pages' definitions to the figures in their place.

An adapter calls ``read`` for each page as it is rendered, ``finish`` once, ``fill`` for each page.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from sotokara.core.collector import collect_seldom
from sotokara.core.expressions import Expression, ExpressionError, expression
from sotokara.core.labels import labels
from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import Observation
from sotokara.core.places import SANDBOX
from sotokara.core.said import said
from sotokara.core.settings import Settings
from sotokara.core.times import show_zone
from sotokara.definitions.definition import read_definition
from sotokara.definitions.source import fence_lines, inline_line
from sotokara.engine.figure import Figure
from sotokara.engine.plan import Plan
from sotokara.engine.run import Run
from sotokara.engine.run_state import Progress
from sotokara.findings.evaluate import Findings, evaluate_all
from sotokara.ledger import Ledger
from sotokara.ledger.drafts import Drafts
from sotokara.ledger.published import Move
from sotokara.ledger.sealing import SealStates
from sotokara.site.front_matter import page_pin, page_zone
from sotokara.site.moves import former_anchors, notice
from sotokara.site.page_citations import PageCitations
from sotokara.site.placeholders import (
    FigureWriter,
    RenderedPage,
    fence_placeholder,
    find_placeholders,
    inline_placeholder,
    replace_placeholders,
    token_of,
)
from sotokara.site.rare import RareParts, evidence_store
from sotokara.site.values import Values

_ID = re.compile(r"^id:\s*([A-Za-z]\w*)", re.MULTILINE)


class Build:
    """The state of one build.

    ``root`` is mkdocs.yml's folder, ``docs`` the name of the pages'. ``shown``: pages will show
    what is measured.
    """

    def __init__(  # the whole state of a build
        self, settings: Settings, root: Path, docs: str = "docs", *, shown: bool = True
    ) -> None:
        self.settings, self.root, self.docs = settings, root, docs
        show_zone(settings.timezone)
        self.addresses: dict[str, str] = {}
        """Where each page will be found, whole; empty where the site has no address."""
        self.base = ""
        """The path that the evidence's pages are published under; empty: there are none."""
        self.plan = Plan(settings.redact, settings.window, settings.places, settings.bulk.most)
        cache = root / ".cache"
        ledger = Ledger(
            root / settings.evidence_dir, cache, cache / SANDBOX, evidence_store(settings, root)
        )
        self.drafts = Drafts(root / settings.drafts_dir, cache)
        self.run = Run(
            settings, ledger, self.plan, root, self.drafts, shown=shown, pages=root / docs
        )
        self.rare = RareParts(settings, root / docs, self.plan, self.run)
        self.findings: dict[Figure, Findings] = {}
        """What all observations of each figure say, once everything is asked."""
        self.warnings: list[AuthorError] = []
        self.mistakes: list[AuthorError] = []
        self.sources: dict[str, str] = {}
        self.languages: dict[str, str] = {}
        self.inlines: dict[str, tuple[str, Expression]] = {}
        self.slips: dict[tuple[str, str], tuple[int, list[AuthorError]]] = {}
        """The line and the mistakes of each fence that is no definition."""
        self.reaching = False
        """Whether some page read so far refers to another one."""
        self.alone = False
        """Nobody will call ``fill``: what is not known by now never will be."""
        self.whole = True
        """All pages of the site are in it: what it does not show is shown nowhere."""
        self.publishes = False
        """What it makes is for readers: the ledger's list of what was published grows."""
        self.moves: list[Move] = []
        """Articles that have another name since the last build, noticed by what they ask."""
        self.on_tick: Callable[[], None] = lambda: None
        """Called while all is waited for; may raise to give up."""
        self._measuring: set[str] = set()
        self._beyond: set[str] = set()
        """Fences behind the excerpt's end: rendered with each excerpt, and cut off then."""
        self._citations = PageCitations(self.run, self.plan)
        self._unread: list[RenderedPage] = []
        """Pages to be taken in: in replay all at one go, which takes half the time, at the end."""
        self._days: dict[str, date | None] = {}
        self._pins, self._zones = dict[str, str](), dict[str, str]()
        self._values = Values(self.run, self.plan, self.languages, self._days)
        self.seals = SealStates(ledger.folder, ledger.is_aside)
        """Of what this build shows; the seals that were there when it was first asked."""
        self._figures = FigureWriter(
            self.plan, self.languages, (self.findings, self.rare.batches), self.seals
        )
        self._done = False

    @property
    def lists(self) -> bool:
        """Whether what it publishes is added to the ledger's list; ``replay`` writes nothing."""
        settings = self.settings
        return self.publishes and (settings.mode != "replay" or settings.list_published)

    @property
    def kept(self) -> list[Observation]:
        """What this build has measured and kept."""
        return self.run.file.kept

    def fence(self, page: str, source: str, *, excerpt: bool = False) -> str:
        """The HTML for a fence: a placeholder, or the figure once it is known."""
        token = token_of(page, source)
        if excerpt and token in self._beyond:
            return ""
        if self._done and (page, token) in self.plan.nodes:
            return self.figure(page, token, 0 if not excerpt else -1)
        self.sources[token] = source
        return fence_placeholder(token)

    def inline(self, page: str, source: str) -> str:
        """The HTML for an inline reference: a placeholder, or the value once it is known."""
        token = token_of(page, source)
        if self._done and token in self.inlines:
            return self.value(page, token)
        self.sources[token] = source
        return inline_placeholder(token)

    def read(  # noqa: PLR0913  # what an adapter knows of a page
        self,
        page: str,
        text: str,
        html: str,
        lang: str | None = None,
        written: date | None = None,
        *,
        unpublished: bool = False,
    ) -> None:
        """Take in one rendered page: ``text`` is its file, ``html`` what Markdown made of it.

        ``written``: the day whose facts it speaks of; None where it speaks of the present.
        ``unpublished``: readers do not see it yet, and not its evidence either.
        """
        own = self.languages[page] = str(lang or self.settings.lang)
        self._days[page] = written
        if "data-cite=" in html:
            self._citations.read(page, text, html)
        if "data-timeline=" in html:
            self.mistakes += self.rare.timelines.read(page, text, html, self.plan)
        if "data-probe=" not in html:
            return
        fences, inlines, beyond = find_placeholders(html)
        self._beyond |= beyond
        if not fences and not inlines:
            return
        self._measuring.add(page)
        if unpublished:
            self.drafts.pages.add(page)
        elif self.publishes:
            self.drafts.publish(page, self.run.ledger, self.run.file.writing)
        sources = {token: self.sources[token] for token in (*fences, *inlines)}
        self._unread.append(RenderedPage(page, text, own, written, fences, inlines, sources))
        if self.settings.mode != "replay":
            self._take_in_all()

    def set_zone(self, page: str, text: str, timezone: object) -> None:
        """A page's author has this time zone (``timezone`` in its front matter); None: the site's.

        ``text`` is the page's file.
        """
        own, mistakes = page_zone(page, text, timezone)
        self.mistakes += mistakes
        if own:
            self._zones[page] = own

    def set_pin(self, page: str, text: str, pin: object) -> None:
        """All figures of a page show the evidence of this day (``pin`` in its front matter)."""
        self._pins[page], mistakes = page_pin(page, text, pin)
        self.mistakes += mistakes

    def _take_in_all(self) -> None:
        unread, self._unread = self._unread, []
        for page in unread:
            self._take_in(page)

    def _take_in(self, read: RenderedPage) -> None:
        """Read a page's definitions and references, and ask what can be asked."""
        page, text, definitions = read.name, read.text, []
        for token, count in read.fences.items():
            source = read.sources[token]
            lines = fence_lines(text, source)
            definition, mistakes = read_definition(source, page, lines[0], token)
            self.mistakes += mistakes
            if definition is None:
                self.slips[page, token] = lines[0], mistakes
                for name in _ID.findall(source):
                    self.plan.broken(page, name)
                continue
            unpublished = page in self.drafts.pages
            definition = definition.on_page_in(read.lang, read.written, unpublished=unpublished)
            definition = definition.pinned_to(self._pins.get(page, ""))
            definitions.append(definition)
            self.reaching |= any(one.stem for one in definition.references())
            wrong, odd = self.rare.take(definition)
            self.mistakes += wrong
            self.warnings += odd
            self.mistakes += self.run.recall.unknown_places(definition)
            if count > 1 and definition.id:
                what = said("the id {!r} is already used in line {}", definition.id, lines[0])
                again = AuthorError(page, lines[-1], what, said("give this one another id"))
                self.mistakes.append(again)
        for token in read.inlines:
            source = read.sources[token]
            line = inline_line(text, source)
            try:
                self.inlines[token] = page, expression(source)
            except ExpressionError as error:
                self.mistakes.append(AuthorError(page, line, str(error), error.hint))
                continue
            for reference in self.inlines[token][1].references:
                self.plan.refer(page, line, reference)
                self.reaching |= reference.stem is not None
        self.run.add(definitions)

    def finish(
        self, show: Callable[[Progress], None] = lambda _: None, *, lenient: bool = False
    ) -> list[str]:
        """Wait for all probes. Every mistake of the whole site, each as ``docs/x.md:LINE: …``.

        ``lenient``: a mistake does not stop the others; the page will show it at its place.

        :raises LedgerError: when the evidence cannot be read or kept.
        """

        def waiting(progress: Progress) -> None:
            self.on_tick()
            show(progress)

        self.plan.lenient = lenient
        self._take_in_all()
        if self.mistakes and not lenient:
            self.run.stop()
            self.plan.close()  # to list the mistakes in references too
        else:
            if self.whole:
                self.run.catch_up()
                self.moves = notice(self.plan, self.run.ledger, self.languages, keep=self.lists)
            self._figures.prepare(wanted=self.run.shown)
            self.run.finish(waiting)
            if lenient or not self.plan.mistakes:
                self.findings |= evaluate_all(self.run, self.plan)
                self.mistakes += self._citations.look_up(self.languages)
                self.rare.evaluate()
            self.warnings += self.rare.read_transcripts()
        self._done = True
        return self.told({*self.mistakes, *self.plan.mistakes})

    def told(self, mistakes: Iterable[AuthorError]) -> list[str]:
        """Each with its place, in the order of the pages and in each page's language."""
        return [
            f"{self.docs}/{one.in_language(self.languages.get(one.page, self.settings.lang))}"
            for one in sorted(set(mistakes))
        ]

    def fill(self, page: str, html: str) -> str:
        """The page with every placeholder replaced. Inserted as HTML, after Markdown."""
        self.show_times_of(page)
        html = replace_placeholders(
            html,
            lambda token, nth: self.figure(page, token, nth),
            lambda token: self.value(page, token),
        )
        if "data-timeline=" in html:
            paths = {name: urlsplit(address).path for name, address in self.addresses.items()}
            html = self.rare.timelines.fill(page, html, self.languages[page], paths)
        if "data-cite=" in html:  # the footnotes that cite figures of the page
            html = self._citations.fill(page, html, labels(self.languages[page]), self.base)
        return html

    def show_times_of(self, page: str = "") -> None:
        """From now on, times are written for this page: UTC, and beside it its author's zone."""
        show_zone(self._zones.get(page, self.settings.timezone))

    def figure(self, page: str, token: str, nth: int) -> str:
        """A definition's figure; only the first on its own page has an id, so ids stay unique."""
        self.show_times_of(page)
        node = self.plan.nodes.get((page, token))
        if node is None or node.figures is None:
            line, mistakes = (node.definition.line, []) if node else self.slips[page, token]
            every = [*mistakes, *(m for m in self.plan.mistakes if m[:2] == (page, line))]
            return self._figures.mistake(page, every, self.sources[token], self.docs)
        html, odd = self._figures.figure(
            node,
            nth,
            (self.base, self.addresses.get(page, "")),
            excerpted=token not in self._beyond,
        )
        line = node.definition.line
        self.warnings += [AuthorError(page, line, what, hint) for what, hint in odd]
        return html if nth else former_anchors(self.plan, self.run.ledger, node) + html

    def value(self, page: str, token: str) -> str:
        """An inline reference's value, or in one word why there is none."""
        return self._values.html(page, token, self.inlines)

    def knows(self, page: str, source: str) -> bool:
        """Whether a fence or an inline reference was there when the pages were read."""
        return token_of(page, source) in self.sources

    def measures(self, page: str) -> bool:
        """Whether a page has definitions or inline references."""
        return page in self._measuring

    def found(self) -> Iterator[tuple[Figure, Findings]]:
        """Every figure with its findings, in the order of the pages."""
        for figure in self.plan.figures():
            if figure in self.findings:
                yield figure, self.findings[figure]
        yield from self.rare.summaries()

    def lost_quotations(self) -> list[str]:
        """The footnotes whose line is no longer shown, each with its place: ``--strict`` fails."""
        return self.told(self._citations.lost)

    def broken_promises(self) -> list[str]:
        """What an author should look at; after ``fill``."""
        return self.told(self.warnings)

    def release(self) -> None:
        """All pages are filled: what was observed is in them and in the ledger."""
        for figure in self.plan.asked():
            figure.release()
        self.run.ledger.release()

    def stop(self) -> None:
        """Whatever went wrong: end all that is under way. Safe to call again."""
        self.run.stop()


_current: Build | None = None


def begin(settings: Settings, root: Path, docs: str = "docs", *, shown: bool = True) -> Build:
    """Begin a build; it is the current one until the next begins."""
    global _current  # noqa: PLW0603  # Markdown extensions are given no context
    stop()
    collect_seldom()
    _current = Build(settings, root, docs, shown=shown)
    return _current


def begin_again(build: Build) -> Build:
    """Begin a build of some pages with the settings of another, which is complete."""
    now = begin(build.settings, build.root, build.docs)
    now.base, now.whole = build.base, False
    return now


def current() -> Build | None:
    """The build under way, or the last one; None where nobody began one."""
    return _current


def under_way() -> Build:
    """The build that an adapter began.

    :raises RuntimeError: when there is none.
    """
    if _current is None:
        raise RuntimeError("no build was begun")
    return _current


def stop() -> None:
    """End all that is under way, if a build was begun. Safe to call again."""
    if _current is not None:
        _current.stop()
