"""What a platform published, read from the bytes that were kept."""

from collections.abc import Sequence
from typing import Any

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.cited import atlas
from sotokara.kinds.cited.facts import CitedFacts, Report
from sotokara.kinds.shared.platforms.fields import bounded_list, bounded_text, mapping, number

MOST_REPORTS = 1000
MEASUREMENT, RESULTS, PROBES = "measurement", "results", "probes"
"""The steps of its exchanges."""


def read_atlas(number_of_it: str, exchanges: Sequence[Exchange]) -> Reading:
    """A measurement of RIPE Atlas: what it is, its results, and where its probes are."""
    found = {exchange.step: _json(exchange) for exchange in exchanges}
    about = mapping(found.get(MEASUREMENT))
    results = found.get(RESULTS)
    if not isinstance(results, list):
        return Reading(failure=_unavailable("the results are no list"))
    reports: list[Report] = []
    unread = 0
    for result in results[:MOST_REPORTS]:
        said = list(atlas.reports(result))
        reports += said
        unread += not said
    where = {bounded_text(one.get("id"), 20): one for one in _probes(found.get(PROBES))}
    reports = sorted((_at(one, where) for one in reports), key=lambda one: (one.at, one.probe))
    times = [one.at for one in reports if one.at]
    kinds = {bounded_text(mapping(one).get("type"), 20) for one in results[:MOST_REPORTS]} - {""}
    facts = CitedFacts(
        platform="RIPE Atlas",
        measurement=number_of_it,
        type=bounded_text(about.get("type"), 20) or ", ".join(sorted(kinds))[:80],
        target=_target(about, results),
        description=bounded_text(about.get("description")),
        first=min(times, default=""),
        last=max(times, default=""),
        reports=reports,
        answered=sum(not one.failure for one in reports),
        silent=sum(bool(one.failure) for one in reports),
        unread=unread,
        left_out=max(0, len(results) - MOST_REPORTS),
    )
    return Reading(facts)


def _target(about: dict[str, Any], results: list[Any]) -> str:
    """What was asked about: a query's name, else of whom."""
    first = mapping(results[0]) if results else {}
    for one in (about.get("query_argument"), about.get("target"), first.get("dst_name")):
        if found := bounded_text(one):
            return found
    return bounded_text(first.get("uri"))


def _probes(found: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # JSON
    return [mapping(one) for one in bounded_list(mapping(found).get("results"))]


def _at(report: Report, where: dict[str, dict[str, Any]]) -> Report:
    """The same report with its probe's country and network, as the platform gives them."""
    probe = where.get(report.probe, {})
    asn = number(probe.get("asn_v4")) or number(probe.get("asn_v6"))
    country = bounded_text(probe.get("country_code"), 2)
    return msgspec.structs.replace(
        report,
        country=country.upper() if country.isalpha() and country.isascii() else "",
        network=f"AS{asn:.0f}" if asn and asn < 1 << 32 else "",
    )


def _json(exchange: Exchange) -> Any:  # noqa: ANN401  # JSON
    try:
        return msgspec.json.decode(exchange.received or b"")
    except NO_JSON:
        return None


def _unavailable(detail: str) -> Failure:
    return Failure("source_unavailable", RESULTS, detail)
