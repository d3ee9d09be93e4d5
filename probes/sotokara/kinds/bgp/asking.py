"""The asking: a dump's file; and of sets of ROAs what is about the prefix."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import msgspec

from sotokara.core.observation import Exchange, ProbeFailure, milliseconds
from sotokara.kinds.bgp.kept import (
    MOST_ROUTES,
    MOST_SETS,
    MOST_UPDATES,
    RELATIONS,
    ROAS,
    RTR,
    STATE,
    Route,
    Routes,
    Times,
    Update,
)
from sotokara.kinds.bgp.leaks import KnownNeighbours, neighbours, read_relation_file, stated
from sotokara.kinds.bgp.mrt import Dump
from sotokara.kinds.bgp.numbers import Hops, Prefix
from sotokara.kinds.bgp.rpki import RoaSet, distinct_sets, read_set
from sotokara.kinds.bgp.rtr import fetch, place_of
from sotokara.kinds.bgp.sightings import Sighting, SightingLog, sightings_of
from sotokara.network.network import Network


def sought_prefix(form: str, resource: str) -> Prefix | None:
    """The prefix that is looked for; of an address it alone, of an AS none."""
    if form == "as":
        return None
    return ip_network(ip_address(resource) if form == "address" else resource)


async def read_roas(net: Network, name: str, prefix: Prefix) -> Exchange:
    """What a set of ROAs says of a prefix.

    :raises ProbeFailure: ``file_unreadable``.
    """
    path = _found(net, name)
    try:
        found = await asyncio.get_running_loop().run_in_executor(None, read_set, path, prefix)
    except (ValueError, OSError) as error:
        raise ProbeFailure("file_unreadable", ROAS, str(error)[:100]) from error
    return Exchange(ROAS, name, "file", received=msgspec.json.encode(found), media_type="text/json")


async def ask_cache(net: Network, cache: str, prefix: Prefix) -> list[Exchange]:
    """What a validator says of a prefix now, behind what it said to earlier builds.

    A cache knows of no time but now. So what it once said is carried on from record to record, each
    with its time: for routes of last week it is last week's.
    """
    earlier = [one for observation in net.earlier for one in observation.exchanges]
    said: list[tuple[RoaSet, Exchange]] = []
    for one in earlier:
        if one.step == ROAS and one.protocol == RTR and one.received:
            with contextlib.suppress(msgspec.MsgspecError):
                said.append((msgspec.json.decode(one.received, type=RoaSet), one))
    lasting = {id(one) for one in distinct_sets((one for one, _ in said), MOST_SETS)}
    before = [one for told, one in said if id(told) in lasting]
    began = net.elapsed()
    received, failure = None, None
    try:
        received = msgspec.json.encode(await fetch(net, place_of(cache), prefix))
    except ProbeFailure as failed:
        failure = failed.failure
    now = Exchange(
        ROAS,
        cache,
        RTR,
        sent=b"Reset Query\n",
        received=received,
        failure=failure,
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type="text/json",
    )
    return [*before, now]


async def read_relations(net: Network, name: str, said: Sequence[str], state: Exchange) -> Exchange:
    """The relations between networks that stand beside each other in the paths that were seen.

    ``said``: those of the definition itself.

    :raises ProbeFailure: ``file_unreadable``.
    """
    kept = msgspec.json.decode(state.received or b"", type=Routes)
    pairs = neighbours(one.path for one in sightings_of(kept) if one.path is not None)
    found = [one for one in map(stated, said) if frozenset(one[:2]) in pairs]
    digest = ""
    if name:
        path = _found(net, name)
        loop = asyncio.get_running_loop()
        try:
            digest, more = await loop.run_in_executor(None, read_relation_file, path, pairs)
        except (ValueError, OSError, EOFError) as error:
            raise ProbeFailure("file_unreadable", RELATIONS, str(error)[:100]) from error
        known = {frozenset(one[:2]) for one in found}
        found += [one for one in more if frozenset(one[:2]) not in known]
    received = msgspec.json.encode(KnownNeighbours(name, digest, found))
    return Exchange(RELATIONS, name, "file", received=received, media_type="text/json")


async def read_dumps(net: Network, names: Sequence[str], prefix: Prefix, times: Times) -> Exchange:
    """What dumps say of a prefix and all inside of it.

    :raises ProbeFailure: ``file_unreadable``.
    """
    paths = [_found(net, name) for name in names]
    ends = time.monotonic() + max(net.left() - 1, 1)
    loop = asyncio.get_running_loop()
    kept = await loop.run_in_executor(None, _of_dumps, paths, prefix, times, ends)
    named = ", ".join(names)
    return Exchange(
        STATE, named, "file", received=msgspec.json.encode(kept), media_type="text/json"
    )


def _found(net: Network, name: str) -> Path:
    found = net.find(name)
    if found is None or not found.is_file():
        detail = "there is no such file below the folder of the pages"
        raise ProbeFailure("file_unreadable", "file", detail)
    return found


def _of_dumps(paths: Sequence[Path], prefix: Prefix, times: Times, ends: float) -> Routes:
    at, since, until = times
    every: list[Sighting] = []
    dumps = []
    for path in paths:
        dump = Dump(path, prefix, ends)
        dumps.append(dump)
        try:
            for one in dump.sightings():
                every.append(one)
                if len(every) > MOST_UPDATES:
                    raise ProbeFailure("file_unreadable", "dump", "too many updates are about it")
        except TimeoutError as late:
            raise ProbeFailure("deadline_exceeded", "dump") from late
        except (ValueError, OSError, EOFError) as error:
            raise ProbeFailure("file_unreadable", "dump", str(error)[:100]) from error
    every.sort(key=lambda one: one.time)
    last = max((dump.last for dump in dumps), default=0)
    if not any(dump.records for dump in dumps):
        raise ProbeFailure("file_unreadable", "dump", "no record stands in it")
    until = min((until if since else at) or last, last)
    before, then = _split(every, since, until)
    peers = {one.peer for one in every}
    return Routes(
        time=until,
        since=since,
        until=until if since else 0,
        before=before,
        then=then,
        of_peers=max([len(peers), *(dump.peers for dump in dumps)]),
        unread=sum(dump.unread for dump in dumps),
        cut=any(dump.cut for dump in dumps),
    )


def _split(every: Sequence[Sighting], since: int, until: int) -> tuple[list[Route], list[Update]]:
    """The state at the span's beginning and what followed; without a span, the state at its end."""
    watch = SightingLog()
    then: list[Update] = []
    for one in every:
        if one.time > until:
            break
        if not since or one.time < since or (one.table and not then):
            watch.take(one)
            continue
        path = None if one.path is None else path_list(one.path)
        then.append((one.time, one.peer, str(one.prefix), path, one.lost))
    before = [(peer, str(prefix), path_list(path)) for peer, prefix, path in watch.held()]
    return before[:MOST_ROUTES], then


def path_list(path: Hops) -> list[Any]:
    """A path as it is kept."""
    return [list(one) if isinstance(one, tuple) else one for one in path]
