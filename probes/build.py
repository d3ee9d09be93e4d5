"""One build of a site: from the pages' placeholders to the figures in their place.

The adapter (hooks/, or another generator's) calls ``begin``, ``Build.read`` for each page as it is
rendered, ``Build.finish`` once, then ``Build.fill`` for each page.
"""

import gc
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

from probes import citations
from probes.common import Mistake
from probes.definition import read_definition
from probes.expressions import Expression, ExpressionError, expression
from probes.filling import FENCE, INLINE, Filling
from probes.ledger import Ledger
from probes.place import fence_lines, inline_line
from probes.plan import Plan
from probes.run import Progress, Run
from probes.settings import Settings
from probes.story import tell
from probes.transcripts import Transcripts

MORE = "<!-- more -->"  # the end of an excerpt, as Material's blog plugin has it
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ID = re.compile(r"^id:\s*([A-Za-z]\w*)", re.MULTILINE)


class Build:
    """The state of one build: ``root`` is mkdocs.yml's folder, ``docs`` the name of the pages'.

    ``shown``: pages will show what is measured.
    """

    def __init__(
        self, settings: Settings, root: Path, docs: str = "docs", *, shown: bool = True
    ) -> None:
        self.settings, self.root, self.docs = settings, root, docs
        self.plan = Plan(settings.redact)
        ledger = Ledger(root / settings.evidence_dir, root / ".cache")
        self.run = Run(settings, ledger, self.plan, shown=shown)
        self.transcripts = Transcripts(settings, ledger, root / docs)
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.sources: dict[str, str] = {}
        self.inlines: dict[str, tuple[str, Expression]] = {}
        self._written: dict[str, date | None] = {}
        self.languages: dict[str, str] = {}
        self.slips: dict[tuple[str, str], tuple[int, list[Mistake]]] = {}
        """The line and the mistakes of each fence that is no definition."""
        self._measuring: set[str] = set()
        self._unread: list[tuple[str, str, Counter[str], Iterable[str]]] = []
        """Pages to be taken in: in replay all at one go, which takes half the time, at the end."""
        self._beyond: set[str] = set()
        """Fences behind the excerpt's end: rendered with each excerpt, and cut off then."""
        self.citations: dict[str, dict[citations.Cited, int]] = {}
        self._filling = Filling(self)
        self._done = False
        self.base = ""
        """The path that the evidence's pages are published under; empty: there are none."""
        self.alone = False
        """Nobody will call ``fill``: what is not known by now never will be."""
        self._reaching = False
        self.glance: Callable[[], None] = lambda: None
        """Called while all is waited for; may raise to give up."""

    def fence(self, page: str, source: str, *, excerpt: bool = False) -> str:
        """The HTML for a fence: a placeholder, or the figure once it is known."""
        token = _token(page, source)
        if excerpt and token in self._beyond:
            return ""
        if self._done and (page, token) in self.plan.nodes:
            return self._filling.figure(page, token, 0 if not excerpt else -1)
        self.sources[token] = source
        return f'<div class="probe-fence" data-probe="{token}"></div>'

    def inline(self, page: str, source: str) -> str:
        """The HTML for an inline reference: a placeholder, or the value once it is known."""
        token = _token(page, source)
        if self._done and token in self.inlines:
            return self._filling.value(page, token)
        self.sources[token] = source
        return f'<span class="probe-inline" data-probe="{token}"></span>'

    def read(
        self,
        page: str,
        text: str,
        html: str,
        lang: str | None = None,
        written: date | None = None,
    ) -> None:
        """Take in one rendered page: ``text`` is its file, ``html`` what Markdown made of it.

        ``written``: the day whose facts it speaks of; None where it speaks of the present.
        """
        self._written[page] = written
        self.languages[page] = lang or self.settings.lang
        excerpt, more, _ = html.partition(MORE)
        html = _COMMENT.sub("", html)  # superfences goes into comments too
        counts = Counter(FENCE.findall(html))
        if more:
            self._beyond |= counts.keys() - set(FENCE.findall(excerpt))
        if "data-probe=" in html:
            self._measuring.add(page)
        self._unread.append((page, text, counts, dict.fromkeys(INLINE.findall(html))))
        if self.settings.mode != "replay":
            self._take_in_all()

    @property
    def reaching(self) -> bool:
        """Whether some page read so far refers to another one."""
        self._take_in_all()
        return self._reaching

    def _take_in_all(self) -> None:
        unread, self._unread = self._unread, []
        for rest in unread:
            self._take_in(*rest)

    def _take_in(self, page: str, text: str, counts: Counter[str], inlines: Iterable[str]) -> None:
        """Read a page's definitions and references, and ask what can be asked."""
        definitions = []
        for token, count in counts.items():
            source = self.sources[token]
            lines = fence_lines(text, source)
            definition, mistakes = read_definition(source, page, lines[0], token)
            self.mistakes += mistakes
            if definition is None:
                self.slips[page, token] = lines[0], mistakes
                for name in _ID.findall(source):
                    self.plan.broken(page, name)
                continue
            definition = definition.on_page_in(self.languages[page])
            definitions.append(definition)
            self._reaching |= any(one.stem for one in definition.references())
            self.mistakes += self.transcripts.take(definition)
            if count > 1 and definition.id:
                what = f"the id {definition.id!r} is already used in line {lines[0]}"
                again = Mistake(page, lines[-1], what, "give this one another id")
                self.mistakes.append(again)
        for token in inlines:
            source = self.sources[token]
            line = inline_line(text, source)
            try:
                self.inlines[token] = page, expression(source)
            except ExpressionError as error:
                self.mistakes.append(Mistake(page, line, str(error), error.mend))
                continue
            for reference in self.inlines[token][1].references:
                self.plan.refer(page, line, reference)
                self._reaching |= reference.stem is not None
        self.citations[page] = citations.places(text)
        self.run.add(definitions)

    def finish(
        self, show: Callable[[Progress], None] = lambda _: None, *, lenient: bool = False
    ) -> list[str]:
        """Wait for all probes. Every mistake of the whole site, each as ``docs/x.md:LINE: …``.

        ``lenient``: a mistake does not stop the others; the page will show it at its place.

        :raises LedgerError: when the evidence cannot be read or kept.
        """

        def waiting(progress: Progress) -> None:
            self.glance()
            show(progress)

        self.plan.lenient = lenient
        self._take_in_all()
        if self.mistakes and not lenient:
            self.run.stop()
            self.plan.close()  # to list the mistakes in references too
        else:
            self._filling.prepare()
            self.run.finish(waiting)
            if lenient or not self.plan.mistakes:
                tell(self.run, self.plan, self._written)
            self.warnings += self.transcripts.settle(self.plan)
        self._done = True
        mistakes = {*self.mistakes, *self.plan.mistakes}
        return [f"{self.docs}/{mistake}" for mistake in sorted(mistakes)]

    def fill(self, page: str, html: str) -> str:
        """The page with every placeholder replaced. Inserted as HTML, after Markdown."""
        return self._filling.fill(page, html)

    def let_go(self) -> None:
        """All pages are filled: what was observed is in them and in the ledger."""
        for figure in self.plan.figures():
            figure.let_go()
        self.run.ledger.let_go()

    def knows(self, page: str, source: str) -> bool:
        """Whether a fence or an inline reference was there when the pages were read."""
        return _token(page, source) in self.sources

    def beyond(self, token: str) -> bool:
        """Whether a figure stands below what excerpts show of its page."""
        return token in self._beyond

    def measures(self, page: str) -> bool:
        """Whether a page has definitions or inline references."""
        return page in self._measuring

    def broken_promises(self) -> list[str]:
        """What an author should look at, and what ``--strict`` fails for; after ``fill``."""
        return [f"{self.docs}/{warning}" for warning in sorted(set(self.warnings))]


def _token(page: str, source: str) -> str:
    return hashlib.sha256(f"{page}\0{source}".encode()).hexdigest()[:16]


_current: Build | None = None


def begin(settings: Settings, root: Path, docs: str = "docs", *, shown: bool = True) -> Build:
    """Begin a build; it is the current one until the next begins."""
    global _current  # noqa: PLW0603  # Markdown extensions are given no context
    if _current is not None:
        _current.run.stop()
    # A build makes tens of thousands of objects that live until its end. At Python's usual pace
    # the collector walks through all of them again and again: a tenth to a fifth of the time.
    gc.set_threshold(10_000, 20, 20)
    _current = Build(settings, root, docs, shown=shown)
    return _current


def again(build: Build) -> Build:
    """Begin a build with the settings of another, which is complete."""
    now = begin(build.settings, build.root, build.docs)
    now.base = build.base
    return now


def current() -> Build:
    """The build under way; where nobody began one, the evidence is shown (``probes.alone``)."""
    if _current is None:
        from probes import alone  # only the extension by itself needs it

        return alone.figures()
    return _current
