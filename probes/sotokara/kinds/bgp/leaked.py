"""Who leaked a route, from when to when: the paths that were seen, by the relations given. Pure."""

from functools import cache
from typing import NamedTuple

from msgspec.structs import replace

from sotokara.kinds.bgp.facts import BgpFacts, Leaked
from sotokara.kinds.bgp.kept import Routes
from sotokara.kinds.bgp.leaks import Kept, Leak, judged, relations_of
from sotokara.kinds.bgp.numbers import Hops, written
from sotokara.kinds.bgp.rpki import written as time_of
from sotokara.kinds.bgp.sightings import Watch, sightings_of

STATED = "stated"
_MOST, _MOST_MISSING = 100, 20


class _Found(NamedTuple):
    """What of a path is known."""

    leak: Leak | None
    missing: list[tuple[int, int]]


def with_leaks(facts: BgpFacts, kept: Routes, given: Kept) -> BgpFacts:
    """The facts with each leak of RFC 7908's types 1 to 4, and where none can be told."""
    relations = relations_of(given.pairs)
    examples: dict[str, tuple[Leak, Hops]] = {}

    @cache
    def of(path: Hops) -> _Found:
        return _Found(*judged(path, relations))

    def named(path: Hops) -> str:
        leak = of(path).leak
        if leak is None:
            return ""
        key = " ".join(map(str, leak))
        examples.setdefault(key, (leak, path))
        return key

    watch, seen = Watch(named), set()
    for one in sightings_of(kept):
        watch.take(one)
        if one.path is not None:
            seen.add(one.path)
    leaks = []
    for stretch in watch.stretches():
        if not stretch.origin:
            continue
        leak, path = examples[stretch.origin]
        found = Leaked(str(stretch.prefix), *leak, written(path), peers=stretch.peers)
        if kept.since:
            came, went = time_of(stretch.came), time_of(stretch.went)
            leaks.append(replace(found, came=came, went=went, ended=stretch.ended))
        elif stretch.went is None:
            leaks.append(found)
    untold = [path for path in seen if of(path).missing]
    missing = sorted({pair for path in untold for pair in of(path).missing} - {(0, 0)})
    named_pairs = dict.fromkeys(f"AS{min(pair)} AS{max(pair)}" for pair in missing)
    return replace(
        facts,
        leaks=leaks[:_MOST],
        relations=given.source or STATED,
        untold=len(untold),
        missing=list(named_pairs)[:_MOST_MISSING],
    )
