"""What a kind is: typed options, ``measure`` (async, through the network given), ``parse`` (pure).

A new kind is one file beside this one, one line in ``probes/kinds/__init__.py``, one file of text
styles in ``probes/render/styles/`` and one folder of recorded cases in ``tests/cases/``.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, ClassVar

import msgspec

from probes.addresses import is_address
from probes.network import Network, Server, parse_server
from probes.network.smtp_mailbox import mails_since
from probes.network.smtp_submit import submit
from probes.network.traceroute import Head as TraceHead
from probes.network.traceroute import Request as TraceRequest
from probes.network.traceroute import Row as TraceRow
from probes.network.traceroute import Trace, trace
from probes.network.traceroute import decode as decode_trace
from probes.network.traceroute import encode as encode_trace
from probes.observation import (
    Exchange,
    Facts,
    Failure,
    Observation,
    Outcome,
    ProbeFailure,
    Reading,
    milliseconds,
)
from probes.own_network import PLACEHOLDER, Masks, SeenHop, hidden_hops, hides_address
from probes.redaction import Redactor

__all__ = [
    "PLACEHOLDER",
    "Exchange",
    "Facts",
    "Failure",
    "Kind",
    "Masks",
    "Network",
    "Observation",
    "Outcome",
    "ProbeFailure",
    "Reading",
    "Redactor",
    "SeenHop",
    "Server",
    "Trace",
    "TraceHead",
    "TraceRequest",
    "TraceRow",
    "Wrong",
    "decode_trace",
    "encode_trace",
    "hidden_hops",
    "hides_address",
    "is_address",
    "mails_since",
    "milliseconds",
    "parse_server",
    "submit",
    "trace",
]


class Wrong(msgspec.Struct, frozen=True):
    """An author's mistake in one option: which, what is wrong, how to mend it."""

    option: str
    what: str
    mend: str


class Kind(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """Base of all kinds. Fields are the author's options; all but ``target`` have defaults."""

    name: ClassVar[str]
    """The key in a definition: ``dns``, ``whois``, …"""
    version: ClassVar[int]
    """Of ``parse``: raised when old raw would be read differently; stored with each observation."""
    facts: ClassVar[type[Facts]]
    """The type of the facts; its fields can be referred to from articles."""
    styles: ClassVar[tuple[str, ...]]
    """The names of its text styles, the default first."""
    from_raw: ClassVar[frozenset[str]] = frozenset()
    """The styles that read the raw, not the facts alone."""
    patience: ClassVar[float] = 1.0
    """How many times ``settings.timeout`` one measurement of this kind may take."""
    software: ClassVar[str] = ""
    """The library that does the measuring, with its version."""
    help: ClassVar[dict[str, str]] = {}
    """One sentence for each option and each field of the facts, for the guide."""

    target: str

    def wrong(self) -> Iterator[Wrong]:
        """Mistakes that types alone do not catch; the target is known by now."""
        yield from ()

    def normal(self) -> "Kind":
        """The same question in its one normal spelling, so that equal questions are one."""
        return self

    def remembers(self) -> bool:
        """Whether ``net.earlier`` is to hold the last observations of this very question."""
        return False

    async def measure(self, net: Network) -> list[Exchange]:
        """Ask, through ``net`` alone; return what was sent and received.

        :raises ProbeFailure: where no exchange can stand for what went wrong.
        """
        raise NotImplementedError

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:  # noqa: ARG002
        """Take the author's own network out of raw, before anything reads or stores it."""
        return list(exchanges)

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Read facts from raw. Pure, so old evidence can be read again by newer code."""
        raise NotImplementedError

    @classmethod
    def same(cls, before: Facts, after: Facts) -> bool:
        """Whether two observations' facts agree, so that nothing has changed between them."""
        return before == after

    @classmethod
    def unknown(cls, facts: Facts | None) -> Collection[str]:  # noqa: ARG003
        """Fields of facts that a failed question left open; no claim on them can be decided."""
        return ()

    def identity(self) -> dict[str, Any]:
        """What makes two definitions the same question: the kind, the target, options set."""
        options: dict[str, Any] = msgspec.to_builtins(self)
        return {self.name: options.pop("target"), **options}
