"""From which place a figure is shown: what compares over time compares within one vantage."""

import difflib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sotokara.core.observation import Observation, Outcome
from sotokara.core.places import TEST_NETWORKS, AtlasPlace, GlobalpingPlace, named_places
from sotokara.core.said import said
from sotokara.core.settings import Settings
from sotokara.definitions.definition import Definition
from sotokara.engine.figure import Figure
from sotokara.ledger import Ledger
from sotokara.ledger.identity import Identity, former
from sotokara.ledger.index import AnswersAround

_NEVER = 1 << 60
SEVERAL = 2


def day_of(written: date | None) -> tuple[int, int]:
    """The beginning and the end of an article's day (UTC), in milliseconds.

    Of a page without a day both lie beyond every observation.
    """
    if written is None:
        return _NEVER, _NEVER
    morning = datetime.combine(written, time(), UTC)
    return tuple(  # type: ignore[return-value]
        round(one.timestamp() * 1000) for one in (morning, morning + timedelta(days=1))
    )


def place_of_day(answers: Sequence[AnswersAround]) -> str:
    """The vantage of an article's day; empty where nothing has answered anywhere.

    The first that had an answer on that day: a build elsewhere an hour later changes nothing.
    Else the last one before that day, else the first one after it.
    """
    on = [(one.on, one.vantage) for one in answers if one.on is not None]
    before = [(one.before, one.vantage) for one in answers if one.before is not None]
    after = [(one.after, one.vantage) for one in answers if one.after is not None]
    if on:
        return min(on)[1]
    if before:
        return max(before)[1]
    return min(after)[1] if after else ""


def with_fresh(
    answers: Sequence[AnswersAround], fresh: Observation, day: tuple[int, int]
) -> list[AnswersAround]:
    """The same with an answer of this build, which the index need not know yet."""
    start = round(fresh.start.timestamp() * 1000)
    name = fresh.vantage.name
    if start < day[0]:
        return [*answers, AnswersAround(name, start, None, None)]
    return [
        *answers,
        AnswersAround(name, None, *((start, None) if start < day[1] else (None, start))),
    ]


class Places:
    """The vantages that one build's figures are shown from."""

    def __init__(
        self, settings: Settings, ledger: Ledger, identity: Callable[[Figure], Identity]
    ) -> None:
        self._settings, self._ledger, self._identity = settings, ledger, identity
        self._others: set[str] | None = None
        self._known: set[str] | None = None

    def unknown(self, named: Sequence[str]) -> Iterator[tuple[str, str]]:
        """The places that are neither set nor in the evidence: which, and how to mend it.

        Where the settings name no place at all, one alone may be a build elsewhere, yet to come.
        """
        settings = self._settings
        if len(named) < SEVERAL and not settings.places:
            return
        if self._known is None:
            named_there = named_places(settings.places, settings.vantage)
            self._known = named_there | self._ledger.index.vantages()
        for name in named:
            if name not in self._known:
                close = difflib.get_close_matches(name, self._known, 1)
                listed = said(
                    "name it in the setting places; known: {}", ", ".join(sorted(self._known))
                )
                yield (
                    said("no place is called {!r}", name),
                    said("did you mean {!r}?", close[0]) if close else listed,
                )

    def no_crowd(self, definition: Definition) -> Iterator[tuple[str, str]]:
        """The place of a platform that many subjects are to be asked from: which, what to do."""
        for name in definition.places if definition.each is not None else ():
            if isinstance(self._settings.places.get(name), GlobalpingPlace | AtlasPlace):
                yield (
                    said("each asks many, and {!r} is a place of a platform", name),
                    said("leave from out, or name a host of yours (engine: dask)"),
                )

    def of(self, figure: Figure, fresh: Observation | None = None) -> str:
        """The vantage that a figure is shown from, and that it compares within.

        The one that its definition names; else that of its article's day. A page without a date
        speaks of the present: from here, or where nothing was answered here from where it last was.
        What was seen in a test network is shown there alone, and there nothing else is: the same
        names and addresses are others'. ``fresh``: an answer that the ledger need not have yet.
        """
        definition, own = figure.node.definition, self._settings.vantage
        hidden = TEST_NETWORKS
        if figure.place or own in hidden:
            return figure.place or own
        if self._others is None:
            self._others = self._ledger.index.vantages() - {*hidden, own}
        if not self._others:
            return own
        day = day_of(definition.written)
        index, who = self._ledger.index, self._identity(figure)
        answers = index.answers(figure.digest, day)
        names = [one.name for one in who.places]
        for question in sorted(former(index, who)):
            answers += index.answers(question, day, names)
        answers = [one for one in answers if one.vantage not in hidden]
        if fresh is not None and fresh.outcome is Outcome.ANSWERED:
            answers = with_fresh(answers, fresh, day)
        if definition.written is None and any(one.vantage == own for one in answers):
            return own
        return place_of_day(answers) or own
