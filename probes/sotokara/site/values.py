"""Values in prose: as they are now, with their date; marked where the article's day had others."""

import contextlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from functools import partial
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
from sotokara.findings.two_questions import of_both
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
        seen, today = [], []  # type: tuple[list[Observation], list[Observation]]
        then = partial(self._then, page, day=day, above=frozenset())
        try:
            was = _text(expression(partial(then, seen=seen, newest=False)))
            # What is asked otherwise since is compared as far as both questions asked for it.
            same = _text(expression(partial(then, seen=today, newest=True)))
        except (EmptyReference, KeyError):
            return ""
        if was in (value, same) or not seen:
            return ""
        days = f"{min(one.start for one in seen):%Y-%m-%d}"
        said = words["value_was"].format(value="\0", day=days).split("\0")
        return Markup(' <span class="probe-was">(≠ {}<del>{}</del>{})</span>').format(
            said[0], was, said[1]
        )

    def _then(  # noqa: PLR0913  # what a value of then hangs on
        self,
        page: str,
        reference: Reference,
        *,
        day: date,
        seen: list[Observation],
        above: AbstractSet[Node],
        newest: bool,
    ) -> Any:  # noqa: ANN401  # facts
        """The facts that a reference meant on the article's day; or means now (``newest``).

        Both as far as what was asked then and what is asked now have asked for them.
        """
        node = self._plan.node(page, reference)
        definition = node.definition
        if definition.common.pin or node in above:
            return self._plan.lookup(page, reference)
        figures = node.figures or []
        if definition.template.references and not newest:
            again = partial(self._then, day=day, seen=seen, above={*above, node}, newest=newest)
            targets = definition.template.fill(partial(again, definition.page))
            places = definition.places or ("",)
            figures = [_asking(node, target, place) for target in targets for place in places]
        facts_of = partial(self._facts_of, day=day, seen=seen, newest=newest)
        if definition.several:
            window = self._plan.window
            return of_places(node, lambda one: _seen(facts_of, one, seen), str(reference), window)
        facts = [facts_of(figure) for figure in figures]
        if not facts:
            raise EmptyReference(f"{reference} was not observed then")
        return facts[0] if len(facts) == 1 else Several(facts)

    def _facts_of(  # facts
        self, figure: Figure, *, day: date, seen: list[Observation], newest: bool
    ) -> Any:  # noqa: ANN401
        if figure.question is None:
            raise EmptyReference(f"{figure.target} was not asked then")
        recall = self._run.recall
        timeline = recall.timeline(figure)
        every = timeline.answered()
        alike: dict[object, bool] = {}
        for row in every:
            said = timeline.says(row)
            if said not in alike:
                alike[said] = of_both(figure, timeline, recall, (row, every[-1])) is not None
        rows = [row for row in every if alike[timeline.says(row)]]
        found = basis_row(timeline, day, rows)
        both = of_both(figure, timeline, recall, (found[0], every[-1])) if found else None
        if found is None or both is None:
            raise EmptyReference(f"{figure.target} was not observed then")
        seen.append(timeline.observation(every[-1] if newest else found[0]))
        return both[newest]


def _seen(
    facts_of: Callable[[Figure], Any], figure: Figure, seen: list[Observation]
) -> Observation | None:
    """What one of several places saw on that day."""
    with contextlib.suppress(EmptyReference):
        facts_of(figure)
        return seen[-1]
    return None


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
