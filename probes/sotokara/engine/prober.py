"""One measurement: ask, redact, read, and let the control judge a silence.

Every measurement ends as an observation: answered, no answer, or not measured. A silence counts as
the target's only after the control has said that our own network is well. Time in which this
machine stood still is ours: what fails meanwhile is asked once more.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path

from msgspec.structs import replace

from sotokara import __version__
from sotokara.core.canonical import writable
from sotokara.core.hidden import MASKED, hide_zeros, is_hidden
from sotokara.core.mistakes import SettingMistake
from sotokara.core.observation import (
    Exchange,
    Failure,
    Observation,
    Outcome,
    ProbeFailure,
    Reading,
    Vantage,
    now,
)
from sotokara.core.own_network import masks_for
from sotokara.core.page_files import file_beside_page
from sotokara.core.settings import Settings
from sotokara.engine.figure import Figure
from sotokara.kinds.interface import Kind
from sotokara.masking.redaction import Redactor, own_addresses
from sotokara.network.clock import stood_still
from sotokara.network.control import Control
from sotokara.network.errors import failure_of
from sotokara.network.network import Network
from sotokara.network.ways import Ways

log = logging.getLogger("mkdocs.sotokara")

_NO_WAY_OUT = ("network_unreachable", "network_down", "resolver_unreachable")
"""No route to one address, or none to any: the control knows which."""
_BY_NAME = ("whois", "https", "smtp", "tls")
"""Protocols whose servers the resolver finds; this build may have asked it for another probe."""
_ATTEMPTS = 2
_STOOD_STILL = 0.5
"""Seconds: what fails in a time from which so much is missing was not given its time."""
_OF_NO_TIME = ("clock_wrong", "ssl_failed_handshake")
"""What is wrong with a certificate or a signature that came: no waiting of ours brings it about."""


class Prober:
    """One build's network, control and redactor. Lives in one event loop."""

    def __init__(
        self,
        settings: Settings,
        ways: Ways | None = None,
        *,
        engine: str = "",
        hidden: Sequence[str] = (),
        pages: Path | None = None,
    ) -> None:
        """``ways``: where addresses lead to; None: to themselves.

        ``pages``: the folder below which kinds may read what an article names; None: they may not.

        ``hidden`` is masked beside what the settings name; ``engine`` stands in each vantage.

        :raises ValueError: when a setting names no address.
        """
        self._settings, self._engine, self._pages = settings, engine, pages
        self._network = Network(settings, ways)
        self.control = Control(self._network)
        self._hidden = [*own_addresses(), *settings.redact, *hidden]
        self._redactor = Redactor(self._hidden)
        self.queued = self._network.registries.queued
        """What waits for each registry by now; may be called from another thread."""
        self._cut: dict[int, list[Exchange]] = {}
        """What figures that were cut off had exchanged until then."""

    @property
    def network(self) -> Network:
        """The network that it measures through."""
        return self._network

    def touched(self, messages: Sequence[bytes], more: Sequence[str] = ()) -> list[int]:
        """The numbers of the DNS messages in which something may have to be masked."""
        redactor = Redactor([*self._hidden, *more]) if more else self._redactor
        return redactor.touched(messages)

    def masked(self, exchanges: Sequence[Exchange], more: Sequence[str] = ()) -> list[Exchange]:
        """Exchanges as they may be stored; ``more``: what their definition hides."""
        redactor = Redactor([*self._hidden, *more]) if more else self._redactor
        return [redactor.exchange(one) for one in exchanges]

    def close(self) -> None:
        """Close all sockets."""
        self._network.close()
        self.control.close()

    async def observe(
        self,
        figure: Figure,
        given_up: Callable[[], Failure | None],
        earlier: Sequence[Observation] = (),
    ) -> Observation:
        """Measure one figure's question; never raises for what the network or a server does.

        :raises SettingMistake: where a setting that is needed for it names what is not there.

        ``earlier``: for kinds that remember, the last observations of the same question.
        """
        start, began = now(), time.monotonic()
        if failure := given_up() or self._not_allowed(figure):
            return self.unasked(figure, failure)
        probe, exchanges, reading = await self._asked(figure, earlier)
        if _relies_on_resolver(probe, exchanges) and (denial := await self.control.denial()):
            reading = Reading(failure=denial)
        elif failure := await self.control.interception(exchanges, probe):
            reading = Reading(failure=failure)
        assert figure.question is not None  # noqa: S101  # only figures with a question are ready
        vantage = self._vantage(figure.question, reported=reading.failure is None)
        return figure.observed(reading, vantage, start, time.monotonic() - began, exchanges)

    async def _asked(
        self, figure: Figure, earlier: Sequence[Observation]
    ) -> tuple[Network, list[Exchange], Reading]:
        """Measure, and let the control judge; once more where this machine stood still."""
        loop = asyncio.get_running_loop()
        for attempt in range(_ATTEMPTS):
            assert figure.asked is not None  # noqa: S101
            stood = stood_still(loop)
            probe = self._network.for_probe(figure.asked.timeout_factor)
            probe.earlier = earlier
            probe.find = self._find
            since = self.control.ticker.begin()
            try:
                exchanges, reading = await self._measure(figure, probe)
                still = stood_still(loop) - stood
                unsaid = figure.asked.failure_in(reading.facts)
                failure = unsaid or reading.failure
                theirs = failure is not None and failure.outcome is Outcome.NO_ANSWER
                if failure is None or not (unsaid or theirs or failure.name in _NO_WAY_OUT):
                    break
                if still < _STOOD_STILL or failure.name in _OF_NO_TIME:
                    reading = await self._judged(reading, failure, exchanges, probe, since)
                    break
            finally:
                self.control.ticker.end(since)
            if attempt == _ATTEMPTS - 1:
                detail = f"this machine stood still for {still:.0f} s meanwhile"
                reading = Reading(failure=Failure("deadline_exceeded", "measure", detail))
        return probe, exchanges, reading

    def _find(self, name: str) -> Path | None:
        """The file of that path below the folder of the pages, where it may be read here."""
        return file_beside_page(self._pages, "", name) if self._pages is not None else None

    def unasked(self, figure: Figure, failure: Failure) -> Observation:
        """The observation that nothing was measured, and why."""
        assert figure.question is not None  # noqa: S101  # only figures with a question are asked
        vantage = self._vantage(figure.question)
        return figure.unmeasured(failure, vantage, self._cut.pop(id(figure), ()))

    def _vantage(self, question: Kind, *, reported: bool = False) -> Vantage:
        software = f"sotokara {__version__}, {question.software}"
        own = Vantage(self._settings.vantage, software, self._engine)
        if not reported or not question.cites:
            return own
        platform, measurement = question.reporter()
        return replace(own, engine=platform, measurement=measurement)

    def _not_allowed(self, figure: Figure) -> Failure | None:
        if figure.node.definition.template.references and is_hidden(figure.target):
            return Failure("reference_empty", "reference", MASKED)
        allowed, name = self._settings.policy.kinds, figure.node.definition.kind.name
        if not allowed or name in allowed:
            return None
        return Failure("policy_refused", "policy", f"policy.kinds does not list {name}")

    async def _measure(self, figure: Figure, probe: Network) -> tuple[list[Exchange], Reading]:
        """What was sent and received, redacted, and what is read from it."""
        question = figure.asked
        assert question is not None  # noqa: S101
        redactor = self._redactor
        if more := figure.node.definition.hidden:
            redactor = Redactor([*self._hidden, *more])

        def kept(exchanges: Sequence[Exchange]) -> list[Exchange]:
            nonlocal redactor
            if new := self._new_sources():
                self._hidden += new
                self._redactor = Redactor(self._hidden)
                redactor = Redactor([*self._hidden, *more]) if more else self._redactor
            asked_for = figure.node.definition.common.redact
            hidden = question.hide(exchanges, masks_for(self._settings.own_network, asked_for))
            return question.kept([redactor.exchange(exchange) for exchange in hidden])

        redacted: list[Exchange] = []
        try:
            exchanges, failure = await self._exchanged(question, probe)
            redacted = kept(exchanges)
            if failure is not None:
                return redacted, Reading(failure=redactor.failure(failure))
            reading = writable(hide_zeros(question.parse(redacted), redacted))
            # Where the target is hidden, facts may have it from the question.
            hides = question != figure.question
            return redacted, redactor.reading(reading) if hides else reading
        except asyncio.CancelledError:  # the build's time is up, or its author stops it
            self._cut[id(figure)] = kept(probe.trail)
            raise
        except SettingMistake:
            raise
        except (OSError, EOFError) as error:
            try:
                return kept(probe.trail), Reading(failure=failure_of(error, "measure"))
            except OSError:
                return [], self._bug(figure, error)
        except Exception as error:  # noqa: BLE001  # a bug of ours, shown as such
            return redacted, self._bug(figure, error)

    def _new_sources(self) -> list[str]:
        """Addresses that this machine got during the build, temporary ones of IPv6 (RFC 8981)."""
        new = self._network.sources.difference(self._hidden)
        return sorted(one for one in new if not ip_address(one).is_loopback)

    @staticmethod
    async def _exchanged(
        question: Kind, probe: Network
    ) -> tuple[Sequence[Exchange], Failure | None]:
        """What was sent and received; where that was cut off, as far as it came, and why."""
        try:
            async with probe.limit():
                return await question.measure(probe), None
        except ProbeFailure as failed:
            return probe.trail, failed.failure
        except TimeoutError:
            if not probe.expired():
                raise
            return probe.trail, probe.silence("measure", 0.0)

    async def _judged(
        self,
        reading: Reading,
        failure: Failure,
        exchanges: Sequence[Exchange],
        probe: Network,
        since: float,
    ) -> Reading:
        """The control's word on a silence: whose it is. Where it is ours, nothing was measured."""
        verdict = await self.control.judge(failure, exchanges, probe, since)
        if verdict.outcome is Outcome.NO_ANSWER:
            return reading
        return Reading(volatile={}, failure=verdict)

    @staticmethod
    def _bug(figure: Figure, error: Exception) -> Reading:
        """An error nobody expected: the author sees it, and the page says it is ours."""
        log.error("%s: a bug in Sotokara", figure.node.definition.place, exc_info=error)
        return Reading(failure=Failure("internal_error", "measure", type(error).__name__))


def _relies_on_resolver(probe: Network, exchanges: Sequence[Exchange]) -> bool:
    """Whether anything in an answer rests on the resolver: what it said, or whom it led to."""
    return probe.used_resolver or any(
        exchange.server == "resolver" or exchange.protocol in _BY_NAME for exchange in exchanges
    )
