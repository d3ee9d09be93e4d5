"""What a reference to a definition of several figures is: of several targets, of several places."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from sotokara.core.expressions import EmptyReference, OpenReference
from sotokara.core.observation import Observation, Outcome
from sotokara.core.places import outside_window
from sotokara.engine.figure import Figure, Node
from sotokara.kinds.interface import Kind

OF_PLACES = ("places", "agree", "seeing", "lacking")
"""What a definition of several places has beside its kind's fields."""


class Several:
    """The facts of a definition that fanned out: each field joined over all its elements."""

    def __init__(self, every: Sequence[Any]) -> None:
        self._every = every

    def __getattr__(self, field: str) -> list[Any]:
        if field.startswith("_"):
            raise AttributeError(field)
        values = [getattr(one, field) for one in self._every]
        lists = [value if isinstance(value, list) else [value] for value in values]
        return list(dict.fromkeys(element for one in lists for element in one))


def combine_facts(every: Sequence[Any]) -> Any:  # noqa: ANN401  # facts, or those of several
    """The facts of one figure, or of several together."""
    return every[0] if len(every) == 1 else Several(every)


class AtPlace(msgspec.Struct, frozen=True):
    """How one definition came out at one place: the facts of its figures, and the outcome."""

    outcome: Outcome
    facts: tuple[Any, ...] = ()
    why: str = ""
    """The failure's name, where there is one."""
    start: float = 0.0
    """When it was asked, in seconds since 1970."""

    @property
    def value(self) -> Any:  # noqa: ANN401  # facts
        """The facts as one value."""
        return combine_facts(self.facts)


class AtPlaces:
    """A definition measured at several places: ``places``, ``agree``, and what all agree on.

    A field of the facts is there where every place has answered and says the same; otherwise a
    reference to it is open, and the text says between which places.
    """

    def __init__(
        self, name: str, kind: type[Kind], found: Mapping[str, AtPlace], window: float
    ) -> None:
        self._name, self._kind, self._found, self._window = name, kind, found, window
        self.places = {place: one.value for place, one in found.items() if one.facts}
        """The facts of each place that has answered, by its name."""

    @property
    def agree(self) -> bool:
        """Whether all places say the same.

        :raises EmptyReference: where one was not measured: what is not known is no agreement.
        """
        self._whole("agree")
        every = list(self._found.values())
        return all(self._same(every[0], one) for one in every[1:])

    def seeing(self, value: object) -> list[str]:
        """The places in whose facts a value stands."""
        return [place for place, one in self._found.items() if _holds(one, value)]

    def lacking(self, value: object) -> list[str]:
        """The places that have answered, and in whose facts a value does not stand."""
        return [place for place, one in self._found.items() if one.facts and not _holds(one, value)]

    def __getattr__(self, field: str) -> Any:  # noqa: ANN401  # a fact
        if field.startswith("_") or field not in self._kind.facts.__struct_fields__:
            raise AttributeError(field)
        self._whole(field)
        seen = {place: getattr(one.value, field) for place, one in self._found.items()}
        values = list(seen.values())
        if all(value == values[0] for value in values[1:]):
            return values[0]
        said = "; ".join(f"{place}: {_text(value)}" for place, value in seen.items())
        raise OpenReference(f"{self._name}.{field} is not the same at all places: {said}")

    def _whole(self, field: str) -> None:
        """:raises OpenReference: where not every place has what is asked for."""
        for place, one in self._found.items():
            unmeasured = one.outcome is Outcome.NOT_MEASURED
            if unmeasured or (field != "agree" and not one.facts):
                why = f"{self._name}.{field} is open: {place} has no answer ({one.why})"
                raise OpenReference(why, one.outcome)
        starts = [one.start for one in self._found.values()]
        if late := outside_window(starts, self._window):
            places = ", ".join(list(self._found)[number] for number in late)
            raise OpenReference(f"{self._name}.{field} is open: {places} was asked at another time")

    def _same(self, one: AtPlace, other: AtPlace) -> bool:
        if (one.outcome, one.why, len(one.facts)) != (other.outcome, other.why, len(other.facts)):
            return False
        return all(map(self._kind.same, one.facts, other.facts))


Pick = Callable[[Figure], Observation | None]
"""The observation of a figure that counts."""


def of_places(node: Node, pick: Pick, name: str, window: float) -> AtPlaces:
    """The value of a definition of several places; ``window``: seconds that they may lie apart.

    Each place counts with what ``pick`` gives of it, never with an earlier answer: what is put
    side by side is of one time.

    :raises EmptyReference: where no place has answered.
    """
    found: dict[str, AtPlace] = {}
    for place in node.definition.places:
        figures = [one for one in node.figures or [] if one.place == place]
        found[place] = _at(figures, pick)
    if not any(one.facts for one in found.values()):
        why = ", ".join(f"{place}: {one.why}" for place, one in found.items())
        silent = any(one.outcome is Outcome.NO_ANSWER for one in found.values())
        outcome = Outcome.NO_ANSWER if silent else Outcome.NOT_MEASURED
        raise EmptyReference(f"{name} gave nothing at any place ({why})", outcome)
    return AtPlaces(name, node.definition.kind, found, window)


def _at(figures: Sequence[Figure], pick: Pick) -> AtPlace:
    """One place's figures together: an answer is one where each has answered."""
    seen = [pick(figure) for figure in figures]
    start = min((one.start.timestamp() for one in seen if one), default=0.0)
    for figure, one in zip(figures, seen, strict=True):
        failure = figure.failure or (one.failure if one else None)
        if failure is not None:
            return AtPlace(failure.outcome, why=failure.name, start=start)
        if one is None or one.facts is None or one.origin == "others":
            why = "by_others" if one and one.origin == "others" else "not_measured"
            return AtPlace(Outcome.NOT_MEASURED, why=why, start=start)
    return AtPlace(Outcome.ANSWERED, tuple(one.facts for one in seen if one), start=start)


def _holds(one: AtPlace, value: object) -> bool:
    return any(value == held for facts in one.facts for held in _values(msgspec.to_builtins(facts)))


def _values(plain: Any) -> Iterator[Any]:  # noqa: ANN401  # plain JSON
    """Every value in facts, at whatever depth."""
    waiting = [plain]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list | tuple):
            waiting += one
        else:
            yield one


def _text(value: Any) -> str:  # noqa: ANN401  # a fact
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
