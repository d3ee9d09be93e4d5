"""What other definitions were when one was observed: claims about a past day have its values."""

from bisect import bisect_right
from collections.abc import Hashable, Iterable
from operator import itemgetter
from typing import Any

from sotokara.core.expressions import OF_OBSERVATION, EmptyReference, Lookup, Reference, expression
from sotokara.core.observation import Observation
from sotokara.engine.figure import Figure, Node
from sotokara.engine.plan import Plan
from sotokara.engine.recall import Recall
from sotokara.engine.several import Several, of_places
from sotokara.ledger.timeline import Timeline
from sotokara.ledger.turns import ObservationRow, says

_start = itemgetter(0)  # of a row


class Past:
    """The values of the definitions that some claims of one figure name, as of any of its rows.

    Those of the same run, else the last before. Of what was not asked then nothing can be said.
    """

    def __init__(self, plan: Plan, recall: Recall, figure: Figure, texts: Iterable[str]) -> None:
        self._plan, self._recall = plan, recall
        definition = figure.node.definition
        self._page = definition.page
        own = (*definition.kind.facts.__struct_fields__, *OF_OBSERVATION)
        named = (one for text in texts for one in expression(text).references)
        self._foreign = sorted(
            {(one.stem, one.id) for one in named if one.stem is not None or one.id not in own},
            key=str,
        )
        self._lines: dict[Figure, _AnswerLog] = {}

    @property
    def of_others(self) -> bool:
        """Whether the claims name other definitions at all."""
        return bool(self._foreign)

    def key(self, row: ObservationRow) -> Hashable:
        """What the others said then: equal keys, equal values."""
        return tuple(self._known(stem, name, row) for stem, name in self._foreign)

    def lookup(self, row: ObservationRow) -> Lookup:
        """The facts that a reference meant then; raises EmptyReference where that is not known."""

        def find(reference: Reference) -> Any:  # noqa: ANN401  # facts
            return self._facts(self._plan.node(self._page, reference), row, reference, set())

        return find

    def _known(self, stem: str | None, name: str, row: ObservationRow) -> Hashable:
        try:
            node = self._plan.node(self._page, Reference(stem, name))
        except KeyError:
            return None
        if node.definition.several:
            near = (self._near(figure, row) for figure in node.figures or [] if figure.question)
            return tuple(says(one) if one else None for one in near)
        return tuple(
            (found.facts if (found := self._line(figure).answered(row)) else None)
            for figure in node.figures or []
            if figure.question is not None
        )

    def _facts(
        self, node: Node, row: ObservationRow, reference: Reference, above: set[Node]
    ) -> Any:  # noqa: ANN401
        if node.definition.common.pin:
            return self._plan.lookup(self._page, reference)
        figures = [figure for figure in node.figures or [] if figure.question is not None]
        if not figures or not self._asked_the_same(node, row, above):
            raise EmptyReference(f"{reference} was not asked then")
        if node.definition.several:

            def then(figure: Figure) -> Observation | None:
                near = self._near(figure, row)
                return self._line(figure).timeline.observation(near) if near else None

            return of_places(node, then, str(reference), self._plan.window)
        facts = []
        for figure in figures:
            line = self._line(figure)
            found = line.answered(row)
            value = line.timeline.facts(found) if found else None
            if value is None:
                raise EmptyReference(f"{reference} was not observed by then")
            facts.append(value)
        return facts[0] if len(node.figures or []) == 1 else Several(facts)

    def _asked_the_same(self, node: Node, row: ObservationRow, above: set[Node]) -> bool:
        """Whether its target was the same then, where that follows from other definitions."""
        template = node.definition.template
        if not template.references:
            return True
        if node in above:
            return False
        page = node.definition.page

        def find(reference: Reference) -> Any:  # noqa: ANN401  # facts
            return self._facts(self._plan.node(page, reference), row, reference, {*above, node})

        try:
            then = template.fill(find)
        except (EmptyReference, KeyError):
            return False
        return then == [one.target for figure in node.figures or [] if (one := figure.asked)]

    def _near(self, figure: Figure, row: ObservationRow) -> ObservationRow | None:
        """What one place saw at about the time of a row that may be another place's."""
        return self._line(figure).near(row, round(self._plan.window * 1000))

    def _line(self, figure: Figure) -> "_AnswerLog":
        if figure not in self._lines:
            self._lines[figure] = _AnswerLog(self._recall.timeline(figure))
        return self._lines[figure]


class _AnswerLog:
    """One question's answers, to be found by run and by time."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        rows = timeline.answered_rows()
        self._every = sorted(timeline.rows, key=_start)
        self._of_run = {row.run: row for row in rows}
        self._rows = sorted(rows, key=_start)
        self._starts = [row.start for row in self._rows]

    def near(self, row: ObservationRow, window: int) -> ObservationRow | None:
        """The observation nearest in time, answered or not; None beyond ``window`` milliseconds."""
        at = bisect_right(self._every, row.start, key=_start)
        nearest = self._every[max(0, at - 1) : at + 1]
        best = min(nearest, key=lambda one: abs(one.start - row.start), default=None)
        return best if best and abs(best.start - row.start) <= window else None

    def answered(self, row: ObservationRow) -> ObservationRow | None:
        """The answer of the same run, else the last one before."""
        if row.run in self._of_run:
            return self._of_run[row.run]
        at = bisect_right(self._starts, row.start)
        return self._rows[at - 1] if at else None
