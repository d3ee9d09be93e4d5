"""Values in prose: as they are now, with their date; marked where the article's day had others."""

import contextlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from sotokara.core.display import visible
from sotokara.core.expressions import EmptyReference, Expression, OpenReference, Reference
from sotokara.core.labels import labels
from sotokara.core.observation import Observation, Outcome
from sotokara.core.times import date_time
from sotokara.engine.figure import Figure, Node
from sotokara.engine.plan import Plan
from sotokara.engine.run import Run
from sotokara.engine.several import Several, of_places
from sotokara.findings.changes import basis_row
from sotokara.render.mistake import value_mistake_html


class Values:
    """The inline references of one build. ``languages``, ``days``: of each page."""

    def __init__(
        self,
        run: Run,
        plan: Plan,
        languages: Mapping[str, str],
        days: Mapping[str, date | None],
    ) -> None:
        self._run, self._plan = run, plan
        self._languages, self._days = languages, days
        self._written: dict[str, str] = {}

    def html(self, page: str, token: str, inlines: Mapping[str, tuple[str, Expression]]) -> str:
        """An inline reference's value, or in one word why there is none."""
        if token not in self._written:  # the page's excerpts ask again
            expression = inlines[token][1] if token in inlines else None
            self._written[token] = self._html(page, expression)
        return self._written[token]

    def _html(self, page: str, expression: Expression | None) -> str:
        words = labels(self._languages[page])
        used: list[Node] = []

        def now(reference: Reference) -> Any:  # noqa: ANN401  # facts
            used.append(self._plan.node(page, reference))
            return self._plan.lookup(page, reference)

        try:
            if expression is None:
                return value_mistake_html(words)
            value = _text(expression(now))
        except KeyError:
            return value_mistake_html(words)
        except EmptyReference as empty:
            word = "none" if empty.outcome is Outcome.ANSWERED else empty.outcome.value
            if isinstance(empty, OpenReference):
                word = "open_at_places"
            return Markup('<em class="probe-value" title="{}">{}</em>').format(
                visible(str(empty)), words[word]
            )
        seen = [one for node in used for figure in node.figures or [] if (one := _shown(figure))]
        return Markup(
            '<span class="probe-dated" tabindex="0"><code class="probe-value">{}</code>{}{}</span>'
        ).format(value, _when(seen, words), self._was(page, expression, value, words))

    def _was(self, page: str, expression: Expression, value: str, words: dict[str, str]) -> str:
        """What the article's day had, where that is something else and is known."""
        day = self._days.get(page)
        if day is None:
            return ""
        seen: list[Observation] = []
        try:
            was = _text(expression(lambda one: self._then(page, one, day, seen, set())))
        except (EmptyReference, KeyError):
            return ""
        if was == value or not seen:
            return ""
        days = f"{min(one.start for one in seen):%Y-%m-%d}"
        said = words["value_was"].format(value="\0", day=days).split("\0")
        return Markup(' <span class="probe-was">(≠ {}<del>{}</del>{})</span>').format(
            said[0], was, said[1]
        )

    def _then(
        self, page: str, reference: Reference, day: date, seen: list[Observation], above: set[Node]
    ) -> Any:  # noqa: ANN401  # facts
        """The facts that a reference meant on the article's day."""
        node = self._plan.node(page, reference)
        definition = node.definition
        if definition.common.pin or node in above:
            return self._plan.lookup(page, reference)
        figures = node.figures or []
        if definition.template.references:
            own = definition.page
            within = {*above, node}
            targets = definition.template.fill(lambda one: self._then(own, one, day, seen, within))
            places = definition.places or ("",)
            figures = [_asking(node, target, place) for target in targets for place in places]
        if definition.several:
            window = self._plan.window
            return of_places(node, lambda one: self._seen(one, day, seen), str(reference), window)
        facts = [self._facts_of(figure, day, seen) for figure in figures]
        if not facts:
            raise EmptyReference(f"{reference} was not observed then")
        return facts[0] if len(facts) == 1 else Several(facts)

    def _seen(self, figure: Figure, day: date, seen: list[Observation]) -> Observation | None:
        """What one of several places saw on that day."""
        with contextlib.suppress(EmptyReference):
            self._facts_of(figure, day, seen)
            return seen[-1]
        return None

    def _facts_of(self, figure: Figure, day: date, seen: list[Observation]) -> Any:  # noqa: ANN401
        if figure.question is None:
            raise EmptyReference(f"{figure.target} was not asked then")
        timeline = self._run.recall.timeline(figure)
        found = basis_row(timeline, day)
        if found is None:
            raise EmptyReference(f"{figure.target} was not observed then")
        seen.append(timeline.observation(found[0]))
        return seen[-1].facts


def _asking(node: Node, target: str, place: str) -> Figure:
    """What a definition asked when its target was another."""
    try:
        return Figure(node, target, node.definition.question(target), place=place)
    except ValueError as error:
        raise EmptyReference(str(error)) from error


def _shown(figure: Figure) -> Observation | None:
    """The observation whose facts references see."""
    return next((one for one in (figure.now, figure.last) if one and one.facts is not None), None)


def _text(value: Any) -> str:  # noqa: ANN401  # whatever the facts hold
    return visible(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _when(seen: list[Observation], words: dict[str, str]) -> str:
    """When and from where it was observed: shown on hover and focus, and in print."""
    if not seen:
        return ""
    first, last = (date_time(pick(one.start for one in seen)) for pick in (min, max))
    time = first if first == last else f"{first} – {last}"
    places = ", ".join(dict.fromkeys(visible(one.vantage.name) for one in seen))
    said = f"{words['observed'].format(time=time)} · {words['from'].format(vantage=places)}"
    return Markup('<span class="probe-when"> ({})</span>').format(said)
