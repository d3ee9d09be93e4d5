"""Evidence for other programs: which observations are wanted, and each as one row of columns.

The columns are those of ``Row``; docs/guide/format.md says what stands in each.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

import msgspec

from sotokara.core.observation import Observation, Outcome
from sotokara.kinds import KINDS
from sotokara.ledger import Ledger, LedgerError, RunLine
from sotokara.ledger.index import IndexEntry

VERSION = 1
"""Of the columns: it rises when one changes its meaning or goes, not when one is added."""


class ExportRow(msgspec.Struct, frozen=True, kw_only=True):
    """One observation. Times are UTC (ISO 8601), ``duration`` is in seconds."""

    id: str
    origin: str
    """``measured``, ``reported``, ``transcript`` or ``cited``."""
    others: bool
    places: list[str]
    kind: str
    kind_version: int
    target: str | None
    options: dict[str, Any]
    question: str
    start: str | None
    """None of a transcript: nobody here has seen it begin."""
    stated: str | None
    """Of a transcript: its time as its author gives it."""
    source: str | None
    duration: float | None
    vantage: str | None
    software: str
    engine: str | None
    network: str | None
    country: str | None
    city: str | None
    outcome: str | None
    failure: str | None
    failure_step: str | None
    failure_detail: str | None
    facts: dict[str, Any] | None
    volatile: dict[str, Any]
    facts_sha256: str | None
    raw_sha256: str | None


class NeverAskedError(LookupError):
    """Nothing was observed under a name; a definition that is new may have it all the same."""


class TimeSpan(msgspec.Struct, frozen=True):
    """From one moment until just before another; open where there is none."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, line: RunLine) -> bool:
        """Whether an observation began in it; an undated transcript is in none that has an end."""
        if self.since is None and self.until is None:
            return True
        if _is_transcript(line) and not line.volatile.get("observed"):
            return False
        after = self.since is None or line.start >= self.since
        return after and (self.until is None or line.start < self.until)


def select(ledger: Ledger, what: str | None, span: TimeSpan) -> Iterator[RunLine]:
    """The observations of a page, of a place (``page#id``), of an id, or all; in the log's order.

    :raises NeverAskedError: when nothing has that name.
    :raises LookupError: when several pages have it.
    :raises LedgerError: when a run cannot be read.
    """
    if what and (found := ledger.find(what)):
        return iter([found] if span.has(found) else [])
    names = _names(ledger, what) if what else None
    return _lines(ledger, ledger.index.every(), names, span)


def _lines(
    ledger: Ledger, entries: list[IndexEntry], names: set[str] | None, span: TimeSpan
) -> Iterator[RunLine]:
    for entry in entries:
        line = ledger.line(entry)
        if (names is None or not names.isdisjoint(line.cited)) and span.has(line):
            yield line


def _names(ledger: Ledger, what: str) -> set[str]:
    """The places of today and of before that a name means: a page's, or one of it."""
    known = ledger.index.places()
    page, _, place = what.partition("#")
    pages = {one.partition("#")[0] for one in (*known, *(move.new for move in ledger.moves))}
    meant = {one for one in pages if page == one}
    meant = meant or {one for one in pages if page in short_names(one)}
    if len(meant) > 1:
        message = f"{what}: that is {' and '.join(sorted(meant))}; write the whole path"
        raise LookupError(message)
    wanted = "".join(meant) + (f"#{place}" if place else "")
    every = {one.name for one in ledger.places(wanted)}
    found = {one for one in known if one in every or (not place and one.partition("#")[0] in every)}
    for one in () if place else sorted(found):
        found |= {former.name for former in ledger.places(one)}
    if not found & known:
        message = f"{what}: never asked; it should be page.md, page.md#id or an observation's id"
        raise NeverAskedError(message)
    return found


def short_names(page: str) -> tuple[str, str, str]:
    """By what a page may be called where no other has the same name."""
    path = PurePosixPath(page)
    return path.stem, path.name, path.with_suffix("").as_posix()


class ExportRows:
    """The rows of observations; ``unread`` counts those whose facts cannot be read, by reason."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._known: dict[tuple[str, int, str], dict[str, Any] | None] = {}
        self.unread: dict[str, str] = {}

    def row(self, line: RunLine) -> ExportRow:
        """The row of an observation; where its facts cannot be read, the row says so."""
        key = (line.digest, line.version, line.facts or "")
        if not line.raw and key in self._known:
            return _row(line, line.outcome, _failure(line), self._known[key])
        try:
            seen = self._ledger.observation(line)
        except LedgerError as error:
            self.unread[line.id] = str(error)
            failure = ("evidence_unreadable", "evidence", str(error))
            return _row(line, Outcome.NOT_MEASURED, failure, None)
        if line.id in self._ledger.unread:
            self.unread[line.id] = self._ledger.unread[line.id]
            return _row(line, seen.outcome, _failure(seen), None)
        facts = msgspec.to_builtins(seen.facts)
        kind = KINDS.get(line.kind)
        if line.facts and kind and line.version == kind.version:
            self._known[key] = facts
        return _row(line, seen.outcome, _failure(seen), facts)


_Failure = tuple[str | None, str | None, str | None]


def _row(
    line: RunLine, outcome: Outcome, failure: _Failure, facts: dict[str, Any] | None
) -> ExportRow:
    transcript, vantage = _is_transcript(line), line.vantage
    origin = "reported" if vantage.reported else "measured"
    if transcript:
        origin = "transcript"
    elif line.outcome is Outcome.CITED:
        origin = "cited"
    target = line.definition.get(line.kind)
    name, step, detail = failure
    stated, source = (_text(line.volatile.get(one)) for one in ("observed", "source"))
    return ExportRow(
        id=line.id,
        origin=origin,
        others=line.origin == "others",
        places=line.cited,
        kind=line.kind,
        kind_version=line.version,
        target=_text(target),
        options={key: one for key, one in line.definition.items() if key != line.kind},
        question=line.digest,
        start=None if transcript else utc(line.start),
        stated=stated if transcript else None,
        source=source if transcript else None,
        duration=None if transcript else line.duration,
        vantage=None if transcript else vantage.name,
        software=vantage.software,
        engine=vantage.engine or None,
        network=vantage.network or None,
        country=vantage.country or None,
        city=vantage.city or None,
        outcome=None if outcome is Outcome.CITED else outcome.value,
        failure=name,
        failure_step=step,
        failure_detail=detail,
        facts=facts,
        volatile=line.volatile,
        facts_sha256=line.facts,
        raw_sha256=line.raw,
    )


def utc(when: datetime) -> str:
    """A time as ``2026-11-28T06:40:28.185Z``."""
    when = when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_transcript(line: RunLine) -> bool:
    return "transcript" in (line.origin, line.vantage.name)  # others' have the origin "others"


def _failure(seen: Observation | RunLine) -> _Failure:
    failure = seen.failure
    if failure is None:
        return None, None, None
    return failure.name, failure.step or None, failure.detail or None


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
