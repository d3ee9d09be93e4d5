"""A platform's reports, probe by probe, out of the exchange that they are kept in.

Such an exchange has the platform's name as its protocol; ``sent`` is the request for the
measurement, ``received`` the results as the platform gave them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.interface import Kind
from sotokara.kinds.shared.platforms.fields import bounded_list, bounded_text, mapping, number

GLOBALPING, RIPE_ATLAS = "globalping", "ripe-atlas"
PLATFORMS = (GLOBALPING, RIPE_ATLAS)
MOST_PROBES = 50
PROBE = "probe"
"""The protocol of an exchange that a platform has reported: by which one its probe asked."""
"""Probes of one measurement that are read."""


class UnreadableReport(ValueError):  # noqa: N818  # what was read, not an error of ours
    """A report that cannot be read; the text says what is wrong with it."""


class ProbeResult(NamedTuple):
    """What one probe reports: by whom, and its result in the platform's own form."""

    who: str
    result: dict[str, Any]


def is_reported(exchange: Exchange) -> bool:
    """Whether a platform reports this exchange."""
    return exchange.protocol in PLATFORMS


def probe_results(exchange: Exchange) -> list[ProbeResult]:
    """What each probe reports that has come to an end, in the platform's order.

    :raises Unread: where there is nothing.
    """
    try:
        found = msgspec.json.decode(exchange.received or b"")
    except NO_JSON as error:
        raise UnreadableReport("it sent what is no report") from error
    every = list(_globalping(found) if exchange.protocol == GLOBALPING else _atlas(found))
    if not every:
        raise UnreadableReport("it reports no result")
    return every


def alone(exchange: Exchange) -> ProbeResult:
    """What the only probe reports.

    :raises Unread: where there is none, or several.
    """
    every = probe_results(exchange)
    if len(every) > 1:
        raise UnreadableReport("several probes report what is one probe's alone")
    return every[0]


def parse_or_convert(
    question: Kind,
    exchanges: Sequence[Exchange],
    parse: Callable[[Sequence[Exchange]], Reading],
) -> Reading:
    """Facts from raw, also where a platform has reported it.

    ``parse``: reads raw in the kind's own form.
    """
    reported = next((one.protocol for one in exchanges if is_reported(one)), "")
    if not reported:
        return parse(exchanges)
    try:
        found = parse(question.in_own_form(exchanges))
    except UnreadableReport as error:
        return Reading(failure=Failure("place_differs", reported, str(error)))
    return msgspec.structs.replace(found, volatile={**found.volatile, **probes(exchanges)})


def probes(exchanges: Sequence[Exchange]) -> dict[str, Any]:
    """What is volatile in a report: how many probes were asked, and have reported."""
    counts = [_counts(one) for one in exchanges if is_reported(one)]
    if not counts:
        return {}
    asked, came = max(one[0] for one in counts), min(one[1] for one in counts)
    return {"probes": {"asked": asked, "reported": came}} if asked > 1 or came != 1 else {}


def _counts(exchange: Exchange) -> tuple[int, int]:
    try:
        sent = mapping(msgspec.json.decode(exchange.sent))
        came = len(probe_results(exchange))
    except (*NO_JSON, UnreadableReport):
        return 1, 0
    wanted = [
        mapping(one).get("requested") for one in bounded_list(sent.get("probes"), MOST_PROBES)
    ]
    asked = sum(number(one) or 0 for one in wanted) or number(sent.get("limit")) or 1
    return int(asked), came


def _globalping(found: Any) -> Iterator[ProbeResult]:  # noqa: ANN401  # JSON
    """Probes have no names there: each is told by its city, country and network."""
    seen = Counter[str]()
    for one in map(mapping, bounded_list(mapping(found).get("results"), MOST_PROBES)):
        result = mapping(one.get("result"))
        if result.get("status") != "finished":
            continue
        probe = mapping(one.get("probe"))
        asn = number(probe.get("asn"))
        known = [bounded_text(probe.get("city"), 80), bounded_text(probe.get("country"), 2)]
        who = ", ".join(filter(None, (*known, f"AS{asn:.0f}" if asn else ""))) or "probe"
        seen[who] += 1
        yield ProbeResult(who if seen[who] == 1 else f"{who} ({seen[who]})", result)


def _atlas(found: Any) -> Iterator[ProbeResult]:  # noqa: ANN401  # JSON
    """Each probe once, with its first result: what comes again is a repetition."""
    seen: set[str] = set()
    for one in map(mapping, bounded_list(found, MOST_PROBES)):
        name = bounded_text(one.get("prb_id"), 20)
        if name and name not in seen:
            seen.add(name)
            yield ProbeResult(f"probe {name}", one)
