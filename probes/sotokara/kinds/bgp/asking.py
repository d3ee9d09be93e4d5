"""The asking: RIPEstat's API or a dump's file; and of a set of ROAs what is about the prefix."""

import asyncio
import time
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import msgspec

from sotokara.core.observation import Exchange, ProbeFailure
from sotokara.kinds.bgp.kept import (
    MOST_ROUTES,
    MOST_UPDATES,
    ROAS,
    STATE,
    Route,
    Routes,
    Times,
    Update,
)
from sotokara.kinds.bgp.mrt import Dump
from sotokara.kinds.bgp.numbers import Hops, Prefix
from sotokara.kinds.bgp.rpki import read_set
from sotokara.kinds.bgp.sightings import Sighting, Watch
from sotokara.network.network import Network


def wanted(form: str, resource: str) -> Prefix | None:
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
    watch = Watch()
    then: list[Update] = []
    for one in every:
        if one.time > until:
            break
        if not since or one.time < since or (one.table and not then):
            watch.take(one)
            continue
        path = None if one.path is None else listed(one.path)
        then.append((one.time, one.peer, str(one.prefix), path, one.lost))
    before = [(peer, str(prefix), listed(path)) for peer, prefix, path in watch.held()]
    return before[:MOST_ROUTES], then


def listed(path: Hops) -> list[Any]:
    """A path as it is kept."""
    return [list(one) if isinstance(one, tuple) else one for one in path]
