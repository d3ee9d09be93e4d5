"""RIPEstat's data API (stat.ripe.net/docs): what the collectors of RIS saw, by RIPE NCC.

Its answers are others' word. Each is read field by field; what is of another form is counted.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.mistakes import SettingMistake
from sotokara.core.observation import Exchange, ProbeFailure, milliseconds
from sotokara.core.said import said
from sotokara.kinds.bgp.kept import MOST_ROUTES, MOST_UPDATES, STATE, Route, Routes, Times, Update
from sotokara.kinds.bgp.numbers import as_number, hops_of, prefix_of
from sotokara.kinds.shared.platforms.fields import bounded_list, mapping
from sotokara.network.http import get
from sotokara.network.network import Network

_MOST_BYTES = 32 * 1024 * 1024
_PAUSE = 0.3
_MOST_SPECIFICS = 20
"""Prefixes inside the one asked for that are followed over a span."""
_MOST_LISTED = 500
_OK = 200


async def query_ripestat(
    net: Network, base: str, form: str, resource: str, times: Times
) -> Exchange:
    """Everything of one resource, in the form that is kept.

    :raises ProbeFailure: ``source_unavailable``.
    """
    host = urlsplit(base).hostname or ""
    if urlsplit(base).scheme not in ("http", "https") or not host:
        raise SettingMistake(
            said("bgp.ripestat: {} is no web address", base), said("write https://stat.ripe.net")
        )
    began = net.elapsed()
    at, since, until = times
    source = _Source(net, base, host)
    moment = {"timestamp": str(at)} if at else {}
    status = await source.data("routing-status", {"resource": resource, **moment})
    found = _status(status)
    if form == "as":
        span = {"starttime": str(since), "endtime": str(until)} if since else {}
        if at and not since:
            span = {"starttime": str(at), "endtime": str(at)}
        listed = await source.data("announced-prefixes", {"resource": resource, **span})
        found["announced"] = list(_announced(listed))
    elif since:
        several = [resource, *(prefix for prefix, _ in found["specifics"][:_MOST_SPECIFICS])]
        asked = {"resource": ",".join(dict.fromkeys(several))}
        played = await source.data(
            "bgplay", {**asked, "starttime": str(since), "endtime": str(until)}
        )
        told = of_data({"initial_state": [], **played})
        found |= {"before": told.before, "then": told.then, "unread": told.unread}
        found["time"] = until
    else:
        state = await source.data("bgp-state", {"resource": resource, **moment})
        told = of_data(state)
        found |= {"before": told.before, "unread": told.unread}
        found["time"] = told.time or found["time"]
    kept = Routes(**found | {"since": since, "until": until if since else 0})
    return Exchange(
        STATE,
        host,
        urlsplit(base).scheme,
        sent="\n".join(source.asked).encode("ascii", "replace"),
        received=msgspec.json.encode(kept),
        at=milliseconds(began),
        ms=milliseconds(net.elapsed() - began),
        media_type="text/json",
    )


class _Source:
    """The API, asked one question at a time."""

    def __init__(self, net: Network, base: str, host: str) -> None:
        self._net, self._base, self._host = net, base.rstrip("/"), host
        self.asked: list[str] = []

    async def data(self, call: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The data of one call."""
        url = f"{self._base}/data/{call}/data.json?{urlencode(query)}"
        self.asked.append(f"GET {url}")
        async with self._net.queue(f"ripestat {self._host}", _PAUSE):
            try:
                reply = await get(self._net, url, "application/json", _MOST_BYTES)
            except ProbeFailure as failed:
                if failed.failure.name == "policy_refused":
                    raise
                raise ProbeFailure("source_unavailable", call, failed.failure.name) from failed
        if reply.status != _OK:
            raise ProbeFailure("source_unavailable", call, f"HTTP {reply.status}")
        try:
            found = msgspec.json.decode(reply.body)
        except NO_JSON as error:
            raise ProbeFailure("source_unavailable", call, "no JSON object") from error
        given = found.get("data") if isinstance(found, dict) else None
        if not isinstance(given, dict) or found.get("status", "ok") != "ok":
            raise ProbeFailure("source_unavailable", call, "no JSON object")
        return given


