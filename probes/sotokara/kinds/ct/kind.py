"""Kind ``ct``: which certificates for a name the logs of Certificate Transparency have (RFC 6962).

The logs are not searchable by name; an index is asked that reads them all. What it does not have
may be in a log all the same, and an index that does not answer says nothing of the name.
"""

import json
from collections.abc import Iterator, Sequence
from importlib import metadata
from typing import Any, ClassVar

import msgspec

from sotokara.core.durations import parse_time
from sotokara.core.observation import Exchange, Facts, Failure, Reading
from sotokara.core.own_network import Masks
from sotokara.core.said import said
from sotokara.kinds.ct.entries import INDEX, MOST_SHOWN, entries_of, log_rows
from sotokara.kinds.ct.facts import CtFacts
from sotokara.kinds.ct.settings import Ct as CtSettings
from sotokara.kinds.interface import Kind, OptionError
from sotokara.kinds.shared.host import domain_name
from sotokara.network.network import Network


class Ct(Kind, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One name, asked of an index of the logs."""

    name: ClassVar[str] = "ct"
    version: ClassVar[int] = 1
    facts: ClassVar[type[CtFacts]] = CtFacts
    styles: ClassVar[tuple[str, ...]] = ("table", "list")
    settings: ClassVar[type[CtSettings]] = CtSettings
    timeout_factor: ClassVar[float] = 6.0
    id_prefix: ClassVar[str] = "ct"
    gist: ClassVar[tuple[str, ...]] = ("count",)
    software: ClassVar[str] = f"httpcore {metadata.version('httpcore')}"
    retold: ClassVar[frozenset[str]] = frozenset({"certificates", "latest"})
    help: ClassVar[dict[str, str]] = {
        "target": "A domain name; it may be written in Unicode.",
        "subdomains": "Ask for all names below it instead of the name itself.",
        "after": "Only certificates first seen on this day or later (`2026-01-01`).",
        "count": "How many certificates; a precertificate and its certificate are one.",
        "certificates": "Each, the newest first, 500 at most: `serial`, `issuer`, `first_seen`, "
        "`valid_from`, `expires`, `names`, `id` (the index's number).",
        "issuers": "The common names of those who issued them.",
        "names": "All names in them.",
        "first_seen": "The day on which the first of them was logged.",
        "latest": "The day on which the last of them was logged.",
    }

    subdomains: bool = False
    after: str = ""

    def option_errors(self) -> Iterator[OptionError]:
        """Targets that are no name, days that there are not."""
        try:
            domain_name(self.target, fewest=2)
        except ValueError as error:
            what = said("{!r} is no domain name ({})", self.target, error)
            yield OptionError("target", what, said("write example.com"))
        try:
            if self.after:
                parse_time(self.after)
        except ValueError as error:
            yield OptionError("after", str(error), said("write 2026-01-01"))

    def normal(self) -> "Ct":
        """Lower case, A-labels, no final dot; a whole day."""
        after = parse_time(self.after).date().isoformat() if self.after else ""
        return msgspec.structs.replace(self, target=domain_name(self.target, fewest=2), after=after)

    async def measure(self, net: Network) -> list[Exchange]:
        """Ask the index."""
        from sotokara.kinds.ct.asking import ask_index  # brings in httpcore, slow to start

        return await ask_index(net, self.target, subdomains=self.subdomains)

    def hide(self, exchanges: Sequence[Exchange], masks: Masks) -> list[Exchange]:  # noqa: ARG002
        """Of each row only what is known to be no person's."""
        return [safe(one) for one in exchanges]

    def parse(self, exchanges: Sequence[Exchange]) -> Reading:
        """Facts from the index's rows."""
        return read_index(exchanges, self.after)

    @classmethod
    def comparable(cls, before: Facts, after: Facts) -> tuple[Facts, Facts]:
        """The index's own numbers are no facts of the name."""
        return _plain(before), _plain(after)

    @classmethod
    def headline_of(cls, facts: Any, words: dict[str, str]) -> str:  # noqa: ANN401
        """How many."""
        return words["head_ct"].format(count=facts.count)

    def commands(self, facts: Any = None) -> list[list[str]]:  # noqa: ANN401, ARG002
        """``curl`` for the usual index."""
        name = f"%25.{self.target}" if self.subdomains else self.target
        return [["curl", "-s", f"https://crt.sh/?q={name}&output=json"]]


def _plain(facts: Facts) -> Facts:
    if not isinstance(facts, CtFacts):
        return facts
    rows = [msgspec.structs.replace(one, id=0) for one in facts.certificates]
    return msgspec.structs.replace(facts, certificates=rows)


# From an index's rows to facts: pure.


def safe(exchange: Exchange) -> Exchange:
    """An index's answer with only what may be kept of each row."""
    if exchange.step != INDEX or exchange.received is None:
        return exchange
    try:
        rows = log_rows(exchange.received)
    except (ValueError, RecursionError) as error:
        told = "no JSON object" if isinstance(error, json.JSONDecodeError) else str(error)[:80]
        failure = Failure("index_unavailable", INDEX, told)
        return msgspec.structs.replace(exchange, received=None, failure=failure)
    return msgspec.structs.replace(exchange, received=msgspec.json.encode(rows))


def read_index(exchanges: Sequence[Exchange], after: str) -> Reading:
    """The certificates of a name since a day."""
    answer = next((one for one in exchanges if one.step == INDEX), None)
    if answer is None or answer.received is None:
        failure = answer.failure if answer else None
        return Reading(failure=failure or Failure("index_unavailable", INDEX))
    try:
        rows = log_rows(answer.received)
    except (ValueError, RecursionError):
        return Reading(failure=Failure("index_unavailable", INDEX, "no JSON object"))
    entries = entries_of(rows, after)
    days = sorted(one.first_seen for one in entries if one.first_seen)
    facts = CtFacts(
        count=len(entries),
        certificates=entries[:MOST_SHOWN],
        issuers=sorted({one.issuer for one in entries}),
        names=sorted({name for one in entries for name in one.names}),
        first_seen=days[0] if days else "",
        latest=days[-1] if days else "",
    )
    volatile = {"ms": answer.ms} if answer.ms is not None else {}
    return Reading(facts, volatile)
