"""What the ledger has of a figure's question: the last observations, and which may stand for it."""

from collections.abc import Iterator

from sotokara.core.mistakes import AuthorError
from sotokara.core.observation import Failure, Observation
from sotokara.core.settings import Settings
from sotokara.definitions.definition import Definition
from sotokara.engine.figure import Figure
from sotokara.engine.pins import pinned
from sotokara.engine.vantage import Places
from sotokara.ledger import Ledger, Seen, Shows, age

_REMEMBERED = 50
"""Observations of one question that a kind is told of."""


class Recall:
    """What one build remembers. ``mistakes``: where a pin that names nothing is added."""

    def __init__(self, settings: Settings, ledger: Ledger, mistakes: list[AuthorError]) -> None:
        self._settings, self._ledger, self._mistakes = settings, ledger, mistakes
        self._places = Places(settings, ledger)

    def seen(self, figure: Figure) -> Seen | None:
        """What the ledger has of a figure's question, from the place that it is shown from.

        A pinned definition has its one observation, whatever came after.
        """
        if figure.node.definition.common.pin:
            return pinned(self._ledger, figure, self.shows(figure), self._mistakes)
        return self._ledger.seen(figure.digest, self.shows(figure))

    def last_answered(self, figure: Figure) -> Observation | None:
        """The last answer to a figure's question, with its raw."""
        seen = self.seen(figure)
        if seen is None or seen.answered is None:
            return None
        return self._ledger.observation(seen.answered, raw=True)

    def shows(self, figure: Figure) -> Shows:
        """Whether evidence from a vantage may stand for a figure: from its own ``place`` alone."""
        place = self.place(figure)
        return lambda vantage: vantage == place

    def place(self, figure: Figure, fresh: Observation | None = None) -> str:
        """The vantage that a figure is shown from, and that it compares within (see vantage.py)."""
        return self._places.of(figure, fresh)

    def unknown_places(self, definition: Definition) -> Iterator[AuthorError]:
        """The author's mistakes in the places that a definition names."""
        for what, hint in self._places.unknown(definition.places):
            yield AuthorError(definition.page, definition.line, what, hint)

    def fits(self, figure: Figure, observation: Observation) -> bool:
        """Whether what this build has measured is to be shown in a figure.

        A page that speaks of the present says so too where we could not measure.
        """
        if figure.node.definition.written is None:
            return True
        return self.place(figure, observation) == observation.vantage.name

    def young(self, figure: Figure, seen: Seen, most: float) -> bool:
        """Whether a question need not be asked again: it was asked of late, from there or here."""
        if age(seen.last) <= most:
            return True
        if figure.place:
            return False
        own = self._ledger.seen(figure.digest, lambda one: one == self._settings.vantage)
        return own is not None and age(own.last) <= most

    def remembered(self, figure: Figure) -> list[Observation]:
        """The last observations of a question whose kind builds on them, with their raw.

        From any vantage and of any outcome: a message sent to somebody stays sent, however the
        builds after it went.
        """
        if figure.question is None or not figure.question.remembers():
            return []
        entries = self._ledger.index.entries(figure.digest)[-_REMEMBERED:]
        return [self._ledger.observation(self._ledger.line(one), raw=True) for one in entries]

    def show(self, figure: Figure, seen: Seen | None) -> None:
        """Give a figure what the ledger has."""
        if seen is None:
            figure.failure = Failure("never_observed")
            return
        definition = figure.node.definition
        raw = definition.style in definition.kind.from_raw
        figure.now = self._ledger.observation(seen.last, raw=raw)
        if seen.answered and seen.answered is not seen.last:
            figure.last = self._ledger.observation(seen.answered, raw=raw)