def of_data(data: Mapping[str, Any]) -> Routes:
    """What a pasted answer of ``bgp-state`` or ``bgplay`` has."""
    if "initial_state" in data:
        before, unread = _routes(data.get("initial_state"))
        then, more = _updates(data.get("events"))
        since, until = (_seconds(data.get(f"query_{one}time")) for one in ("start", "end"))
        until = until or (then[-1][0] if then else since)
        return Routes(until, since, until, before, then, unread=unread + more)
    before, unread = _routes(data.get("bgp_state"))
    return Routes(
        _seconds(data.get("query_time") or data.get("time")), before=before, unread=unread
    )


def _status(given: Mapping[str, Any]) -> dict[str, Any]:
    """How many saw it, what is inside of it, and route objects, out of ``routing-status``."""
    seen = mapping(given.get("visibility"))
    families = [mapping(seen.get(one)) for one in ("v4", "v6")]
    most = max(families, key=lambda one: _count(one.get("ris_peers_seeing")))
    specifics, objects = [], []
    for one in map(mapping, bounded_list(given.get("more_specifics"), _MOST_LISTED)):
        prefix, origin = prefix_of(one.get("prefix")), as_number(one.get("origin"))
        if prefix is not None and origin is not None:
            specifics.append((str(prefix), origin))
    for one in map(mapping, bounded_list(given.get("origins"), _MOST_LISTED)):
        origin = as_number(one.get("origin"))
        named = [str(name)[:40] for name in bounded_list(one.get("route_objects"), 8)]
        if origin is not None and named:
            objects.append(f"AS{origin}: {', '.join(named)}")
    return {
        "time": _seconds(given.get("query_time")),
        "seen_by": _count(most.get("ris_peers_seeing")),
        "of_peers": _count(most.get("total_ris_peers")),
        "specifics": sorted(set(specifics)),
        "route_objects": objects,
    }


def _routes(given: Any) -> tuple[list[Route], int]:  # noqa: ANN401  # JSON
    found: list[Route] = []
    unread = 0
    for one in map(mapping, bounded_list(given, MOST_ROUTES)):
        prefix, path = prefix_of(one.get("target_prefix")), hops_of(one.get("path"))
        if prefix is None or not path:
            unread += 1
            continue
        found.append((_text(one.get("source_id")), str(prefix), _listed(path)))
    return found, unread


def _updates(given: Any) -> tuple[list[Update], int]:  # noqa: ANN401  # JSON
    found: list[Update] = []
    unread = 0
    for one in map(mapping, bounded_list(given, MOST_UPDATES)):
        about = mapping(one.get("attrs"))
        when, prefix = _seconds(one.get("timestamp")), prefix_of(about.get("target_prefix"))
        path = hops_of(about.get("path")) if one.get("type") == "A" else None
        if not when or prefix is None or one.get("type") not in ("A", "W") or path == ():
            unread += 1
            continue
        if one.get("type") == "A" and path is None:
            unread += 1
            continue
        route = None if path is None else _listed(path)
        found.append((when, _text(about.get("source_id")), str(prefix), route, False))
    return sorted(found, key=lambda update: update[0]), unread


def _announced(given: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    for one in map(mapping, bounded_list(given.get("prefixes"), _MOST_LISTED)):
        prefix = prefix_of(one.get("prefix"))
        for line in map(mapping, bounded_list(one.get("timelines"), 100)):
            if prefix is not None:
                yield (
                    str(prefix),
                    _seconds(line.get("starttime")),
                    _seconds(line.get("endtime")),
                )


def _listed(path: tuple[Any, ...]) -> list[Any]:
    return [list(one) if isinstance(one, tuple) else one for one in path]


def _count(value: Any) -> int:  # noqa: ANN401  # JSON
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31
    return value if fits else 0


def _text(value: Any) -> str:  # noqa: ANN401  # JSON
    return value[:80] if isinstance(value, str) else ""


def _seconds(value: Any) -> int:  # noqa: ANN401  # JSON
    """A time of the API, in UTC, as seconds since 1970; 0 for what is none."""
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return 0
    return int(found.replace(tzinfo=found.tzinfo or UTC).timestamp())
