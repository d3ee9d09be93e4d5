"""The rows of the batches that pages show, as CSV for people; the evidence is the Parquet file."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sotokara.core.cells import cell, plain_json
from sotokara.core.extras import MissingExtraError
from sotokara.engine.batch import Batch
from sotokara.findings.batches import plain_facts
from sotokara.ledger import LedgerError
from sotokara.ledger.store import StoreError
from sotokara.site.build import Build

_PLAIN = ("name", "options", "start", "took_ms", "outcome", "failure", "failure_detail")


def write_rows(build: Build, target: Path) -> None:
    """Write ``<batch>/rows.csv`` for each batch that a published page shows.

    :raises LedgerError: when the evidence cannot be read, or the disk refuses.
    """
    for node in build.plan.batches():
        batch = node.batch
        if batch is None or batch.now is None or batch.read is None:
            continue
        if node.definition.unpublished or build.seals.of_batch(batch.now.path).aside:
            continue
        place = target / batch.now.id / "rows.csv"
        if place.is_file():
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            with place.open("w", encoding="utf-8", newline="") as opened:
                writer = csv.writer(opened, lineterminator="\r\n")  # RFC 4180
                writer.writerows(_lines(batch))
        except (MissingExtraError, StoreError):
            place.unlink()
            place.parent.rmdir()  # the figure says so, and names no such file
        except OSError as error:
            raise LedgerError(f"{place}: {error.strerror}; free space, and build again") from error


def _lines(batch: Batch) -> Iterator[list[str]]:
    """The names of the columns, then a line for each row."""
    kept, read, kind = batch.now, batch.read, batch.definition.kind
    assert kept is not None  # noqa: S101  # the caller has looked
    assert read is not None  # noqa: S101
    fields = kind.facts.__struct_fields__
    yield [*_PLAIN, *(f"{kind.name}.{name}" for name in fields)]
    for _, row in read(kept):
        facts = plain_facts(kept, kind, row)
        failure = (row.failure.name, row.failure.detail) if row.failure else ("", "")
        plain = (row.name, row.options, row.start, row.took, row.outcome, *failure)
        yield [*map(_cell, plain), *(_cell(facts.get(name)) for name in fields)]


def _cell(value: Any) -> str:  # noqa: ANN401  # plain JSON
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return cell("; ".join(value))
    if isinstance(value, (dict, list)):
        return cell(plain_json(value))
    return cell(value) if isinstance(value, str) else str(value)
