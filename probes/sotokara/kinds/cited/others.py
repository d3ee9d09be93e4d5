"""Further sources: passive DNS rows, a capture in a web archive, a provider's status page.

Each becomes reports of when something was so, by whom. What is of another form counts as unread.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, Reading
from sotokara.kinds.cited.facts import CitedFacts, Report
from sotokara.kinds.shared.platforms.fields import (
    bounded_list,
    bounded_text,
    mapping,
    number,
    utc_time,
)
from sotokara.kinds.shared.terminal.grammar import is_name

SOURCES = ("passive-dns", "memento", "status")
ROWS, CAPTURE, INCIDENTS = "rows", "capture", "incidents"
"""The steps of their exchanges."""
MOST = 1000
_MOST_VALUES = 20
_MOST_LINES = 100_000


class ArchiveCapture(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is kept of a capture: no body, but its hash."""

    status: int
    type: str
    memento: str
    """The ``Memento-Datetime`` of RFC 7089, as it came."""
    original: str
    """The address that was captured, by the archive."""
    length: int
    sha256: str


def capture_of(status: int, headers: dict[str, str], body: bytes, url: str) -> ArchiveCapture:
    """What is kept of an archive's answer."""
    links = headers.get("link", "")[:5000].split(",")
    original = next((one for one in links if 'rel="original"' in one), "")
    named = original.partition("<")[2].partition(">")[0]
    return ArchiveCapture(
        status,
        headers.get("content-type", "")[:100],
        headers.get("memento-datetime", "")[:60],
        (named or _inner(url))[:500],
        len(body),
        hashlib.sha256(body).hexdigest(),
    )


def _inner(url: str) -> str:
    """The address behind the archive's own, where one stands in it."""
    at = url.find("http", 8)
    return url[at:] if at > 0 else ""


def read_passive(name: str, exchanges: Sequence[Exchange]) -> Reading:
    """Rows of passive DNS in its common output format, a line each.

    (draft-dulaunoy-dnsop-passive-dns-cof)

    Only rows of the name asked for are read, whole or as names below it.
    """
    content = _of(exchanges, ROWS)
    if content is None:
        return Reading(failure=Failure("source_unavailable", ROWS))
    reports, unread = [], 0
    for line in content.splitlines()[:_MOST_LINES]:
        if not line.strip():
            continue
        found = _row(_json(line), name)
        unread += found is None
        reports += [found] if isinstance(found, Report) else []
    return _facts("passive DNS", name, "dns", reports, unread)


def own_rows(content: bytes, name: str) -> bytes:
    """Of a file of rows those of a name; a line that is none stands as ``null``, to be counted."""
    kept = []
    for line in content.splitlines()[:_MOST_LINES]:
        found = _row(_json(line), name) if line.strip() else False
        if found is not False:
            kept.append(line if isinstance(found, Report) else b"null")
    return b"\n".join(kept[: 2 * MOST])


def own_incidents(content: bytes) -> bytes:
    """Of a status page's answer what is read: what employees wrote in it is not."""
    document = mapping(_json(content))
    names = ("id", "name", "status", "impact", "created_at", "started_at", "resolved_at")
    given = document.get("incidents")
    every = (
        [{name: mapping(one).get(name) for name in names} for one in given[:MOST]]
        if isinstance(given, list)
        else None
    )
    page = {"name": bounded_text(mapping(document.get("page")).get("name"))}
    return msgspec.json.encode({"page": page, "incidents": every})


def _row(given: Any, name: str) -> Report | bool | None:  # noqa: ANN401  # JSON
    """A row of the name; False for another name's; None for what is none."""
    row = mapping(given)
    owner = bounded_text(row.get("rrname")).rstrip(".").lower()
    first = utc_time(row.get("time_first", row.get("zone_time_first")))
    last = utc_time(row.get("time_last", row.get("zone_time_last")))
    data = row.get("rdata")
    values = [
        bounded_text(one)
        for one in (bounded_list(data, _MOST_VALUES) if isinstance(data, list) else [data])
    ]
    kind = bounded_text(row.get("rrtype"), 12)
    if not owner or not kind or not first or not all(values):
        return None
    if owner != name and not owner.endswith(f".{name}"):
        return False
    times = number(row.get("count"))
    seen = f" ({times:.0f} times)" if times else ""
    return Report(
        bounded_text(row.get("sensor_id"), 40) or owner,
        first,
        f"{owner} {kind} {', '.join(values)}{seen}",
        until=last,
        addresses=values if kind in ("A", "AAAA") else [],
    )


