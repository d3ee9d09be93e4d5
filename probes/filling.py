"""The second half of a build: every placeholder in a page gives way to what was observed."""

import re
from collections import Counter
from typing import TYPE_CHECKING

from markupsafe import escape

from probes import citations
from probes.common import Mistake
from probes.expressions import EmptyReference
from probes.observation import Outcome
from probes.render.display import visible
from probes.render.figure import figure_html, without_anchors
from probes.render.labels import labels
from probes.render.mistake import mistake_html, value_mistake_html
from probes.render.templating import prepare

if TYPE_CHECKING:
    from probes.build import Build

FENCE = re.compile(
    r'<!--.*?-->|<div class="probe-fence" data-probe="([0-9a-f]{16})"></div>', re.DOTALL
)
_FIGURE, _FOOT = '<figure class="probe ', '<div class="probe-foot"'
_TAG = re.compile(r"<[^>]+>")
INLINE = re.compile(r'<span class="probe-inline" data-probe="([0-9a-f]{16})"></span>')


def searched(html: str) -> str:
    """A page as the search has to see it: of each figure only its text, without its foot."""
    before, *figures = html.split(_FIGURE)
    parts = [before]
    for one in figures:
        figure, _, after = one.partition("</figure>")
        text = _TAG.sub(" ", figure[figure.index(">") + 1 :].partition(_FOOT)[0])
        parts += ["<pre>", text, "</pre>", after]
    return "".join(parts) if figures else html


class Filling:
    """Writes the figures and values of one build, once it is finished."""

    def __init__(self, build: "Build") -> None:
        self._build = build
        self._shown: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def prepare(self) -> None:
        """Load what figures are written with, while answers are waited for."""
        if self._build.plan.nodes:
            prepare()
            for lang in set(self._build.languages.values()):
                labels(lang)

    def fill(self, page: str, html: str) -> str:
        """The page with every placeholder replaced. Inserted as HTML, after Markdown."""
        seen: Counter[str] = Counter()

        def figure(match: re.Match[str]) -> str:
            if not match[1]:
                return match[0]  # a comment
            seen[match[1]] += 1
            return self.figure(page, match[1], seen[match[1]] - 1)

        if "data-probe=" in html:
            html = FENCE.sub(figure, html)
            html = INLINE.sub(lambda match: self.value(page, match[1]), html)
        return self._cited(page, html) if "data-cite=" in html else html

    def _cited(self, page: str, html: str) -> str:
        """The footnotes that cite figures of the page, written out."""

        def figure(name: str) -> str:
            token = self._build.plan.token(page, name)
            return self.figure(page, token, 0) if token else ""

        words = labels(self._build.languages[page])
        html, lost = citations.fill(html, figure, words)
        self._build.warnings += citations.warnings(page, self._build.citations[page], lost)
        return html

    def figure(self, page: str, token: str, nth: int) -> str:
        """A definition's figure; only the first on its own page has an id, so ids stay unique."""
        node = self._build.plan.nodes.get((page, token))
        if node is None or node.figures is None:
            return self._slip(page, token)
        if nth and token in self._shown:
            return self._shown[token]
        html, unmatched = figure_html(node, self._build.languages[page], self._build.base)
        if nth or not self._build.beyond(token):
            self._shown[token] = without_anchors(html)  # for the page's excerpts
        for note in unmatched:
            what = f"the note on {note!r} matches no line of the output"
            mend = "write text that stands in a line, or {line: N}"
            self._build.warnings.append(Mistake(page, node.definition.line, what, mend))
        return self._shown[token] if nth else html

    def _slip(self, page: str, token: str) -> str:
        """In place of a figure that cannot be: the mistakes in its definition."""
        node = self._build.plan.nodes.get((page, token))
        line, mistakes = (node.definition.line, []) if node else self._build.slips[page, token]
        every = [*mistakes, *(m for m in self._build.plan.mistakes if m[:2] == (page, line))]
        words = labels(self._build.languages[page])
        return mistake_html(every, self._build.sources[token], self._build.docs, words)

    def value(self, page: str, token: str) -> str:
        """An inline reference's value, or in one word why there is none."""
        if token not in self._values:  # the page's excerpts ask again
            self._values[token] = self._value(page, token)
        return self._values[token]

    def _value(self, page: str, token: str) -> str:
        words, plan = labels(self._build.languages[page]), self._build.plan
        try:
            value = self._build.inlines[token][1](lambda reference: plan.lookup(page, reference))
        except KeyError:
            return value_mistake_html(words)
        except EmptyReference as empty:
            reason = escape(visible(str(empty)))
            word = "none" if empty.outcome is Outcome.ANSWERED else empty.outcome.value
            return f'<em class="probe-value" title="{reason}">{words[word]}</em>'
        text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        return f'<code class="probe-value">{escape(visible(text))}</code>'
