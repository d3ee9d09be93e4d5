"""One measurement: ask, redact, read, and let the control judge a silence.

Every measurement ends as an observation: answered, no answer, or not measured. A silence counts as
the target's only after the control has said that our own network is well.
"""

import logging
import time
from collections.abc import Callable, Sequence

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
    now,
)
from sotokara.core.own_network import masks
from sotokara.core.settings import Settings
from sotokara.engine.figure import Figure
from sotokara.kinds.interface import Kind
from sotokara.masking.redaction import Redactor, own_addresses
from sotokara.network.control import Control
from sotokara.network.errors import named
from sotokara.network.network import Network

log = logging.getLogger("mkdocs.sotokara")

_NO_WAY_OUT = ("network_unreachable", "network_down")
"""No route to one address, or none to any: the control knows which."""


class Prober:
    """One build's network, control and redactor. Lives in one event loop."""

    def __init__(self, settings: Settings) -> None:
        """:raises ValueError: when a setting names no address."""
        self._settings = settings
        self._network = Network(settings)
        self.control = Control(self._network)
        self._hidden = [*own_addresses(), *settings.redact]
        self._redactor = Redactor(self._hidden)

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

        ``earlier``: for kinds that remember, the last observations of the same question.
        """
        start, began = now(), time.monotonic()
        if failure := given_up() or self._not_allowed(figure):
            return self.unasked(figure, failure)
        exchanges, reading = await self._measure(figure, earlier)
        failure = reading.failure
        asked_resolver = any(exchange.server == "resolver" for exchange in exchanges)
        if asked_resolver and (denial := await self.control.denial()):
            return self.unasked(figure, denial)
        if failure and (failure.outcome is Outcome.NO_ANSWER or failure.name in _NO_WAY_OUT):
            failure = await self._judged(failure, exchanges)
        assert figure.question is not None  # noqa: S101  # only figures with a question are ready
        return Observation(
            digest=figure.digest,
            definition=figure.identity,
            start=start,
            duration=round(time.monotonic() - began, 3),
            outcome=failure.outcome if failure else Outcome.ANSWERED,
            vantage=self._vantage(figure.question),
            version=figure.question.version,
            failure=failure,
            facts=reading.facts,
            volatile=reading.volatile,
            exchanges=tuple(exchanges),
        )

    def unasked(self, figure: Figure, failure: Failure) -> Observation:
        """The observation that nothing was measured, and why."""
        assert figure.question is not None  # noqa: S101
        return Observation(
            digest=figure.digest,
            definition=figure.identity,
            start=now(),
            outcome=failure.outcome,
            vantage=self._vantage(figure.question),
            version=figure.question.version,
            failure=failure,
        )

    def _vantage(self, question: Kind) -> Vantage:
        return Vantage(self._settings.vantage, f"sotokara {__version__}, {question.software}")

    def _not_allowed(self, figure: Figure) -> Failure | None:
        allowed, name = self._settings.policy.kinds, figure.node.definition.kind.name
        if not allowed or name in allowed:
            return None
        return Failure("policy_refused", "policy", f"policy.kinds does not list {name}")

    async def _measure(
        self, figure: Figure, earlier: Sequence[Observation]
    ) -> tuple[list[Exchange], Reading]:
        """What was sent and received, redacted, and what is read from it."""
        question = figure.asked
        assert question is not None  # noqa: S101
        redactor = self._redactor
        if more := figure.node.definition.hidden:
            redactor = Redactor([*self._hidden, *more])
        redacted: list[Exchange] = []
        try:
            network = self._network.for_probe(question.timeout_factor)
            network.earlier = earlier
            async with network.limit():
                exchanges = await question.measure(network)
            asked_for = figure.node.definition.common.redact
            hidden = question.hide(exchanges, masks(self._settings.own_network, asked_for))
            redacted = [redactor.exchange(exchange) for exchange in hidden]
            reading = writable(question.parse(redacted))
            # Where the target is hidden, facts may have it from the question.
            hides = question != figure.question
            return redacted, redactor.reading(reading) if hides else reading
        except ProbeFailure as failed:
            return [], Reading(failure=redactor.failure(failed.failure))
        except (OSError, EOFError) as error:
            try:
                return [], Reading(failure=named(error, "measure"))
            except OSError:
                return [], self._bug(figure, error)
        except Exception as error:  # noqa: BLE001  # a bug of ours, shown as such
            return redacted, self._bug(figure, error)

    async def _judged(self, failure: Failure, exchanges: Sequence[Exchange]) -> Failure:
        """The control's word on a silence: whose it is."""
        if not exchanges and (denial := await self.control.denial()):
            return denial
        verdict = await self.control.verdict()
        if verdict is None:
            return failure
        by_resolver = all(exchange.server == "resolver" for exchange in exchanges)
        return verdict if verdict.name == "no_network" or by_resolver else failure

    @staticmethod
    def _bug(figure: Figure, error: Exception) -> Reading:
        """An error nobody expected: the author sees it, and the page says it is ours."""
        log.error("%s: a bug in Sotokara", figure.node.definition.place, exc_info=error)
        return Reading(failure=Failure("internal_error", "measure", type(error).__name__))
