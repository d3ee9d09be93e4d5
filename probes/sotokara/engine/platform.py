"""Engines that are public platforms: they measure, and report.

What they see is their own: the observation says so in its vantage, and no page calls it ours. They
are asked only where a definition names a place of theirs. Whatever goes wrong between a platform
and us is *not measured*; it says nothing of the target.
"""

import asyncio
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from sotokara import __version__
from sotokara.core.canonical import NO_JSON, writable
from sotokara.core.hidden import hide_zeros
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
from sotokara.core.places import Place
from sotokara.core.settings import Settings
from sotokara.engine.figure import Figure
from sotokara.masking.redaction import Redactor, own_addresses
from sotokara.network.http import HttpReply, get
from sotokara.network.network import Network

log = logging.getLogger("mkdocs.sotokara")

OK, TOO_MANY = 200, 429
JSON = "application/json"
MOST_BYTES = 4 * 1024 * 1024
_SHOWN = frozenset(
    (  # noqa: SIM905  # a column of words is easier to read
        "age cache-control content-length content-type date etag last-modified location "
        "retry-after server x-ratelimit-limit x-ratelimit-remaining x-ratelimit-reset"
    ).split()
)
"""Headers that are kept of a reply: what they say is of the report, and not of who asked."""
_LONGEST = 200
_LONGEST_WAIT = 3600
P = TypeVar("P", bound=Place)


class Reported(msgspec.Struct, frozen=True):
    """What came of a question: the exchanges, the first of them reports, and where the probes are.

    ``measurement``: the platform's own name of it, several joined by commas.
    """

    exchanges: list[Exchange]
    measurement: str
    probe: str = ""
    network: str = ""
    country: str = ""
    city: str = ""
    version: str = ""
    """Of the software of its probes."""


