"""The placeholders that fences and references leave in a page, and what takes their place."""

import hashlib
import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sotokara.core.labels import labels
from sotokara.core.mistakes import AuthorError
from sotokara.engine.figure import Figure, Node
from sotokara.engine.plan import Plan
from sotokara.findings.evaluate import Findings
from sotokara.kinds.parts import styles_of
from sotokara.ledger.sealing import SealStates
from sotokara.render.figure import figure_html, without_anchors
from sotokara.render.mistake import mistake_html
from sotokara.render.templating import prepare

if TYPE_CHECKING:
    from sotokara.engine.batch import Batch
    from sotokara.findings.batches import BatchFindings

MORE = "<!-- more -->"  # the end of an excerpt, as Material's blog plugin has it
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCE = re.compile(
    r'<!--.*?-->|<div class="probe-fence" data-probe="([0-9a-f]{16})"></div>', re.DOTALL
)
_HEADING = re.compile(r"<h([1-6])[ >]")
_HEAD, _LEVEL = 'role="heading" aria-level="{}"', 3
"""The head of a figure is a heading below the one that the figure stands under."""
_INLINE = re.compile(r'<span class="probe-inline" data-probe="([0-9a-f]{16})"></span>')


class RenderedPage(NamedTuple):
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


class FoundPlaceholders(NamedTuple):
    """The placeholders that survived in a page's HTML."""

    fences: Counter[str]
    inlines: list[str]
    beyond: set[str]
    """The fences below the excerpt's end."""


def token_of(page: str, source: str) -> str:
    """The name of a fence or an inline reference: 16 hex digits over its page and its text."""
    return hashlib.sha256(f"{page}\0{source}".encode()).hexdigest()[:16]


def fence_placeholder(token: str) -> str:
    """What stands for a fence."""
    return f'<div class="probe-fence" data-probe="{token}"></div>'


def inline_placeholder(token: str) -> str:
    """What stands for an inline reference."""
    return f'<span class="probe-inline" data-probe="{token}"></span>'


def find_placeholders(html: str) -> FoundPlaceholders:
    """The placeholders in a rendered page; those in comments do not count."""
    excerpt, more, _ = html.partition(MORE)
    html = _COMMENT.sub("", html)  # superfences goes into comments too
    fences = Counter(_FENCE.findall(html))
    beyond = fences.keys() - set(_FENCE.findall(excerpt)) if more else set()
    return FoundPlaceholders(fences, list(dict.fromkeys(_INLINE.findall(html))), set(beyond))


def replace_placeholders(
    html: str, figure: Callable[[str, int], str], value: Callable[[str], str]
) -> str:
    """The HTML with every placeholder replaced.

    ``figure``: a fence's token, and how often it stood before → HTML. ``value``: an inline
    reference's token → HTML.
    """
    seen: Counter[str] = Counter()
    headings = [(one.start(), int(one[1])) for one in _HEADING.finditer(html)]

    def written(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0]  # a comment
        seen[match[1]] += 1
        shown = figure(match[1], seen[match[1]] - 1)
        nth = bisect(headings, (match.start(),)) - 1
        level = min(headings[nth][1] + 1, 6) if nth >= 0 else _LEVEL
        return shown.replace(_HEAD.format(_LEVEL), _HEAD.format(level))

    if "data-probe=" in html:
        html = _FENCE.sub(written, html)
        html = _INLINE.sub(lambda match: value(match[1]), html)
    return html


_FIGURE, _FOOT = '<figure class="probe ', '<div class="probe-foot"'
_TAG = re.compile(r"<[^>]+>")


def searched(html: str) -> str:
    """A page as the search has to see it: of each figure only its text, without its foot."""
    before, *figures = html.split(_FIGURE)
    parts = [before]
    for one in figures:
        figure, _, after = one.partition("</figure>")
        text = _TAG.sub(" ", figure[figure.index(">") + 1 :].partition(_FOOT)[0])
        parts += ["<pre>", text, "</pre>", after]
    return "".join(parts) if figures else html


def is_ours(html: str) -> bool:
    """Whether a rendered page shows anything of ours, so that its front matter speaks to us."""
    return any(f"{one}=" in html for one in ("data-probe", "data-timeline", "data-cite"))


class FigureWriter:
    """Writes the figures of one build, once it is finished."""

    def __init__(
        self,
        plan: Plan,
        languages: Mapping[str, str],
        said: "tuple[Mapping[Figure, Findings], Mapping[Batch, BatchFindings]]",
        seals: SealStates,
    ) -> None:
        """``languages``: of each page. ``said``: filled in by the time that figures are."""
        self._sealed, self._of_batch = seals.of, seals.of_batch
        findings, self._batches = said
        self._plan, self._languages, self._findings = plan, languages, findings
        self._shown: dict[str, str] = {}
        """Figures by token: for excerpts, and for a second place."""

    def prepare(self, *, wanted: bool) -> None:
        """Load what figures are written with, where any are, while answers are waited for."""
        if wanted and self._plan.nodes:
            prepare()
            for lang in set(self._languages.values()):
                labels(lang)
            for kind in {node.definition.kind for node in self._plan.nodes.values()}:
                styles_of(kind)

    def figure(
        self, node: Node, nth: int, where: tuple[str, str], *, excerpted: bool
    ) -> tuple[str, Sequence[tuple[str, str]]]:
        """A definition's figure, and what is odd about its remarks.

        ``nth``: how often it stood before; only the first on its own page has an id, so ids stay
        unique. ``where``: the evidence's path, and the page's address. ``excerpted``: excerpts of
        its page show it too.
        """
        token = node.definition.token
        if nth and token in self._shown:
            return without_anchors(self._shown[token]), ()
        lang = self._languages[node.definition.page]
        plan, sealed = self._plan, self._sealed
        odd: Sequence[tuple[str, str]] = ()
        if node.batch is not None:
            from sotokara.findings.batches import BatchFindings
            from sotokara.render.batch_view import batch_html

            found = self._batches.get(node.batch) or BatchFindings()
            html = batch_html(node, lang, found, where, self._of_batch)
        else:
            html, odd = figure_html(node, lang, self._findings, where, plan=plan, sealed=sealed)
        if nth or excerpted:
            self._shown[token] = html
        return without_anchors(html) if nth else html, odd

    def mistake(self, page: str, mistakes: list[AuthorError], source: str, docs: str) -> str:
        """In place of a figure that cannot be: the mistakes in its definition."""
        own = [one.in_language(self._languages[page]) for one in mistakes]
        return mistake_html(own, source, docs, labels(self._languages[page]))
