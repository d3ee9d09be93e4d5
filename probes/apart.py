"""A replayed build in a process of its own, beside the one that renders the pages.

Nothing is asked in replay: all that figures cost is reading definitions and evidence, and writing
HTML. A second processor does that while the first renders Markdown. The other process is a fork of
this one, holds the ``Build``, is told each page as it is read, and ends when the last thing that
was left to it is done. docs/decisions/0009 says why, and where there is none.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from probes.build import Build
from probes.common import Mistake
from probes.forked import Forked
from probes.observation import Observation
from probes.placeholders import Page, Placeholders
from probes.render.figure import without_anchors
from probes.run import Progress

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Key = tuple[str, str]
"""A page and a token or an id."""
_PORTION = 250
"""Figures handed over together: all at once would be in memory four times."""
_AT_ONCE = 25
"""Pages handed on together: the same work page by page takes longer, with cold caches.

The first go alone: there is much to import, and a small blog has no 25.
"""


class Apart(Placeholders):
    """A build whose pages are here and whose plan and evidence are there."""

    def __init__(self, build: Build) -> None:
        super().__init__(build.settings, build.root, build.docs)
        self._build = build
        """Until a first page has probes, and where this system cannot fork, all of it is here."""
        self._forked: Forked | None = None
        self._read: list[Page] = []
        self._handed_on = 0
        self._figures: dict[_Key, str] = {}
        self._values: dict[str, str] = {}
        self._tokens: dict[_Key, str] = {}
        """By page and id."""

    @property
    def base(self) -> str:
        """The path that the evidence's pages are published under; empty: there are none."""
        return self._build.base

    @base.setter
    def base(self, path: str) -> None:
        self._build.base = path

    @property
    def kept(self) -> list[Observation]:
        """Nothing is measured."""
        return []

    def take(self, page: Page) -> None:
        """Hand on a page's definitions and references; the first begins the other process."""
        if self._forked is None and Forked.possible():
            self._forked = Forked(self._build)
        if self._forked is None:
            self._build.take(page)
            return
        self._read.append(page)
        if len(self._read) >= min(max(self._handed_on, 1), _AT_ONCE):
            self._hand_on()

    def _hand_on(self) -> None:
        pages, self._read = self._read, []
        self._handed_on += len(pages)
        if self._forked is not None and pages:
            self._forked.leave(_take, pages)

    def finish(
        self,
        show: Callable[[Progress], None] = lambda _: None,  # noqa: ARG002  # nothing is waited for
        *,
        lenient: bool = False,
    ) -> list[str]:
        """Every mistake of the whole site, each as ``docs/x.md:LINE: …``; without one, all HTML.

        :raises LedgerError: when the evidence cannot be read.
        """
        self._hand_on()
        if mistakes := self.ask(_finish, lenient=lenient):
            return mistakes
        self._values, self._tokens, keys = self.ask(_list)
        for first in range(0, len(keys), _PORTION):
            figures, warnings = self.ask(_write, keys[first : first + _PORTION])
            self._figures |= figures
            self.warnings += warnings
        self._done = True
        return []

    def defines(self, page: str, token: str) -> bool:
        """Whether a fence is a definition."""
        return (page, token) in self._figures

    def refers(self, token: str) -> bool:
        """Whether an inline reference was read."""
        return token in self._values

    def token(self, page: str, name: str) -> str:
        """The token of a page's definition with this id; none where there is none."""
        return self._tokens.get((page, name), "")

    def figure(self, page: str, token: str, nth: int) -> str:
        """A definition's figure; only the first on its own page has an id, so ids stay unique."""
        html = self._figures[page, token]
        return without_anchors(html) if nth else html

    def value(self, page: str, token: str) -> str:  # noqa: ARG002  # tokens are of one page
        """An inline reference's value, or in one word why there is none."""
        return self._values[token]

    def ask(
        self, question: Callable[Concatenate[Build, _P], _T], *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        """What a function of ``probes`` says of the build."""
        if self._forked is None:
            return question(self._build, *args, **kwargs)
        return self._forked.ask(question, *args, **kwargs)

    def leave(
        self, task: Callable[Concatenate[Build, _P], None], *args: _P.args, **kwargs: _P.kwargs
    ) -> None:
        """Have something done while this process goes on."""
        if self._forked is None:
            task(self._build, *args, **kwargs)
        else:
            self._forked.leave(task, *args, **kwargs)

    def let_go(self) -> None:
        """Nothing more is asked: the other process ends when it has done what was left to it.

        Excerpts are still to come, and show what stands above their end.
        """
        self._figures = {key: one for key, one in self._figures.items() if not self.beyond(key[1])}
        if self._forked is None:
            self._build.let_go()
        else:
            self._forked.close()

    def settle(self) -> None:
        """Wait for what was left to be done.

        :raises LedgerError, OSError: what it ended with.
        """
        if self._forked is not None:
            self._forked.settle()

    def stop(self) -> None:
        """End the other process, whatever it is about."""
        if self._forked is not None:
            self._forked.end()


def _take(build: Build, pages: list[Page]) -> None:
    for page in pages:
        build.take(page)
    for page in pages:
        build.ahead(page.name)


def _finish(build: Build, *, lenient: bool) -> list[str]:
    return build.finish(lenient=lenient)


def _list(build: Build) -> tuple[dict[str, str], dict[_Key, str], list[_Key]]:
    """The inline references' values, the tokens by page and id, and what figures there are."""
    nodes = build.plan.nodes
    return (
        {token: build.value(page, token) for token, (page, _) in build.inlines.items()},
        {(page, one.definition.id or ""): token for (page, token), one in nodes.items()},
        [*nodes, *build.slips],
    )


def _write(build: Build, keys: list[_Key]) -> tuple[dict[_Key, str], list[Mistake]]:
    """Some figures, and what an author should look at so far."""
    return {key: build.written(*key) for key in keys}, build.warnings
