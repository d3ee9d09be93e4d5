"""The second half of a build: what every placeholder gives way to."""

import re
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import escape

from probes.claims import OF_OBSERVATION, Mistaken
from probes.common import Mistake
from probes.definition import Definition
from probes.expressions import EmptyReference
from probes.observation import Outcome, now
from probes.render.display import visible
from probes.render.figure import figure_html, without_anchors
from probes.render.labels import labels
from probes.render.mistake import mistake_html, value_mistake_html
from probes.render.templating import prepare
from probes.story import story

if TYPE_CHECKING:
    from probes.build import Build

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


class Filling:
    """Writes the figures and values of one build, once it is finished."""

    def __init__(self, build: "Build") -> None:
        self._build = build
        self._shown: dict[str, str] = {}
        self._values: dict[str, str] = {}
        self._ready: dict[tuple[str, str], tuple[str, list[str]]] = {}
        """Figures that were written ahead, and their notes that match no line."""
        self._today = now()

    def prepare(self) -> None:
        """Load what figures are written with, while answers are waited for."""
        if self._build.plan.nodes:
            prepare()
            for lang in set(self._build.languages.values()):
                labels(lang)

    def ahead(self, page: str, written: date | None) -> None:
        """Write the figures of a page that wait for nothing else; ``written``: its day.

        Only where nothing more is asked. A figure that cannot be told of yet is left for the end.
        """
        run, plan, lang = self._build.run, self._build.plan, self._build.languages[page]
        for node in plan.on_page(page):
            if not node.done or not _by_itself(node.definition):
                continue
            try:
                for figure in node.figures or ():
                    figure.story = story(run, plan, figure, written, self._today)
            except Mistaken:
                continue
            self._ready[page, node.definition.token] = figure_html(node, lang, self._build.base)

    def written(self, page: str, token: str) -> str:
        """A definition's figure, as it stands first on its page."""
        node = self._build.plan.nodes.get((page, token))
        if node is None or node.figures is None:
            return self._slip(page, token)
        ready = self._ready.pop((page, token), None)
        html, unmatched = ready or figure_html(node, self._build.languages[page], self._build.base)
        for note in unmatched:
            what = f"the note on {note!r} matches no line of the output"
            mend = "write text that stands in a line, or {line: N}"
            self._build.warnings.append(Mistake(page, node.definition.line, what, mend))
        return html

    def figure(self, page: str, token: str, nth: int) -> str:
        """A definition's figure; only the first on its own page has an id, so ids stay unique."""
        if nth and token in self._shown:
            return self._shown[token]
        html = self.written(page, token)
        if nth or not self._build.beyond(token):
            self._shown[token] = without_anchors(html)  # for the page's excerpts
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


def _by_itself(definition: Definition) -> bool:
    """Whether nothing on this or another page has a part in its figures."""
    own = (*definition.kind.facts.__struct_fields__, *OF_OBSERVATION)
    return definition.common.transcript is None and all(
        one.stem is None and one.id in own for one in definition.references()
    )
