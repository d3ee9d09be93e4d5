"""Observations: one answer, or the reason why there is none.

An observation is definition + time + vantage + outcome + facts + raw. Everything here is plain,
immutable vocabulary; nothing measures, stores or renders.
"""

import enum
from datetime import UTC, datetime
from typing import Any

import msgspec


class Outcome(enum.StrEnum):
    """The three things that can come of a measurement, kept apart everywhere."""

    ANSWERED = "answered"
    """The target answered; a negative answer (NXDOMAIN, "No match!!", 550) is an answer."""
    NO_ANSWER = "no_answer"
    """We asked, our network works, and the target gave no (usable) answer."""
    NOT_MEASURED = "not_measured"
    """Our side: no network, policy, cancelled, or nothing to ask. It says nothing of the target."""
    CITED = "cited"
    """None of the three: others' evidence. On disk no outcome is written, for it has none."""

    @property
    def has_facts(self) -> bool:
        """Whether something was read: an answer, or what others report."""
        return self in (Outcome.ANSWERED, Outcome.CITED)


FAILURES: dict[str, Outcome] = {
    # Names of OONI's df-007-errors where it has one for the same thing.
    "connection_aborted": Outcome.NO_ANSWER,
    "connection_refused": Outcome.NO_ANSWER,
    "connection_reset": Outcome.NO_ANSWER,
    "dns_lame_delegation": Outcome.NO_ANSWER,
    "dns_no_answer": Outcome.NO_ANSWER,
    "dns_nxdomain_error": Outcome.NO_ANSWER,
    "dns_refused_error": Outcome.NO_ANSWER,
    "dns_server_misbehaving": Outcome.NO_ANSWER,
    "dns_servfail_error": Outcome.NO_ANSWER,
    "eof_error": Outcome.NO_ANSWER,
    "generic_timeout_error": Outcome.NO_ANSWER,
    "host_unreachable": Outcome.NO_ANSWER,
    "json_parse_error": Outcome.NO_ANSWER,
    "message_size": Outcome.NO_ANSWER,
    "rate_limited": Outcome.NO_ANSWER,
    "referral_loop": Outcome.NO_ANSWER,
    "refused_by_server": Outcome.NO_ANSWER,
    "server_misbehaving": Outcome.NO_ANSWER,
    "ssl_failed_handshake": Outcome.NO_ANSWER,
    "starttls_not_offered": Outcome.NO_ANSWER,
    "tls_not_spoken": Outcome.NO_ANSWER,
    "unknown_form": Outcome.NO_ANSWER,
    # Our side.
    "browser_failed": Outcome.NOT_MEASURED,
    "cancelled": Outcome.NOT_MEASURED,
    "clock_wrong": Outcome.NOT_MEASURED,
    "deadline_exceeded": Outcome.NOT_MEASURED,
    "evidence_unreadable": Outcome.NOT_MEASURED,
    "extra_missing": Outcome.NOT_MEASURED,
    "file_unreadable": Outcome.NOT_MEASURED,
    "index_unavailable": Outcome.NOT_MEASURED,
    "internal_error": Outcome.NOT_MEASURED,
    "invalid_target": Outcome.NOT_MEASURED,
    "network_down": Outcome.NOT_MEASURED,
    "network_unreachable": Outcome.NOT_MEASURED,
    "never_observed": Outcome.NOT_MEASURED,
    "no_network": Outcome.NOT_MEASURED,
    "no_sender": Outcome.NOT_MEASURED,
    "no_server_known": Outcome.NOT_MEASURED,
    "permission_denied": Outcome.NOT_MEASURED,
    "place_differs": Outcome.NOT_MEASURED,
    "place_lost": Outcome.NOT_MEASURED,
    "place_unreachable": Outcome.NOT_MEASURED,
    "policy_refused": Outcome.NOT_MEASURED,
    "port_blocked": Outcome.NOT_MEASURED,
    "reference_empty": Outcome.NOT_MEASURED,
    "registry_silent": Outcome.NOT_MEASURED,
    "resolver_misbehaving": Outcome.NOT_MEASURED,
    "resolver_unreachable": Outcome.NOT_MEASURED,
    "smtp_port_blocked": Outcome.NOT_MEASURED,
    "source_unavailable": Outcome.NOT_MEASURED,
    "vantage_elsewhere": Outcome.NOT_MEASURED,
    "way_unproven": Outcome.NOT_MEASURED,
    "withdrawn": Outcome.NOT_MEASURED,
}
"""The closed list of failure names, each with the outcome it stands for."""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why nothing was observed: a name from FAILURES, at which step, and the particulars.

    :raises ValueError: for a name outside the closed list.
    """

    name: str
    step: str = ""
    detail: str = ""

    def __post_init__(self) -> None:
        if self.name not in FAILURES:
            message = f"{self.name!r} is not in the closed list of failures"
            raise ValueError(message)

    @property
    def outcome(self) -> Outcome:
        """No answer from the target, or not measured."""
        return FAILURES[self.name]


class ProbeFailure(Exception):  # noqa: N818  # the failure is what it carries, not an error of ours
    """Raised where a measurement ends without an answer; carries the Failure."""

    def __init__(self, name: str, step: str = "", detail: str = "") -> None:
        self.failure = Failure(name, step, detail)
        super().__init__(f"{name} at {step}: {detail}")


class Exchange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question put to one server: the bytes sent, the bytes received, when, how long.

    ``at`` and ``ms`` are milliseconds: since the observation's start, and until the reply.
    ``server`` names whom we asked; the author's own resolver is always just ``resolver``.
    """

    step: str
    server: str
    protocol: str
    sent: bytes = b""
    received: bytes | None = None
    failure: Failure | None = None
    at: float = 0.0
    ms: float | None = None
    media_type: str = "application/octet-stream"
    hidden: int = 0
    """How many addresses in the bytes are zeros because they were masked (see hidden.py)."""


