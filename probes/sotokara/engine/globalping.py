"""The engine ``globalping``: a public platform measures, and reports (globalping.io/docs/api).

What it sees is its own: the observation says so in its vantage, and no page calls it ours. It is
asked only where a definition names a place of it. Whatever goes wrong between the platform and us
is *not measured*; it says nothing of the target.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import msgspec

from sotokara import __version__
from sotokara.core.canonical import writable
from sotokara.core.observation import (
    Exchange,
    Failure,
    Observation,
    Outcome,
    ProbeFailure,
    Reading,
    Vantage,
    milliseconds,
    now,
)
from sotokara.core.places import GlobalpingPlace
from sotokara.core.settings import Settings
from sotokara.engine.figure import Figure
from sotokara.masking.redaction import Redactor, own_addresses
from sotokara.network.http import HttpReply, get
from sotokara.network.network import Network

NAME = "globalping"
TOKEN = "SOTOKARA_GLOBALPING_TOKEN"  # noqa: S105  # a variable's name
_ACCEPTED, _OK, _TOO_MANY, _NO_PROBES = 202, 200, 429, 422
_JSON = "application/json"
_MOST_BYTES = 512 * 1024
_POLL, _PATIENCE = 0.5, 40.0
"""Seconds between two looks, and until a measurement is given up."""
_LONGEST = 80


class Globalping:
    """One build's engine. Lives in one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._network: Network | None = None
        self._turns = asyncio.Semaphore(4)

    def close(self) -> None:
        """Close all sockets."""
        if self._network is not None:
            self._network.close()

    async def observe(self, figure: Figure, place: GlobalpingPlace) -> Observation:
        """Let a probe at a place measure one figure's question; never raises."""
        start, exchanges = now(), list[Exchange]()
        vantage = _vantage(figure, {}, "")
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            asked = _asked(figure)
            async with self._turns:
                found = [await self._one(step, body, place) for step, body in asked.items()]
            exchanges = [exchange for exchange, _ in found]
            vantage = _vantage(figure, found[0][1], found[0][1].get("id"))
            redactor = Redactor([*own_addresses(), *self._settings.redact])
            exchanges = [redactor.exchange(one) for one in exchanges]
            assert figure.asked is not None  # noqa: S101  # _asked has looked
            reading = writable(figure.asked.parse(exchanges))
        except ProbeFailure as failed:
            reading = Reading(failure=failed.failure)
        return figure.observed(reading, vantage, start, loop.time() - began, exchanges)

    async def _one(
        self, step: str, body: Mapping[str, Any], place: GlobalpingPlace
    ) -> tuple[Exchange, dict[str, Any]]:
        """Ask for one measurement and wait for it: the exchange, and the report read.

        :raises ProbeFailure: where none comes of it.
        """
        if self._network is None:
            self._network = Network(self._settings)
        net = self._network.for_probe(_PATIENCE / self._settings.timeout)
        at = net.elapsed()
        wanted = {**body, "limit": 1, "locations": [{"magic": place.location}]}
        sent = msgspec.json.encode(wanted)
        api = self._settings.globalping.api.rstrip("/")
        made = _read(await _call(net, f"{api}/measurements", sent), _ACCEPTED)
        number = made.get("id")
        if not isinstance(number, str) or not number.isalnum() or len(number) > _LONGEST:
            raise ProbeFailure("place_differs", NAME, "it gave the measurement no name")
        while net.left() > 0:
            reply = await _call(net, f"{api}/measurements/{number}")
            report = _read(reply, _OK)
            if report.get("status") != "in-progress":
                exchange = Exchange(
                    step,
                    "resolver",
                    NAME,
                    sent,
                    reply.body,
                    at=milliseconds(at),
                    ms=milliseconds(net.elapsed() - at),
                    media_type=_JSON,
                )
                return exchange, _finished(report)
            await asyncio.sleep(_POLL)
        raise ProbeFailure("deadline_exceeded", NAME, "its measurement did not end in time")


def _asked(figure: Figure) -> dict[str, dict[str, Any]]:
    """:raises ProbeFailure: for what cannot be asked there, or must not be."""
    if figure.question is None or figure.asked is None or figure.question != figure.asked:
        detail = "a hidden target is given to no public platform"
        raise ProbeFailure("policy_refused", "places", detail)
    asked = figure.asked.asked_of(NAME)
    if not asked:
        detail = "Globalping cannot ask this question as it is written"
        raise ProbeFailure("place_differs", NAME, detail)
    return asked


async def _call(net: Network, url: str, post: bytes | None = None) -> HttpReply:
    """:raises ProbeFailure: ``place_unreachable`` where the platform is not to be had."""
    headers = {"Content-Type": _JSON} if post is not None else {}
    if token := os.environ.get(TOKEN, "").strip():
        headers["Authorization"] = f"Bearer {token}"
    try:
        return await get(net, url, _JSON, _MOST_BYTES, post=post, more=headers)
    except ProbeFailure as failed:
        if failed.failure.outcome is Outcome.NOT_MEASURED:
            raise
        raise ProbeFailure("place_unreachable", NAME, failed.failure.name) from failed


def _read(reply: HttpReply, wanted: int) -> dict[str, Any]:
    """:raises ProbeFailure: for another status, or what is no JSON object."""
    if reply.status == _TOO_MANY:
        raise ProbeFailure("place_unreachable", NAME, "its limit of measurements is reached")
    if reply.status == _NO_PROBES:
        raise ProbeFailure("place_unreachable", NAME, "it has no probe at this location")
    if reply.status != wanted:
        raise ProbeFailure("place_unreachable", NAME, f"HTTP {reply.status}")
    try:
        return msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError) as error:
        raise ProbeFailure("place_differs", NAME, "it sent what is no report") from error


def _finished(report: dict[str, Any]) -> dict[str, Any]:
    """The report, where a probe has finished.

    :raises ProbeFailure: where none has: fewer probes than asked, one that went away, an error.
    """
    results = report.get("results")
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        raise ProbeFailure("place_unreachable", NAME, "it has no probe at this location")
    result = results[0].get("result")
    status = result.get("status") if isinstance(result, dict) else None
    if status != "finished":
        said = status if isinstance(status, str) else "nothing"
        raise ProbeFailure("place_lost", NAME, f"its probe says: {said[:_LONGEST]}")
    return report


def _vantage(figure: Figure, report: Mapping[str, Any], number: object) -> Vantage:
    """Where its probe is, in the platform's words; it names probes by nothing else."""
    software = f"sotokara {__version__}, Globalping"
    results = report.get("results") or [{}]
    probe = results[0].get("probe") if isinstance(results[0], dict) else None
    probe = probe if isinstance(probe, dict) else {}
    asn, country, city = (probe.get(name) for name in ("asn", "country", "city"))
    numbered = isinstance(asn, int) and not isinstance(asn, bool) and 0 < asn < 1 << 32
    return Vantage(
        figure.place,
        software,
        NAME,
        network=f"AS{asn}" if numbered else "",
        country=country[:2].upper() if isinstance(country, str) else "",
        city=city[:_LONGEST] if isinstance(city, str) else "",
        measurement=number if isinstance(number, str) else "",
    )


def unmeasured(figure: Figure, failure: Failure) -> Observation:
    """The observation that nothing was measured there, and why."""
    return figure.unmeasured(failure, _vantage(figure, {}, ""))