def read_capture(exchanges: Sequence[Exchange]) -> Reading:
    """A capture, dated by its archive (RFC 7089). Without that date it is none."""
    content = _of(exchanges, CAPTURE)
    try:
        kept = msgspec.json.decode(content or b"", type=ArchiveCapture)
    except NO_JSON:
        return Reading(failure=Failure("source_unavailable", CAPTURE))
    at = _dated(kept.memento)
    if not at:
        return Reading(failure=Failure("source_unavailable", CAPTURE, "no Memento-Datetime"))
    host = exchanges[0].server
    said = f"HTTP {kept.status}, {kept.type}, {kept.length} bytes, SHA-256 {kept.sha256[:16]}…"
    return _facts(host, kept.original, "http", [Report(host, at, said)], 0)


def read_incidents(exchanges: Sequence[Exchange]) -> Reading:
    """Incidents of a status page, as Statuspage's public API writes them."""
    content = _of(exchanges, INCIDENTS)
    document = mapping(_json(content or b""))
    given = document.get("incidents")
    if not isinstance(given, list):
        return Reading(failure=Failure("source_unavailable", INCIDENTS, "no list of incidents"))
    reports = list(_incidents(given[:MOST]))
    host = exchanges[0].server
    about = bounded_text(mapping(document.get("page")).get("name")) or host
    return _facts(host, about, "status", reports, len(given[:MOST]) - len(reports))


def _incidents(given: Sequence[Any]) -> Iterator[Report]:
    for one in map(mapping, given):
        name, began = (
            bounded_text(one.get("name")),
            _iso(one.get("started_at") or one.get("created_at")),
        )
        if name and began:
            impact, status = (
                bounded_text(one.get("impact"), 20),
                bounded_text(one.get("status"), 20),
            )
            said = f"{impact}: {name} ({status})" if impact else f"{name} ({status})"
            yield Report(
                bounded_text(one.get("id"), 20), began, said, until=_iso(one.get("resolved_at"))
            )


def _facts(
    platform: str, target: str, kind: str, reports: Sequence[Report], unread: int
) -> Reading:
    if not reports and unread:
        return Reading(failure=Failure("source_unavailable", kind, "no row can be read"))
    every = sorted(reports, key=lambda one: (one.at, one.said))[:MOST]
    times = [time for one in every for time in (one.at, one.until) if time]
    return Reading(
        CitedFacts(
            platform=platform,
            measurement=target,
            type=kind,
            target=target,
            first=min(times, default=""),
            last=max(times, default=""),
            reports=every,
            unread=unread,
            left_out=max(len(reports) - MOST, 0),
        )
    )


def _of(exchanges: Sequence[Exchange], step: str) -> bytes | None:
    return next((one.received for one in exchanges if one.step == step), None)


def _json(content: bytes) -> Any:  # noqa: ANN401  # JSON
    try:
        return msgspec.json.decode(content)
    except NO_JSON:
        return None


def _iso(value: Any) -> str:  # noqa: ANN401  # JSON
    """A time of ISO 8601 in UTC; empty for what is none."""
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return ""
    return _written(found.replace(tzinfo=found.tzinfo or UTC))


def _dated(value: str) -> str:
    """A time of HTTP in UTC; empty for what is none."""
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return ""
    return _written(found.replace(tzinfo=found.tzinfo or UTC))


def _written(when: datetime) -> str:
    try:
        return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except OverflowError:
        return ""


def fits(source: str, about: str) -> bool:
    """Whether a target names something of one of these sources."""
    if source == "passive-dns":
        return is_name(about)
    try:
        parts = urlsplit(about)
    except ValueError:
        return False
    proper = parts.scheme in ("http", "https") and bool(parts.hostname)
    return source in SOURCES and proper and about.isascii() and " " not in about


def parse_source(source: str, about: str, exchanges: Sequence[Exchange]) -> Reading:
    """What one of these sources says."""
    if source == "passive-dns":
        return read_passive(about.lower().rstrip("."), exchanges)
    return read_capture(exchanges) if source == "memento" else read_incidents(exchanges)
