"""A figure's past: what its place (``page#id``) has asked, each question for as long as it did.

A place may change its question: another option, a corrected target, a masked one. Whatever it has
asked is its own past; of each question only the time in which this place asked it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sotokara.ledger.index import Index, Shows
from sotokara.ledger.turns import ObservationRow


class NamedSpan(NamedTuple):
    """A name that a place had, from when to when (milliseconds since 1970)."""

    name: str
    since: int = 0
    until: int = 1 << 60


class Identity(NamedTuple):
    """Whose past is wanted: the question of today, the place's names, what counts as its own.

    ``own``: whether a former question was this figure's; ``alike``: whether it was of its target.
    """

    question: str
    places: Sequence[NamedSpan] = ()
    own: Callable[[str], bool] = lambda _: False
    alike: Callable[[str], bool] = lambda _: False


def former(index: Index, who: Identity) -> set[str]:
    """The other questions that a place has asked, and that are its own."""
    if not who.places:
        return set()
    asked = index.asked({one.name for one in who.places}) - {who.question}
    return set(filter(who.own, asked))


def figure_rows(
    index: Index, who: Identity, shows: Shows
) -> tuple[list[ObservationRow], dict[int, str]]:
    """Every row of a figure in order, and the digests of its former questions by their numbers.

    Rows of the question of today have the number 0.
    """
    others = former(index, who)
    if not others:
        return list(map(ObservationRow._make, index.rows(who.question, shows))), {}
    rows, names, cites = index.rows_of_places([who.question, *sorted(others)], shows)
    ours = {number for number, places in cites.items() if _ours(places, who.places)}
    mine = [at for at, row in enumerate(rows) if row[8] in ours and _then(row, cites, who.places)]
    if _several(rows, mine):  # a list once made a figure of each of its elements
        kept = {number for number, name in names.items() if who.alike(name)}
        rows = [row for row in rows if row[7] in kept or names[row[7]] == who.question]
        mine = [at for at, row in enumerate(rows) if row[8] in ours]
    today = next((number for number, name in names.items() if name == who.question), 0)
    found = []
    for at, row in enumerate(rows):
        end = bisect_left(mine, at)
        asking = rows[mine[end]][7] if end < len(mine) else today
        if row[7] == asking:
            found.append(ObservationRow._make((*row[:7], 0 if row[7] == today else row[7])))
    return found, {number: name for number, name in names.items() if number != today}


def _ours(cited: Iterable[str], places: Iterable[NamedSpan]) -> bool:
    return not {one.name for one in places}.isdisjoint(cited)


def _then(row: Sequence[int], cites: Mapping[int, list[str]], places: Iterable[NamedSpan]) -> bool:
    """Whether the place had this name when it asked."""
    cited = cites[row[8]]
    return any(one.name in cited and one.since <= row[0] < one.until for one in places)


def _several(rows: Sequence[Sequence[int]], mine: Iterable[int]) -> bool:
    """Whether the place has asked several questions in one run."""
    of_run: dict[int, int] = {}
    return any(of_run.setdefault(rows[at][5], rows[at][7]) != rows[at][7] for at in mine)
