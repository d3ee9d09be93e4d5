"""From what is kept of a source to facts: pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from ipaddress import ip_network

import msgspec

from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.bgp.asking import wanted
from sotokara.kinds.bgp.facts import BgpFacts, Path, Specific, Stretch
from sotokara.kinds.bgp.kept import ROAS, STATE, Routes
from sotokara.kinds.bgp.numbers import Hops, Prefix, hops_of, origin_of, prefix_of, written
from sotokara.kinds.bgp.rpki import RoaSet, validity
from sotokara.kinds.bgp.rpki import written as time_of
from sotokara.kinds.bgp.sightings import Seen, Sighting, Watch

MOST_PATHS, MOST_STRETCHES = 200, 500


def read_routes(exchanges: Sequence[Exchange], form: str, resource: str) -> Reading:
    """What was seen of a prefix, an address or an AS."""
    steps = {one.step: one for one in exchanges}
    state, roas = steps.get(STATE), steps.get(ROAS)
    if state is None or state.received is None:
        return Reading(failure=Failure("source_unavailable", STATE))
    try:
        kept = msgspec.json.decode(state.received, type=Routes)
        judge = msgspec.json.decode(roas.received or b"", type=RoaSet) if roas else None
    except msgspec.MsgspecError as error:
        return Reading(failure=Failure("evidence_unreadable", STATE, type(error).__name__))
    if form == "as":
        return Reading(_of_as(kept, resource))
    prefix = wanted(form, resource)
    assert prefix is not None  # noqa: S101  # only an AS has none
    return Reading(facts_of(kept, prefix, judge))


def facts_of(kept: Routes, prefix: Prefix, judge: RoaSet | None) -> BgpFacts:
    """The facts of a prefix. An address is answered for by the longest prefix that holds it."""
    watch = Watch()
    for one in _sightings(kept):
        watch.take(one)
    routes = list(watch.routes())
    own = _answering(prefix, (one for one, _ in routes))
    usable = judge if judge is not None and judge.built <= kept.time else None
    return BgpFacts(
        moment=time_of(kept.time or None),
        origins=sorted({origin_of(path) for one, path in routes if one == own} - {""}),
        seen_by=watch.peers_of([own]) if not kept.seen_by else kept.seen_by,
        of_peers=kept.of_peers,
        paths=_paths(routes, own, prefix, usable, kept.time)[:MOST_PATHS],
        more_specifics=_specifics(kept, routes, own, usable),
        since=time_of(kept.since or None),
        until=time_of(kept.until or None),
        timeline=[_stretch(one, judge) for one in watch.stretches()[:MOST_STRETCHES]]
        if kept.since
        else [],
        roas=time_of(judge.built) if judge else "",
        roas_late=judge is not None and usable is None,
        route_objects=kept.route_objects,
        left_out=max(len(watch.stretches()) - MOST_STRETCHES, 0) if kept.since else 0,
        unread=kept.unread,
        cut=kept.cut,
    )


def _sightings(kept: Routes) -> Iterable[Sighting]:
    for peer, prefix, path in kept.before:
        net, hops = prefix_of(prefix), hops_of(path)
        if net is not None and hops:
            yield Sighting(kept.since or kept.time, peer, net, hops, table=True)
    for when, peer, prefix, route, lost in kept.then:
        net = prefix_of(prefix)
        hops = None if route is None else hops_of(route)
        if net is not None and (route is None or hops):
            yield Sighting(when, peer, net, hops, lost)


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
) -> list[Path]:
    counted = Counter(
        (one, path)
        for one, path in routes
        if one == own or one.subnet_of(prefix)  # type: ignore[arg-type]
    )
    found = [
        Path(
            str(one),
            written(path),
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


def _stretch(one: Seen, judge: RoaSet | None) -> Stretch:
    """A stretch is judged by a set that was there when it came, and by no later one."""
    there = judge is not None and one.came is not None and judge.built <= one.came
    judged = ""
    if judge is not None and there and one.came is not None:
        judged = validity(one.prefix, one.origin, judge.roas, one.came)
    return Stretch(
        str(one.prefix),
        one.origin,
        time_of(one.came),
        time_of(one.went),
        one.ended,
        one.peers,
        judged,
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
