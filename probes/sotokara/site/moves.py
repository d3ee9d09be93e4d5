"""Articles that were moved: a page that is gone, and one that asks what it asked."""

import re
from collections.abc import Iterable, Mapping

from sotokara.core.observation import now
from sotokara.engine.figure import Node
from sotokara.engine.plan import Plan
from sotokara.ledger import Ledger
from sotokara.ledger.published import Move, append_entries, moved, present_name


def _page(place: str) -> str:
    return place.rpartition("#")[0]


def noticed(plan: Plan, ledger: Ledger, pages: Iterable[str]) -> list[Move]:
    """The moves that the definitions tell: one page is gone, one alone has all that it is known by.

    ``pages``: all that the site has. A new page is taken for the one that is gone where each of
    its questions was asked there, under the same id.
    """
    if not (ledger.folder / "runs").is_dir():
        return []
    here = set(pages)
    asked: dict[str, dict[str, str]] = {}
    for place in ledger.index.places():
        today = present_name(place, 0, ledger.moves)  # it may have been moved since it was asked
        asked.setdefault(_page(today), {})[place] = today
    gone = {page: places for page, places in asked.items() if page not in here}
    new = here - asked.keys()
    if not gone or not new:
        return []
    before = {page: _by_id(ledger, places) for page, places in gone.items()}
    found = [
        (old, page)
        for page in sorted(new)
        if (nodes := plan.on_page(page))
        for old, questions in before.items()
        if _asks_the_same(nodes, questions)
    ]
    once = [pair for pair in found if _alone(pair, found)]
    moment = round(now().timestamp() * 1000)
    return [Move(old, page, moment) for old, page in once]


def _alone(pair: tuple[str, str], found: list[tuple[str, str]]) -> bool:
    return all(pair == one or (pair[0] != one[0] and pair[1] != one[1]) for one in found)


def _by_id(ledger: Ledger, places: Mapping[str, str]) -> dict[str, set[str]]:
    """What a page's places have asked, by their ids of today; those without one together.

    ``places``: as they were called then → today.
    """
    found: dict[str, set[str]] = {"": set()}
    for place, today in places.items():
        name = today.rpartition("#")[2]
        bare = name[:1] == "L" and name[1:].isdecimal()
        found.setdefault("" if bare else name, set()).update(ledger.index.asked([place]))
    return found


def _asks_the_same(nodes: Iterable[Node], before: Mapping[str, set[str]]) -> bool:
    """Whether every question known by now was asked; those that refer to others are not known."""
    known = 0
    for node in nodes:
        for figure in node.figures or ():
            if figure.question is None or figure.question != figure.asked:
                continue  # a masked target's question has the page's name in it
            if figure.digest not in before.get(node.definition.id or "", ()):
                return False
            known += 1
    return known > 0


def notice(plan: Plan, ledger: Ledger, languages: Iterable[str], *, keep: bool) -> list[Move]:
    """Let a page have the past of the one that it was; ``keep`` that, where readers see it."""
    moves = noticed(plan, ledger, languages)
    if keep:
        append_entries(ledger.folder, [moved(one.old, one.new) for one in moves])
    ledger.moves.extend(moves)
    return moves


_ID = re.compile(r"[A-Za-z][\w-]{0,99}", re.ASCII)


def former_anchors(plan: Plan, ledger: Ledger, node: Node) -> str:
    """Where links lead that name a figure by an id it had before `sotokara mv`.

    Not one that another figure of its page has by now.
    """
    page, own = node.definition.page, node.definition.id
    if not own or not ledger.moves:
        return ""
    taken = {one.definition.id for one in plan.on_page(page)}
    names = (one.name.rpartition("#")[2] for one in ledger.places(f"{page}#{own}"))
    former = [one for one in dict.fromkeys(names) if one not in taken and _ID.fullmatch(one)]
    return "".join(f'<span id="probe-{one}"></span>' for one in former)
