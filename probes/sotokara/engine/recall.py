"""What the ledger has of a figure's question: the last observations, and which may stand for it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import msgspec

from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import Facts, Failure, Observation, Reading
from sotokara.core.places import engine_of, history_of
from sotokara.core.settings import Settings
from sotokara.definitions.definition import Definition
from sotokara.engine.figure import Figure
from sotokara.engine.pins import pinned
from sotokara.engine.vantage import Places
from sotokara.kinds.interface import Kind
from sotokara.ledger import Ledger, QuestionState, Shows, age
from sotokara.ledger.drafts import Drafts
from sotokara.ledger.identity import Identity
from sotokara.ledger.timeline import FormerQuestion, Timeline
from sotokara.masking.redaction import Redactor, redactor

_REMEMBERED = 50
"""Observations of one question that a kind is told of."""
_ALIKE = 4096
"""Facts whose masked form is kept at hand."""


_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def _of_page(
    method: "Callable[Concatenate[Recall, Figure, _Given], _Found]",
) -> "Callable[Concatenate[Recall, Figure, _Given], _Found]":
    """The method of whatever remembers the figure's page."""

    @wraps(method)
    def chosen(
        self: "Recall", figure: Figure, *given: _Given.args, **named: _Given.kwargs
    ) -> _Found:
        return method(self.of(figure), figure, *given, **named)

    return cast("Callable[Concatenate[Recall, Figure, _Given], _Found]", chosen)


