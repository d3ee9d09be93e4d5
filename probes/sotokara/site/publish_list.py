"""What has been published, against what this build publishes: what is new, and what is kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sotokara.findings.changes import Change
from sotokara.findings.fields import ChangedField, changed_fields
from sotokara.kinds import KINDS
from sotokara.ledger import Ledger, RunLine
from sotokara.ledger.lines import LedgerError, UnreadableError
from sotokara.ledger.published import FORMAT, Published, PublishedAddress, present_name
from sotokara.ledger.turns import ObservationRow
from sotokara.masking.redaction import Redactor


def new_entries(
    known: Published,
    pages: Mapping[str, str],
    ids: Iterable[str],
    changes: Sequence[Change],
) -> Iterator[PublishedAddress]:
    """What the list lacks; ``pages``: file → path, ``ids``: observations that get a page."""
    for page, url in pages.items():
        if url not in known.pages:
            yield PublishedAddress(v=FORMAT, page=page, url=url)
    for name in dict.fromkeys(ids):
        if name and name not in known.ids:
            yield PublishedAddress(v=FORMAT, id=name)
    for one in changes:
        pair = one.before_id, one.after_id
        if pair not in known.changes:
            yield PublishedAddress(v=FORMAT, change=pair, place=one.asked[2])


def kept_changes(
    ledger: Ledger, known: Published, now: Sequence[Change], hidden: Sequence[str] = ()
) -> Iterator[Change]:
    """The changes that were published once and that today's figures do not tell of.

    ``hidden``: what is masked in them, whenever it was seen.
    """
    redactor = Redactor(hidden) if hidden else None
    told = {(one.before_id, one.after_id) for one in now}
    for (before, after), place in known.changes.items():
        lines = ledger.find(before), ledger.find(after)
        if (before, after) in told or None in lines:
            continue  # what was withdrawn is told of no more
        old, new = (line for line in lines if line is not None)
        rows = _row(old), _row(new)
        target = str(new.definition.get(new.kind, ""))
        target = redactor.text(target) if redactor else target
        about = new.kind, target, present_name(place, rows[1].start, known.moves)
        fields = list(_fields(ledger, redactor, old, new))
        clocks = rows[1].start < rows[0].start
        yield Change(None, *rows, before, after, fields, new.vantage.name, about, clocks)


def _row(line: RunLine) -> ObservationRow:
    return ObservationRow(round(line.start.timestamp() * 1000), 0, None, None, None, 0, 0)


def _fields(
    ledger: Ledger, redactor: Redactor | None, before: RunLine, after: RunLine
) -> Iterable[ChangedField]:
    try:
        old, new = ledger.facts(before), ledger.facts(after)
    except (UnreadableError, LedgerError):
        return []
    if redactor and old and new:
        old, new = redactor.alike(old), redactor.alike(new)
    return changed_fields(KINDS[after.kind], old, new) if old and new else []