class Platform(ABC, Generic[P]):
    """One build's engine. Lives in one event loop."""

    name: ClassVar[str]
    """As in settings and vantages."""
    title: ClassVar[str]
    """As it writes itself."""
    token: ClassVar[str]
    """The environment's variable with which one asks in one's own name."""
    scheme: ClassVar[str]
    """Of the header ``Authorization``."""
    at_once: ClassVar[int] = 4
    """Questions under way beside each other."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._network: Network | None = None
        self._turns = asyncio.Semaphore(self.at_once)
        self._closed: Failure | None = None
        """Why it is asked nothing more in this build."""

    def close(self) -> None:
        """Close all sockets."""
        if self._network is not None:
            self._network.close()

    async def observe(self, figure: Figure, place: P) -> Observation:
        """Let probes at a place measure one figure's question; never raises."""
        start, vantage = now(), self._vantage(figure)
        exchanges: list[Exchange] = []
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            asked = self._asked(figure, several=self.wanted(place) > 1)
            found = await self.ask(figure, asked, place)
            vantage = self._vantage(figure, found)
            hidden = [*self._settings.redact, *figure.node.definition.hidden]
            redactor = Redactor([*own_addresses(), *hidden])
            exchanges = [redactor.exchange(one) for one in found.exchanges]
            reading = self._read(figure, exchanges)
        except ProbeFailure as failed:
            reading = Reading(failure=failed.failure)
        return figure.observed(reading, vantage, start, loop.time() - began, exchanges)

    @abstractmethod
    async def ask(self, figure: Figure, asked: Mapping[str, dict[str, Any]], place: P) -> Reported:
        """Have the questions measured, each under its step, and wait for the reports.

        :raises ProbeFailure: where none come of it.
        """

    @abstractmethod
    def wanted(self, place: P) -> int:
        """How many probes are to measure."""

    def unmeasured(self, figure: Figure, failure: Failure) -> Observation:
        """The observation that nothing was measured there, and why."""
        return figure.unmeasured(failure, self._vantage(figure))

    def net(self, seconds: float) -> Network:
        """The network for so long."""
        if self._network is None:
            self._network = Network(self._settings)
        return self._network.for_probe(seconds / self._settings.timeout)

    async def call(
        self, net: Network, url: str, post: bytes | None = None, *, own: bool = True
    ) -> HttpReply:
        """One request to its API; ``own``: with one's own token, where there is one.

        :raises ProbeFailure: ``place_unreachable`` where the platform is not to be had.
        """
        headers = {"Content-Type": JSON} if post is not None else {}
        if own and (token := self._token()):
            headers["Authorization"] = f"{self.scheme} {token}"
        try:
            return await get(net, url, JSON, MOST_BYTES, post=post, more=headers)
        except ProbeFailure as failed:
            if failed.failure.outcome is Outcome.NOT_MEASURED:
                raise
            raise ProbeFailure("place_unreachable", self.name, failed.failure.name) from failed

    def _token(self) -> str:
        return os.environ.get(self.token, "").strip()

    async def patient(self, net: Network, url: str, *, own: bool = True) -> HttpReply:
        """One GET; where it comes too often for the platform's liking, again once it may.

        :raises ProbeFailure: as ``call``, and where the time for that is not left.
        """
        while True:
            reply = await self.call(net, url, own=own)
            if reply.status != TOO_MANY:
                return reply
            pause = wait_of(reply) or 1.0
            if pause >= net.left():
                raise self.limited(reply)
            await asyncio.sleep(pause)

    def limited(self, reply: HttpReply) -> ProbeFailure:
        """The failure that a limit is reached, and when that ends."""
        pause = wait_of(reply)
        detail = "its limit of measurements is reached"
        if pause:
            detail = f"{detail}; free again in {pause:.0f} s"
        return ProbeFailure("place_unreachable", self.name, detail)

    def refused(self, reply: HttpReply) -> ProbeFailure:
        """The failure that it does not do what it was asked for, in its own words."""
        said = _complaint(reply.body)
        detail = f"HTTP {reply.status}: {said}" if said else f"HTTP {reply.status}"
        return ProbeFailure("place_unreachable", self.name, detail)

    def json(self, reply: HttpReply) -> Any:  # noqa: ANN401  # JSON
        """What a reply holds.

        :raises ProbeFailure: for another status than success, or what is no JSON.
        """
        if reply.status == TOO_MANY:
            raise self.limited(reply)
        if not OK <= reply.status < OK + 100:
            raise self.refused(reply)
        try:
            return msgspec.json.decode(reply.body)
        except NO_JSON as error:
            raise ProbeFailure("place_differs", self.name, "it sent what is no report") from error

    def exchanges(
        self, step: str, sent: bytes, reply: HttpReply, times: tuple[float, float]
    ) -> list[Exchange]:
        """A report and its headers as they are kept; ``times``: its begin and its end."""
        at, end = times
        took = milliseconds(end - at)
        at = milliseconds(at)
        head = "".join(
            f"{name}: {value[:_LONGEST]}\n"
            for name, value in sorted(reply.headers.items())
            if name in _SHOWN
        )
        body, words = reply.body, f"HTTP {reply.status}\n{head}".encode()
        report = Exchange(step, "resolver", self.name, sent, body, None, at, took, JSON)
        name = f"headers of {step}"
        return [
            report,
            Exchange(name, self.name, "https", b"", words, None, at, None, "text/plain"),
        ]

    def _asked(self, figure: Figure, *, several: bool) -> dict[str, dict[str, Any]]:
        """:raises ProbeFailure: for what cannot be asked there, or must not be."""
        if self._closed is not None:
            raise ProbeFailure(self._closed.name, self._closed.step, self._closed.detail)
        allowed, kind = self._settings.policy.kinds, figure.node.definition.kind.name
        if allowed and kind not in allowed:
            raise ProbeFailure("policy_refused", "policy", f"policy.kinds does not list {kind}")
        if figure.question is None or figure.asked is None or figure.question != figure.asked:
            detail = "a hidden target is given to no public platform"
            raise ProbeFailure("policy_refused", "places", detail)
        asked = figure.asked.asked_of(self.name, several)
        if not asked:
            by = "several probes" if several and figure.asked.asked_of(self.name) else self.title
            detail = f"{by} cannot ask this question as it is written"
            raise ProbeFailure("place_differs", self.name, detail)
        return asked

    def _read(self, figure: Figure, exchanges: Sequence[Exchange]) -> Reading:
        assert figure.asked is not None  # noqa: S101  # _asked has looked
        reading = writable(hide_zeros(figure.asked.parse(exchanges), exchanges))
        unsaid = figure.asked.failure_in(reading.facts)
        if unsaid is not None and unsaid.outcome is Outcome.NOT_MEASURED:
            detail = "nothing but its probe's own network answered"
            return Reading(failure=Failure("place_lost", self.name, detail))
        return reading

    def _vantage(self, figure: Figure, found: Reported | None = None) -> Vantage:
        """Where its probes are, in the platform's words."""
        where = found or Reported([], "")
        software = f"sotokara {__version__}, {self.title} {where.version}".rstrip()
        return Vantage(
            figure.place,
            software,
            self.name,
            network=where.network,
            country=where.country,
            city=where.city,
            measurement=where.measurement,
            probe=where.probe,
        )


def wait_of(reply: HttpReply) -> float:
    """Seconds until one may ask again, as a reply says; 0 where it does not."""
    for name in ("retry-after", "x-ratelimit-reset"):
        text = reply.headers.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004  # no time of day
            return float(min(int(text), _LONGEST_WAIT))
    return 0.0


def common(values: Sequence[str]) -> str:
    """What all say; empty where they differ."""
    return values[0] if len(set(values)) == 1 else ""


def _complaint(body: bytes) -> str:
    """What is wrong, out of ``{"error": {"message" or "detail": …}}``."""
    try:
        error = msgspec.json.decode(body)["error"]
        found = error.get("message") or error.get("detail") or ""
    except (*NO_JSON, KeyError, TypeError, AttributeError):
        return ""
    return found[:_LONGEST] if isinstance(found, str) else ""
