"""From what is kept of a source to facts: pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from ipaddress import ip_network

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.bgp.asking import sought_prefix
from sotokara.kinds.bgp.facts import AsPath, BgpFacts, Specific, Stretch
from sotokara.kinds.bgp.kept import RELATIONS, ROAS, STATE, Routes
from sotokara.kinds.bgp.leaks import KnownNeighbours, with_leaks
from sotokara.kinds.bgp.numbers import Hops, Prefix, format_path, origin_of, prefix_of
from sotokara.kinds.bgp.rpki import RoaSet, of_time, validity
from sotokara.kinds.bgp.rpki import format_time as time_of
from sotokara.kinds.bgp.sightings import OriginSpan, SightingLog, sightings_of

MOST_PATHS, MOST_STRETCHES = 200, 500


def read_routes(exchanges: Sequence[Exchange], form: str, resource: str) -> Reading:
    """What was seen of a prefix, an address or an AS."""
    steps = {one.step: one for one in exchanges}
    state, given = steps.get(STATE), steps.get(RELATIONS)
    if state is None or state.received is None:
        return Reading(failure=Failure("source_unavailable", STATE))
    every = [one for one in exchanges if one.step == ROAS]
    try:
        kept = msgspec.json.decode(state.received, type=Routes)
        sets = [msgspec.json.decode(one.received, type=RoaSet) for one in every if one.received]
        relations = (
            msgspec.json.decode(given.received or b"", type=KnownNeighbours) if given else None
        )
        if form == "as":
            return Reading(_of_as(kept, resource))
        prefix = sought_prefix(form, resource)
        assert prefix is not None  # noqa: S101  # only an AS has none
        facts = prefix_facts(kept, prefix, sets)
        if failed := next((one.failure.name for one in every if one.failure), ""):
            facts = msgspec.structs.replace(facts, roas_failed=failed)
        return Reading(with_leaks(facts, kept, relations) if relations else facts)
    except NO_JSON as error:  # or a prefix that is none
        return Reading(failure=Failure("evidence_unreadable", STATE, type(error).__name__))


def prefix_facts(kept: Routes, prefix: Prefix, sets: Sequence[RoaSet] = ()) -> BgpFacts:
    """The facts of a prefix. An address is answered for by the longest prefix that holds it.

    ``sets``: of ROAs; each route is judged by the newest that was there at its time.
    """
    watch = SightingLog()
    for one in sightings_of(kept):
        watch.take(one)
    routes = list(watch.routes())
    own = _answering(prefix, (one for one, _ in routes))
    usable = of_time(sets, kept.time)
    judge = usable or min(sets, key=lambda one: one.built, default=None)
    return BgpFacts(
        moment=time_of(kept.time or None),
        origins=sorted({origin_of(path) for one, path in routes if one == own} - {""}),
        seen_by=watch.peers_of([own]) if not kept.seen_by else kept.seen_by,
        of_peers=kept.of_peers,
        paths=_paths(routes, own, prefix, usable, kept.time)[:MOST_PATHS],
        more_specifics=_specifics(kept, routes, own, usable),
        since=time_of(kept.since or None),
        until=time_of(kept.until or None),
        timeline=[_stretch(one, sets, judge) for one in watch.stretches()[:MOST_STRETCHES]]
        if kept.since
        else [],
        roas=time_of(judge.built) if judge else "",
        roas_late=judge is not None and usable is None,
        route_objects=kept.route_objects,
        left_out=max(len(watch.stretches()) - MOST_STRETCHES, 0) if kept.since else 0,
        unread=kept.unread,
        cut=kept.cut,
    )


def _answering(prefix: Prefix, seen: Iterable[Prefix]) -> Prefix:
    """The prefix itself where it is seen; else the longest around it; else it all the same."""
    around = {
        one
        for one in seen
        if one.version == prefix.version and prefix.subnet_of(one)  # type: ignore[arg-type]
    }
    return max(around, key=lambda one: one.prefixlen, default=prefix)


def _paths(
    routes: Sequence[tuple[Prefix, Hops]],
    own: Prefix,
    prefix: Prefix,
    usable: RoaSet | None,
    when: int,
) -> list[AsPath]:
    counted = Counter(
        (one, path)
        for one, path in routes
        if one == own or one.subnet_of(prefix)  # type: ignore[arg-type]
    )
    found = [
        AsPath(
            str(one),
            format_path(path),
            origin_of(path),
            peers,
            validity(one, origin_of(path), usable.roas, when) if usable else "",
        )
        for (one, path), peers in counted.items()
    ]
    return sorted(found, key=lambda one: (ip_network(one.prefix).prefixlen, -one.peers, one.path))


def _specifics(
    kept: Routes, routes: Sequence[tuple[Prefix, Hops]], own: Prefix, usable: RoaSet | None
) -> list[Specific]:
    origins: dict[Prefix, set[str]] = {}
    for one, path in routes:
        origins.setdefault(one, set()).add(origin_of(path))
    for text, number in kept.specifics if not kept.then else ():
        if (net := prefix_of(text)) is not None:
            origins.setdefault(net, set()).add(f"AS{number}")
    inside = [one for one in origins if one != own and one.subnet_of(own)]  # type: ignore[arg-type]
    return [
        Specific(
            str(one),
            sorted(origins[one] - {""}),
            _worst(one, origins[one], usable, kept.time) if usable else "",
        )
        for one in sorted(inside, key=str)
    ][:MOST_PATHS]


def _worst(prefix: Prefix, origins: Iterable[str], usable: RoaSet, when: int) -> str:
    """Of several origins the validity that matters: one that is invalid before all others."""
    found = {validity(prefix, one, usable.roas, when) for one in origins}
    return next(one for one in ("Invalid", "NotFound", "Valid") if one in found)


def _stretch(one: OriginSpan, sets: Sequence[RoaSet], shown: RoaSet | None) -> Stretch:
    """A stretch is judged by a set that was there when it came, and by no later one."""
    by, judged = None, ""
    if one.came is not None and (by := of_time(sets, one.came)) is not None:
        judged = validity(one.prefix, one.origin, by.roas, one.came)
    return Stretch(
        str(one.prefix),
        one.origin,
        time_of(one.came),
        time_of(one.went),
        one.ended,
        one.peers,
        judged,
        time_of(by.built) if by is not None and by is not shown else "",
    )


def _of_as(kept: Routes, resource: str) -> BgpFacts:
    prefixes = sorted({prefix for prefix, _, _ in kept.announced})
    timeline = [
        Stretch(prefix, resource, time_of(came or None), time_of(went or None))
        for prefix, came, went in sorted(kept.announced, key=lambda one: (one[1], one[0]))
    ]
    return BgpFacts(
        moment=time_of(kept.time or None),
        origins=[resource],
        seen_by=kept.seen_by,
        of_peers=kept.of_peers,
        prefixes=prefixes,
        since=time_of(kept.since or None),
        until=time_of(kept.until or None),
        timeline=timeline[:MOST_STRETCHES] if kept.since else [],
        left_out=max(len(timeline) - MOST_STRETCHES, 0) if kept.since else 0,
        unread=kept.unread,
    )
