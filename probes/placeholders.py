"""What a build is to its pages: a placeholder for each fence and reference, then what it gave.

An adapter (hooks/, or another generator's) calls ``read`` for each page as it is rendered,
``finish`` once, and ``fill`` for each page. Whether the questions are looked after here
(``probes.build``) or by a process of its own (``probes.apart``) is nothing that it has to know.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, NamedTuple, ParamSpec, TypeVar

from probes import citations
from probes.common import Mistake
from probes.observation import Observation
from probes.render.labels import labels
from probes.run import Progress
from probes.settings import Settings

if TYPE_CHECKING:
    from probes.build import Build

MORE = "<!-- more -->"  # the end of an excerpt, as Material's blog plugin has it
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCE = re.compile(
    r'<!--.*?-->|<div class="probe-fence" data-probe="([0-9a-f]{16})"></div>', re.DOTALL
)
_INLINE = re.compile(r'<span class="probe-inline" data-probe="([0-9a-f]{16})"></span>')
_P = ParamSpec("_P")
_T = TypeVar("_T")


class Page(NamedTuple):
    """One rendered page, as far as its probes go."""

    name: str
    """Its file below the pages' folder."""
    text: str
    """The file."""
    lang: str
    written: date | None
    """The day whose facts it speaks of; None where it speaks of the present."""
    fences: Counter[str]
    """How often each fence is there, by token."""
    inlines: list[str]
    """The tokens of its inline references."""
    sources: dict[str, str]
    """What its author wrote, by token."""


class Placeholders(ABC):
    """One build: ``root`` is mkdocs.yml's folder, ``docs`` the name of the pages'."""

    base: str
    """The path that the evidence's pages are published under; empty: there are none."""

    def __init__(self, settings: Settings, root: Path, docs: str) -> None:
        self.settings, self.root, self.docs = settings, root, docs
        self.warnings: list[Mistake] = []
        self.sources: dict[str, str] = {}
        self.languages: dict[str, str] = {}
        self._measuring: set[str] = set()
        self._beyond: set[str] = set()
        """Fences behind the excerpt's end: rendered with each excerpt, and cut off then."""
        self._citations: dict[str, dict[citations.Cited, int]] = {}
        self._done = False
        self.alone = False
        """Nobody will call ``fill``: what is not known by now never will be."""
        self.whole = True
        """All pages of the site are in it: what it does not show is shown nowhere."""
        self.glance: Callable[[], None] = lambda: None
        """Called while all is waited for; may raise to give up."""

    def fence(self, page: str, source: str, *, excerpt: bool = False) -> str:
        """The HTML for a fence: a placeholder, or the figure once it is known."""
        token = _token(page, source)
        if excerpt and token in self._beyond:
            return ""
        if self._done and self.defines(page, token):
            return self.figure(page, token, 0 if not excerpt else -1)
        self.sources[token] = source
        return f'<div class="probe-fence" data-probe="{token}"></div>'

    def inline(self, page: str, source: str) -> str:
        """The HTML for an inline reference: a placeholder, or the value once it is known."""
        token = _token(page, source)
        if self._done and self.refers(token):
            return self.value(page, token)
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
        own = self.languages[page] = lang or self.settings.lang
        if "data-cite=" in html:
            self._citations[page] = citations.places(text)
        if "data-probe=" not in html:
            return
        excerpt, more, _ = html.partition(MORE)
        html = _COMMENT.sub("", html)  # superfences goes into comments too
        fences, inlines = Counter(_FENCE.findall(html)), list(dict.fromkeys(_INLINE.findall(html)))
        if more:
            self._beyond |= fences.keys() - set(_FENCE.findall(excerpt))
        if not fences and not inlines:
            return
        self._measuring.add(page)
        sources = {token: self.sources[token] for token in (*fences, *inlines)}
        self.take(Page(page, text, own, written, fences, inlines, sources))

    def fill(self, page: str, html: str) -> str:
        """The page with every placeholder replaced. Inserted as HTML, after Markdown."""
        seen: Counter[str] = Counter()

        def figure(match: re.Match[str]) -> str:
            if not match[1]:
                return match[0]  # a comment
            seen[match[1]] += 1
            return self.figure(page, match[1], seen[match[1]] - 1)

        if "data-probe=" in html:
            html = _FENCE.sub(figure, html)
            html = _INLINE.sub(lambda match: self.value(page, match[1]), html)
        return self._cited(page, html) if "data-cite=" in html else html

    def _cited(self, page: str, html: str) -> str:
        """The footnotes that cite figures of the page, written out."""

        def figure(name: str) -> str:
            token = self.token(page, name)
            return self.figure(page, token, 0) if token else ""

        html, lost = citations.fill(html, figure, labels(self.languages[page]))
        self.warnings += citations.warnings(page, self._citations.get(page, {}), lost)
        return html

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

    @property
    @abstractmethod
    def kept(self) -> list[Observation]:
        """What this build has measured and kept."""

    @abstractmethod
    def take(self, page: Page) -> None:
        """Take in a page's definitions and references."""

    @abstractmethod
    def finish(
        self, show: Callable[[Progress], None] = lambda _: None, *, lenient: bool = False
    ) -> list[str]:
        """Wait for all probes. Every mistake of the whole site, each as ``docs/x.md:LINE: …``.

        ``lenient``: a mistake does not stop the others; the page will show it at its place.

        :raises LedgerError: when the evidence cannot be read or kept.
        """

    @abstractmethod
    def defines(self, page: str, token: str) -> bool:
        """Whether a fence is a definition."""

    @abstractmethod
    def refers(self, token: str) -> bool:
        """Whether an inline reference was read."""

    @abstractmethod
    def token(self, page: str, name: str) -> str:
        """The token of a page's definition with this id; none where there is none."""

    @abstractmethod
    def figure(self, page: str, token: str, nth: int) -> str:
        """A definition's figure; only the first on its own page has an id, so ids stay unique."""

    @abstractmethod
    def value(self, page: str, token: str) -> str:
        """An inline reference's value, or in one word why there is none."""

    @abstractmethod
    def ask(
        self, question: Callable[Concatenate["Build", _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """What a function of ``probes`` says of the build that knows all."""

    @abstractmethod
    def leave(
        self, task: Callable[Concatenate["Build", _P], None], *args: _P.args, **kwargs: _P.kwargs
    ) -> None:
        """Have something done that nobody waits for before ``settle``."""

    @abstractmethod
    def let_go(self) -> None:
        """All pages are filled: what was observed is in them and in the ledger."""

    @abstractmethod
    def settle(self) -> None:
        """Wait for what was left to be done.

        :raises LedgerError, OSError: what it ended with.
        """

    @abstractmethod
    def stop(self) -> None:
        """Whatever went wrong: end all that is under way. Safe to call again."""


def _token(page: str, source: str) -> str:
    return hashlib.sha256(f"{page}\0{source}".encode()).hexdigest()[:16]