def milliseconds(seconds: float, digits: int = 1) -> float:
    """Rounded milliseconds, a whole number where they are whole (RFC 8785 writes 5, not 5.0)."""
    rounded = round(seconds * 1000, digits)
    return int(rounded) if rounded.is_integer() else rounded


def pack(exchange: Exchange) -> dict[str, Any]:
    """An exchange for JSON: text as text where it is declared so and is UTF-8, else base64."""
    packed: dict[str, Any] = msgspec.to_builtins(exchange)
    if exchange.media_type.startswith("text/"):
        for key, content in (("sent", exchange.sent), ("received", exchange.received)):
            try:
                packed[f"{key}_text"] = (content or b"").decode("utf-8")
            except UnicodeDecodeError:
                continue
            packed.pop(key, None)
            if content is None:
                del packed[f"{key}_text"]
    return packed


def unpack(packed: dict[str, Any]) -> Exchange:
    """The exchange that ``pack`` was given.

    :raises msgspec.ValidationError: for anything else.
    """
    texts = {key: packed.get(f"{key}_text") for key in ("sent", "received")}
    rest = {key: value for key, value in packed.items() if not key.endswith("_text")}
    exchange = msgspec.convert(rest, Exchange)
    known = {key: text.encode() for key, text in texts.items() if text is not None}
    return msgspec.structs.replace(exchange, **known)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every kind's facts: the parsed, comparable part of an answer."""


class Reading(msgspec.Struct, frozen=True):
    """What a kind's ``parse`` reads from raw: facts, what is volatile in them, or the failure.

    ``failure`` may stand beside ``facts`` where something did come back (an rcode of SERVFAIL).
    """

    facts: Facts | None = None
    volatile: dict[str, Any] = {}
    failure: Failure | None = None


REPORTERS = frozenset(
    {"ripe-atlas", "globalping", "ripestat", "mrt", "passive-dns", "memento", "status", "file"}
)
"""Engines that are others' own: what they see is reported by them, never measured by the blog.

``file``: what somebody has published, in a file beside the article."""


class Vantage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an observation was made from, by the author's own name for it, and with what.

    The fields below ``software`` are as the engine gives them; of a build's own place there are
    none. ``network`` is an AS (``AS64500``), ``country`` a code of ISO 3166-1.
    """

    name: str
    software: str
    engine: str = ""
    """What measured there, where it was not the build itself: ``dask``, ``ripe-atlas``, …"""
    network: str = ""
    country: str = ""
    city: str = ""
    measurement: str = ""
    """The engine's own name for the measurement."""
    probe: str = ""
    """The engine's own name for the host that measured."""

    @property
    def reported(self) -> bool:
        """Whether others have measured, and told us: reported by them, not measured by us."""
        return self.engine in REPORTERS


class Observation(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a run file with its facts and raw beside it.

    ``definition`` is the identity that was measured, ``digest`` its SHA-256; ``start`` is UTC,
    ``duration`` in seconds; ``origin`` is ``measured``, ``transcript``, or ``others``
    where others have added it and nobody of the blog's own has signed it.
    """

    digest: str
    definition: dict[str, Any]
    start: datetime
    outcome: Outcome
    vantage: Vantage
    duration: float = 0.0
    version: int = 1
    failure: Failure | None = None
    facts: Facts | None = None
    volatile: dict[str, Any] = {}
    exchanges: tuple[Exchange, ...] = ()
    origin: str = "measured"
    facts_digest: str | None = None
    raw_digest: str | None = None
    id: str = ""
    """``<run>-<line>`` once it is kept: its address in the ledger and under /evidence/."""


def now() -> datetime:
    """The present, UTC, to the millisecond (as it is stored)."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