class Recall:
    """What one build remembers. ``mistakes``: where a pin that names nothing is added."""

    def __init__(
        self,
        settings: Settings,
        ledger: Ledger,
        mistakes: list[AuthorError],
        drafts: Drafts | None = None,
    ) -> None:
        self._settings, self._ledger, self._mistakes = settings, ledger, mistakes
        self._drafts, self._of_drafts = drafts, dict[str, Recall]()
        self._places = Places(settings, ledger, self.identity)
        self._histories: dict[str, str] = {}
        self._alike: dict[tuple[int, int], tuple[Redactor, Facts, Facts]] = {}
        """Facts that were masked, by who they are; they are kept here, so that they stay who."""

    def of(self, figure: Figure) -> "Recall":
        """What remembers a figure: a page that is not published has evidence of its own."""
        definition = figure.node.definition
        if self._drafts is None or not definition.unpublished:
            return self
        if definition.page not in self._of_drafts:
            ledger = self._drafts.ledger(definition.page)
            self._of_drafts[definition.page] = Recall(self._settings, ledger, self._mistakes)
        return self._of_drafts[definition.page]

    @_of_page
    def seen(self, figure: Figure) -> QuestionState | None:
        """What the ledger has of a figure's question, from the place that it is shown from.

        A pinned definition has its one observation, whatever came after.
        """
        if figure.node.definition.common.pin:
            return pinned(self._ledger, figure, self.timeline(figure), self._mistakes)
        return self._ledger.seen(figure.digest, self.shows(figure))

    @_of_page
    def last_answered(self, figure: Figure) -> Observation | None:
        """The last answer to a figure's question, with its raw."""
        seen = self.seen(figure)
        if seen is None or seen.answered is None:
            return None
        return self._ledger.observation(seen.answered, raw=True)

    @_of_page
    def identity(self, figure: Figure) -> Identity:
        """Whose past a figure has: that of its place where it has an id, else of its question."""
        node = figure.node
        if not node.definition.id:
            return Identity(figure.digest)
        several = len({one.target for one in node.figures or []}) > 1

        def alike(question: str) -> bool:
            found = self._ledger.definition(question)
            return found is not None and self.target_alike(figure, *found)

        def own(question: str) -> bool:
            found = self._ledger.definition(question)
            if found is None or found[0] != node.definition.kind.name:
                return False
            return not several or alike(question)

        places = self._ledger.places(node.definition.place)
        return Identity(figure.digest, places, own, alike)

    def target_alike(self, figure: Figure, kind: str, definition: Mapping[str, Any]) -> bool:
        """Whether a former question was about the figure's target, which may be masked by now."""
        now = figure.identity.get(kind)
        then = definition.get(kind)
        if now == then or not isinstance(then, str):
            return now == then
        return self._redactor(figure).text(then) == now

    def _redactor(self, figure: Figure) -> Redactor:
        return redactor((*self._settings.redact, *figure.node.definition.hidden))

    def hides(self, figure: Figure) -> Redactor | None:
        """What masks what is hidden of a figure today; None where nothing is."""
        if not self._settings.redact and not figure.node.definition.hidden:
            return None
        return self._redactor(figure)

    def without_hidden(self, figure: Figure, facts: Facts | None) -> Facts | None:
        """Facts for a comparison: what is hidden today is hidden in all of them, in one form."""
        masks = self.hides(figure)
        if masks is None or facts is None:
            return facts
        key = id(masks), id(facts)
        if key not in self._alike:  # a figure's rows share few facts, and are compared often
            if len(self._alike) >= _ALIKE:
                self._alike.clear()
            self._alike[key] = masks, facts, masks.alike(facts)
        return self._alike[key][2]

    def masked(self, figure: Figure, observation: Observation) -> Observation:
        """An observation without what is hidden today: it was kept before that was."""
        masks = self.hides(figure)
        if masks is None:
            return observation
        facts = masks.reading(Reading(observation.facts)).facts
        exchanges = tuple(map(masks.exchange, observation.exchanges))
        return msgspec.structs.replace(observation, facts=facts, exchanges=exchanges)

    def asked_before(self, figure: Figure, timeline: Timeline) -> list[FormerQuestion]:
        """The questions that a figure's place asked before, without what is hidden today."""
        former = timeline.former()
        mask = self._redactor(figure).plain if former else None
        return [one._replace(definition=mask(one.definition)) for one in former if mask]

    @_of_page
    def timeline(self, figure: Figure) -> Timeline:
        """All observations of a figure, from the place that it is shown from.

        :raises LedgerError: when the evidence cannot be read.
        """
        return Timeline(self._ledger, self.identity(figure), self.shows(figure))

    def former(self, figure: Figure, asked: tuple[str, Mapping[str, Any]]) -> Kind | None:
        """A former question of a figure with the target of today; None where it had another one."""
        kind, definition = asked
        if figure.question is None or not self.target_alike(figure, kind, definition):
            return None
        return question_of(figure, definition)

    @_of_page
    def unread_since(self, figure: Figure) -> list[datetime]:
        """When a figure's question was asked, later than what it shows, in lines not to be read."""
        shown = figure.now or figure.last
        since = round(shown.start.timestamp() * 1000) if shown else 0
        return [when for when, _ in self._ledger.index.unread_of(figure.digest, since)]

    @_of_page
    def shows(self, figure: Figure) -> Shows:
        """Whether evidence may stand for a figure: from its own ``place`` alone.

        And of the engine that measures there: a place that has another one by now begins anew.
        """
        history = self._history(self.place(figure))
        return lambda one: one == history

    def _history(self, place: str) -> str:
        if place not in self._histories:
            if known := self._settings.places.get(place):
                found = history_of(place, engine_of(known))
            else:  # it is named no more; or it is this build's own
                own = place == self._settings.vantage
                found = place if own else self._ledger.index.history(place)
            self._histories[place] = found
        return self._histories[place]

    @_of_page
    def place(self, figure: Figure, fresh: Observation | None = None) -> str:
        """The vantage that a figure is shown from, and that it compares within (see vantage.py)."""
        return self._places.of(figure, fresh)

    def unknown_places(self, definition: Definition) -> Iterator[AuthorError]:
        """The author's mistakes in the places that a definition names."""
        places = self._places
        for what, hint in (*places.unknown(definition.places), *places.no_crowd(definition)):
            yield AuthorError(definition.page, definition.line, what, hint)

    def fits(self, figure: Figure, observation: Observation) -> bool:
        """Whether what this build has measured is to be shown in a figure.

        A page that speaks of the present says so too where we could not measure.
        """
        if figure.node.definition.written is None:
            return True
        return self.place(figure, observation) == observation.vantage.name

    @_of_page
    def young(self, figure: Figure, seen: QuestionState, most: float) -> bool:
        """Whether a question need not be asked again: it was asked of late, from there or here."""
        if age(seen.last) <= most:
            return True
        if figure.place:
            return False
        own = self._ledger.seen(figure.digest, lambda one: one == self._settings.vantage)
        return own is not None and age(own.last) <= most

    @_of_page
    def remembered(self, figure: Figure) -> list[Observation]:
        """The last observations of a question whose kind builds on them, with their raw.

        From any vantage and of any outcome: a message sent to somebody stays sent, however the
        builds after it went.
        """
        if figure.question is None or not figure.question.remembers():
            return []
        entries = self._ledger.index.entries(figure.digest)[-_REMEMBERED:]
        return [self._ledger.observation(self._ledger.line(one), raw=True) for one in entries]

    @_of_page
    def show(self, figure: Figure, seen: QuestionState | None) -> None:
        """Give a figure what the ledger has."""
        if seen is None:
            figure.failure = Failure("never_observed")
            return
        definition = figure.node.definition
        raw = definition.style in definition.kind.from_raw
        figure.now = self._ledger.observation(seen.last, raw=raw)
        if seen.answered and seen.answered is not seen.last:
            figure.last = self._ledger.observation(seen.answered, raw=raw)
        elif figure.now.failure and figure.now.failure.name == "evidence_unreadable":
            timeline = self.timeline(figure)
            for row in timeline.answered()[-1:]:  # the newest one that can be read
                figure.last = timeline.observation(row, raw=raw)
        figure.now = self.masked(figure, figure.now)
        figure.last = figure.last and self.masked(figure, figure.last)
        if definition.unpublished:  # it has no page yet
            figure.now = msgspec.structs.replace(figure.now, id="")
            figure.last = figure.last and msgspec.structs.replace(figure.last, id="")


def question_of(figure: Figure, definition: Mapping[str, Any]) -> Kind | None:
    """A question as it was kept; None where it is none today.

    It is about what it was about then, which may be another name than today's. Where the target is
    hidden, before or since, it is the figure's own, masked one.
    """
    kind = figure.node.definition.kind
    options = {key: one for key, one in definition.items() if key not in (kind.name, "redacted")}
    target = definition.get(kind.name)
    hidden = bool(figure.node.definition.hidden) or "redacted" in definition
    if hidden or not isinstance(target, str):
        target = getattr(figure.question, "target", "")
    try:
        return msgspec.convert({"target": target, **options}, kind)
    except msgspec.ValidationError:
        return None
