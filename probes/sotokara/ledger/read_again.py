"""Reading raw again: facts that do not follow from it (``sotokara verify --read``)."""

from collections.abc import Iterator

import msgspec

from sotokara.core.canonical import canonical
from sotokara.core.observation import Facts, Outcome
from sotokara.kinds import KINDS
from sotokara.ledger.followed import reread_differences
from sotokara.ledger.lines import LedgerError, RunLine, UnreadableError
from sotokara.ledger.reader import Ledger
from sotokara.ledger.verify import Finding


def read_again(ledger: Ledger, which: str | None = None) -> Iterator[Finding]:
    """A finding for each observation whose facts are not those of its raw.

    An older version of the kind may have read otherwise, which is no forgery. Each pair of facts
    and raw is read once.

    :raises LedgerError: for a run file that does not parse.
    """
    done: set[tuple[str | None, str | None, str]] = set()
    for entry in ledger.index.every():
        if (which and entry.id != which) or entry.raw is None:
            continue
        line = ledger.line(entry)
        if line.origin != "measured" or (key := (line.facts, line.raw, line.digest)) in done:
            continue
        done.add(key)
        if finding := _compared(ledger, line):
            yield finding
    for where, why in ledger.index.unread():
        if not which:
            yield Finding("unreadable", where, why)


def _compared(ledger: Ledger, line: RunLine) -> Finding | None:  # noqa: PLR0911  # each its own
    kind = KINDS.get(line.kind)
    if kind is None or line.version > kind.version:
        return Finding("newer", line.id, f"{line.kind} {line.version}: of a newer Sotokara")
    try:
        kept = ledger.facts(line) if line.version == kind.version else _as_kept(ledger, line)
        read = ledger.read_again(line, kind).facts
    except UnreadableError as error:
        if line.id in ledger.redacted:
            return None
        return Finding("unreadable", line.id, str(error))
    except LedgerError as error:
        return Finding("missing", line.id, str(error))
    if kept is None and line.outcome is not Outcome.ANSWERED:
        return None
    if canonical(kept) == canonical(read) or line.id in ledger.redacted:
        return None  # of what was redacted the tombstone answers for both
    named = reread_differences(kept, read)
    if line.version < kind.version:
        what = f"{named}: read otherwise by version {kind.version} of {line.kind} than by"
        return Finding("read_otherwise", line.id, f"{what} {line.version}")
    return Finding("forged", line.id, f"{named}: the facts do not follow from the raw")


def _as_kept(ledger: Ledger, line: RunLine) -> Facts | None:
    kind = KINDS[line.kind]
    if line.facts is None:
        return None
    try:
        return msgspec.convert(ledger.object(line.facts)["facts"], kind.facts)
    except (msgspec.ValidationError, KeyError, TypeError):
        return None  # of another form then
