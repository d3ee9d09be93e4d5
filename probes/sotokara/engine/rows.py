"""The rows of a batch as expressions see them: ``scan.rows.count(outcome='answered')``.

They are read from the ledger a group at a time; nothing holds them all.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from sotokara.core.expressions import EmptyReference, Reference
from sotokara.core.extras import MissingExtraError
from sotokara.core.observation import Outcome
from sotokara.definitions.each import ROWS, VALUE
from sotokara.engine.batch import Batch
from sotokara.ledger.batch_rows import Batched, BatchRow
from sotokara.ledger.lines import LedgerError

Read = Callable[[], Iterator[Batched]]
_OWN = ("name", "outcome", "failure")


class BatchRows:
    """All rows of a batch."""

    def __init__(self, read: Read, total: int, fields: tuple[str, ...]) -> None:
        """``fields``: of the kind's facts; ``total``: how many rows there are."""
        self._source, self._total, self._fields = read, total, fields
        self._known: dict[str, int] = {}

    def __len__(self) -> int:
        return self._total

    def count(self, **wanted: Any) -> int:  # noqa: ANN401  # facts
        """How many rows have these values: of ``outcome``, ``failure``, ``name`` or any fact.

        A fact that is a list has a value when it is in it.

        :raises ValueError: for a name that is no fact.
        """
        if unknown := [one for one in wanted if one not in (*_OWN, *self._fields)]:
            known = ", ".join((*_OWN, *self._fields))
            raise ValueError(f"rows have no {unknown[0]!r}; they have {known}")
        if not wanted:
            return self._total
        key = ", ".join(f"{name}={value!r}" for name, value in sorted(wanted.items()))
        if key not in self._known:
            self._known[key] = sum(has(row.row, wanted) for row in self._read())
        return self._known[key]

    def _read(self) -> Iterator[Batched]:
        """:raises EmptyReference: where they cannot be read here."""
        try:
            yield from self._source()
        except (LedgerError, MissingExtraError) as error:
            raise EmptyReference(str(error), Outcome.NOT_MEASURED) from error

    def counted(self) -> list[tuple[str, int]]:
        """What was counted so far, as it is asked for, and how many rows it was."""
        return [(f"rows.count({key})", count) for key, count in self._known.items()]

    def subjects(self) -> Iterator[Mapping[str, Any]]:
        """Each answered row as the subject of another definition: its facts, and its name."""
        for _, row in self._read():
            if row.outcome == Outcome.ANSWERED.value and row.facts:
                facts: dict[str, Any] = msgspec.json.decode(row.facts)
                yield {**facts, "name": row.name, VALUE: row.name}


def has(row: BatchRow, wanted: Mapping[str, Any]) -> bool:
    """Whether a row has these values."""
    facts: dict[str, Any] | None = None
    for name, value in wanted.items():
        if name == "name":
            found: Any = row.name
        elif name == "outcome":
            found = row.outcome
        elif name == "failure":
            found = row.failure.name if row.failure else None
        else:
            if facts is None:
                facts = msgspec.json.decode(row.facts) if row.facts else {}
            found = facts.get(name)
        if found != value and not (isinstance(found, list) and value in found):
            return False
    return True


def shown_rows(batch: Batch) -> BatchRows | None:
    """The rows that a batch shows; None where it has none."""
    if batch.now is None or batch.read is None:
        return None
    read, kept = batch.read, batch.now
    fields = batch.definition.kind.facts.__struct_fields__
    return BatchRows(lambda: read(kept), kept.manifest.rows, fields)


def of_batch(batch: Batch, reference: Reference) -> dict[str, BatchRows]:
    """What a reference to a definition with many subjects means: an object with ``rows``.

    :raises EmptyReference: where none was kept; the text says why.
    """
    found = shown_rows(batch)
    if found is None:
        failure = batch.failure
        why = f"gave nothing ({failure.name})" if failure else "was not measured"
        outcome = failure.outcome if failure else Outcome.NOT_MEASURED
        raise EmptyReference(f"{reference} {why}", outcome)
    return {ROWS: found}
