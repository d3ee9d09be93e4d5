"""One build of a site: from the pages' definitions to the figures in their place."""

import gc
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from probes.common import Mistake
from probes.definition import read_definition
from probes.expressions import Expression, ExpressionError, expression
from probes.filling import Filling
from probes.ledger import Ledger
from probes.observation import Observation
from probes.place import fence_lines, inline_line
from probes.placeholders import Page, Placeholders
from probes.plan import Plan
from probes.run import Progress, Run
from probes.settings import Settings
from probes.story import tell
from probes.transcripts import Transcripts

if TYPE_CHECKING:
    from probes.publish import Publication

_ID = re.compile(r"^id:\s*([A-Za-z]\w*)", re.MULTILINE)
_P = ParamSpec("_P")
_T = TypeVar("_T")
_B = TypeVar("_B", bound=Placeholders)


class Build(Placeholders):
    """The state of one build. ``shown``: pages will show what is measured."""

    def __init__(
        self, settings: Settings, root: Path, docs: str = "docs", *, shown: bool = True
    ) -> None:
        super().__init__(settings, root, docs)
        self.base = ""
        self.plan = Plan(settings.redact)
        ledger = Ledger(root / settings.evidence_dir, root / ".cache")
        self.run = Run(settings, ledger, self.plan, shown=shown)
        self.transcripts = Transcripts(settings, ledger, root / docs)
        self.mistakes: list[Mistake] = []
        self.inlines: dict[str, tuple[str, Expression]] = {}
        self._written: dict[str, date | None] = {}
        self.slips: dict[tuple[str, str], tuple[int, list[Mistake]]] = {}
        """The line and the mistakes of each fence that is no definition."""
        self._unread: list[Page] = []
        """Pages to be taken in: in replay all at one go, which takes half the time, at the end."""
        self._filling = Filling(self)
        self.publication: Publication | None = None
        """What is published of it, once that is known."""
        self._reaching = False

    @property
    def kept(self) -> list[Observation]:
        """What this build has measured and kept."""
        return self.run.kept

    def take(self, page: Page) -> None:
        """Take in a page's definitions and references, at the latest when all is finished."""
        self._unread.append(page)
        if self.settings.mode != "replay":
            self._take_in_all()

    @property
    def reaching(self) -> bool:
        """Whether some page read so far refers to another one."""
        self._take_in_all()
        return self._reaching

    def _take_in_all(self) -> None:
        unread, self._unread = self._unread, []
        for page in unread:
            self._take_in(page)

    def _take_in(self, read: Page) -> None:
        """Read a page's definitions and references, and ask what can be asked."""
        page, text, definitions = read.name, read.text, []
        self._written[page], self.languages[page] = read.written, read.lang
        self.sources |= read.sources
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
            definition = definition.on_page_in(read.lang)
            definitions.append(definition)
            self._reaching |= any(one.stem for one in definition.references())
            self.mistakes += self.transcripts.take(definition)
            if count > 1 and definition.id:
                what = f"the id {definition.id!r} is already used in line {lines[0]}"
                again = Mistake(page, lines[-1], what, "give this one another id")
                self.mistakes.append(again)
        for token in read.inlines:
            source = read.sources[token]
            line = inline_line(text, source)
            try:
                self.inlines[token] = page, expression(source)
            except ExpressionError as error:
                self.mistakes.append(Mistake(page, line, str(error), error.mend))
                continue
            for reference in self.inlines[token][1].references:
                self.plan.refer(page, line, reference)
                self._reaching |= reference.stem is not None
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

    def ahead(self, page: str) -> None:
        """Take a page in and write those of its figures that wait for nothing else."""
        self._take_in_all()
        self._filling.ahead(page, self._written.get(page))

    def figure(self, page: str, token: str, nth: int) -> str:
        """A definition's figure; only the first on its own page has an id, so ids stay unique."""
        return self._filling.figure(page, token, nth)

    def written(self, page: str, token: str) -> str:
        """A definition's figure, as it stands first on its page."""
        return self._filling.written(page, token)

    def value(self, page: str, token: str) -> str:
        """An inline reference's value, or in one word why there is none."""
        return self._filling.value(page, token)

    def defines(self, page: str, token: str) -> bool:
        """Whether a fence is a definition."""
        return (page, token) in self.plan.nodes

    def refers(self, token: str) -> bool:
        """Whether an inline reference was read."""
        return token in self.inlines

    def token(self, page: str, name: str) -> str:
        """The token of a page's definition with this id; none where there is none."""
        return self.plan.token(page, name)

    def ask(
        self, question: Callable[Concatenate["Build", _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """What a function of ``probes`` says of this build."""
        return question(self, *args, **kwargs)

    def leave(
        self, task: Callable[Concatenate["Build", _P], None], *args: _P.args, **kwargs: _P.kwargs
    ) -> None:
        """Have something done: at once."""
        task(self, *args, **kwargs)

    def let_go(self) -> None:
        """All pages are filled: what was observed is in them and in the ledger."""
        for figure in self.plan.figures():
            figure.let_go()
        self.run.ledger.let_go()

    def settle(self) -> None:
        """Nothing was left to be done."""

    def stop(self) -> None:
        """Stop measuring."""
        self.run.stop()


_current: Placeholders | None = None


def begin(settings: Settings, root: Path, docs: str = "docs", *, shown: bool = True) -> Build:
    """Begin a build here; it is the current one until the next begins."""
    return _begun(Build(settings, root, docs, shown=shown))


def begin_apart(settings: Settings, root: Path, docs: str = "docs") -> Placeholders:
    """The same, in a process of its own where that is possible and worth it."""
    from probes.apart import Apart  # needs this file

    build = Build(settings, root, docs)
    return _begun(Apart(build) if settings.mode == "replay" else build)


def stop() -> None:
    """End all that is under way, if a build was begun. Safe to call again."""
    if _current is not None:
        _current.stop()


def _begun(build: _B) -> _B:
    global _current  # noqa: PLW0603  # Markdown extensions are given no context
    stop()
    # A build makes tens of thousands of objects that live until its end. At Python's usual pace
    # the collector walks through all of them again and again: a tenth to a fifth of the time.
    gc.set_threshold(10_000, 20, 20)
    _current = build
    return build


def again(build: Placeholders) -> Build:
    """Begin a build of some pages with the settings of another, which is complete."""
    now = begin(build.settings, build.root, build.docs)
    now.base, now.whole = build.base, False
    return now


def current() -> Placeholders:
    """The build under way; where nobody began one, the evidence is shown (``probes.alone``)."""
    if _current is None:
        from probes import alone  # only the extension by itself needs it

        return alone.figures()
    return _current
