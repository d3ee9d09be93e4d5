"""The figure of several places: what each saw, equal answers together, its own figure behind it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from markupsafe import Markup

from sotokara.core.display import visible
from sotokara.core.observation import Facts, Observation, Outcome
from sotokara.core.places import AnyPlace, AtlasPlace, outside_window
from sotokara.engine.figure import Figure
from sotokara.findings.fields import changed_fields, value_text
from sotokara.kinds.interface import Kind
from sotokara.render.findings_view import span
from sotokara.render.whence import place_of
from sotokara.render.worldmap import (
    CROSS,
    RING,
    SHAPES,
    Spot,
    legend,
    middle_of,
    world_map,
)

_LONGEST = 160
"""Characters of what a place saw, in its row; its own figure has all."""
Words = dict[str, str]


class PlaceFigure(NamedTuple):
    """One place and its own figure: the variables of that figure's template."""

    figure: Figure
    shown: Mapping[str, Any]

    @property
    def now(self) -> Observation | None:
        """What was observed there this time; an earlier answer is not put beside the others."""
        return self.figure.now

    @property
    def facts(self) -> Facts | None:
        """The facts of an answer."""
        if self.shown["failure"] or self.now is None or self.now.origin == "others":
            return None
        return self.now.facts


class AgreeingPlaces(NamedTuple):
    """Places that say the same."""

    places: list[str]
    outcome: str
    sign: Markup
    said: str


def by_target(figures: Sequence[PlaceFigure]) -> list[list[PlaceFigure]]:
    """The places of each target, in the order of the definition."""
    found: dict[str, list[PlaceFigure]] = {}
    for one in figures:
        found.setdefault(one.figure.target, []).append(one)
    return list(found.values())


def places_view(
    seen: Sequence[PlaceFigure],
    window: float,
    words: Words,
    places: Mapping[str, AnyPlace] = {},
) -> dict[str, Any]:
    """The template's variables for one target at several places.

    ``places``: as the settings have them, for the map.
    """
    groups = _groups(seen, words)
    shapes = dict(_shapes(groups))
    mapped, unmapped = _map(seen, shapes, places)
    of = len(seen)
    first = seen[0].shown
    starts = [one.now.start for one in seen if one.now]
    one_day = len({start.date() for start in starts}) == 1
    return {
        "kind": first["kind"],
        "title": first["title"],
        "target": first["target"],
        "anchor": first["anchor"],
        "words": words,
        "groups": [
            {
                "outcome": group.outcome,
                "sign": group.sign,
                "mark": legend(shapes[group.places[0]]) if mapped else None,
                "said": group.said,
                "count": words["of_places"].format(n=len(group.places), of=of),
                "places": words["list_join"].join(group.places),
            }
            for group in groups
        ],
        "rows": [
            {
                **_row(one, groups, words, one_day=one_day),
                "mark": legend(shapes[visible(one.figure.place)]) if mapped else None,
            }
            for one in seen
        ],
        "claims": [
            claim
            for one in seen
            for claim in one.shown["findings"].get("claims", ())
            if claim["over"]
        ],
        "when": _when(starts, words),
        "late": _late(seen, window, words),
        "map": mapped,
        "unmapped": words["list_join"].join(unmapped) if mapped else "",
    }


def _shapes(groups: Sequence[AgreeingPlaces]) -> Iterator[tuple[str, str]]:
    """The mark of each place: one for each thing that was said, one for silences, one for us."""
    answered = 0
    for group in groups:
        if group.outcome == Outcome.NO_ANSWER:
            shape = RING
        elif group.outcome == Outcome.NOT_MEASURED:
            shape = CROSS
        else:
            shape = SHAPES[min(answered, len(SHAPES) - 1)]
            answered += 1
        yield from ((place, shape) for place in group.places)


def _map(
    seen: Sequence[PlaceFigure], shapes: Mapping[str, str], places: Mapping[str, AnyPlace]
) -> tuple[dict[str, Any] | None, list[str]]:
    """The map's variables, and the places that are nowhere on it."""
    spots, unmapped = [], []
    for one in seen:
        name = visible(one.figure.place)
        if found := _where(one, places.get(one.figure.place)):
            spots.append(Spot(name, *found, shapes[name]))
        else:
            unmapped.append(name)
    return world_map(spots), unmapped


def _where(one: PlaceFigure, place: AnyPlace | None) -> tuple[float, float] | None:
    """Where a place is: as its author says, else in the middle of the country that is known."""
    if place is not None and place.at is not None:
        return place.at[0], place.at[1]
    country = one.now.vantage.country if one.now else ""
    country = country or (place.country if isinstance(place, AtlasPlace) else "")
    return middle_of(country) if country else None


def _groups(seen: Sequence[PlaceFigure], words: Words) -> list[AgreeingPlaces]:
    """Equal answers together, the most frequent first; then silences, then the unmeasured."""
    kind = seen[0].figure.node.definition.kind
    alike: list[list[PlaceFigure]] = []
    for one in seen:
        near = next((group for group in alike if _same(kind, group[0], one)), None)
        if near is None:
            alike.append([one])
        else:
            near.append(one)
    order = [outcome.value for outcome in Outcome]
    alike.sort(key=lambda group: (order.index(group[0].shown["outcome"]), -len(group)))
    groups = []
    for group in alike:
        shown = group[0].shown
        names = [visible(one.figure.place) for one in group]
        said = _said(kind, group[0], alike, words)
        groups.append(AgreeingPlaces(names, shown["outcome"], shown["sign"], said))
    return groups


def _same(kind: type[Kind], one: PlaceFigure, other: PlaceFigure) -> bool:
    if one.facts is None or other.facts is None:
        failures = [seen.shown["failure"] for seen in (one, other)]
        names = [failure.name if failure else "" for failure in failures]
        return one.facts is other.facts and names[0] == names[1]
    return kind.same(one.facts, other.facts)


def _said(
    kind: type[Kind], one: PlaceFigure, alike: Sequence[Sequence[PlaceFigure]], words: Words
) -> str:
    """What a group says in short; what tells it from the first one where that is not enough."""
    if one.facts is None:
        return str(one.shown["why"] or words["not_measured"])
    said = gist(kind, one.facts, words)
    first = alike[0][0]
    if first is one or first.facts is None or gist(kind, first.facts, words) != said:
        return said
    fields = changed_fields(kind, first.facts, one.facts)
    more = "; ".join(f"{field.path}: {field.after or words['none']}" for field in fields[:3])
    return _short(f"{said} ({more})")


def gist(kind: type[Kind], facts: Facts, words: Words) -> str:
    """An answer in a few words: the first of the kind's telling facts that holds something."""
    for name in kind.gist:
        if said := value_text(msgspec.to_builtins(getattr(facts, name))):
            return _short(said)
    return kind.headline(facts, None, words)


def _short(said: str) -> str:
    said = visible(said)
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _row(
    one: PlaceFigure, groups: Sequence[AgreeingPlaces], words: Words, *, one_day: bool
) -> dict[str, Any]:
    place = visible(one.figure.place)
    group = next(group for group in groups if place in group.places)
    shown = one.shown
    return {
        "place": place,
        "by": place_of(one.now, words) if one.now else "",
        "outcome": shown["outcome"],
        "sign": shown["sign"],
        "headline": shown["headline"],
        "said": "" if group.said == shown["headline"] else group.said,
        "time": f"{one.now.start:{'%H:%M:%S' if one_day else '%Y-%m-%d %H:%M:%S'}}"
        if one.now
        else "–",
    }


def _second(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def _when(starts: Sequence[datetime], words: Words) -> str:
    """From when to when the places were asked."""
    if not starts:
        return ""
    first, last = min(starts), max(starts)
    seconds = (last - first).total_seconds()
    return words["asked_within"].format(span=span(seconds, words), time=_second(first))


def _late(seen: Sequence[PlaceFigure], window: float, words: Words) -> str:
    """Which places were asked at another time than the last one."""
    asked = [one for one in seen if one.now]
    numbers = outside_window([one.now.start.timestamp() for one in asked if one.now], window)
    if not numbers:
        return ""
    places = words["list_join"].join(visible(asked[number].figure.place) for number in numbers)
    return words["asked_apart"].format(places=places, minutes=f"{window / 60:g}")
