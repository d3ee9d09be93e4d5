"""A batch's rows as Parquet, and back (the extra ``bulk``: pyarrow).

Cells are exact: what is read gives the same leaves as what was written, with any later pyarrow.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.collector import without_collector
from sotokara.core.extras import needs_extra
from sotokara.core.observation import Failure
from sotokara.ledger.batch_rows import FORMAT, BatchRow, RowExchange
from sotokara.ledger.lines import LedgerError

EXTRA = "bulk"
GROUP = 10_000
"""Rows of one row group: what is held at once."""
_SALT, _VERSION, _CLEARED = b"sotokara.salt", b"sotokara.batch", b"sotokara.cleared"
_DICTIONARIES = [
    "options", "outcome", "failure", "volatile", "start", "took",
    *(f"exchanges.list.element.{one}" for one in (
        "step", "server", "protocol", "media_type", "failure", "at", "took")),
]  # fmt: skip
_ASKED = RowExchange.__struct_fields__
_LEVEL = 7
_FAILURES = msgspec.json.Decoder(Failure)
_ENCODE = msgspec.json.Encoder(order="sorted").encode


def arrow() -> tuple[Any, Any]:
    """The library and its Parquet.

    :raises MissingExtraError: where they are not installed.
    """
    with needs_extra(EXTRA, "a definition with each"):
        import pyarrow as pa  # large
        import pyarrow.parquet as pq
    return pa, pq


def schema() -> Any:  # noqa: ANN401  # pyarrow's
    """The columns of a batch."""
    pa, _ = arrow()
    asked = pa.struct(
        [
            pa.field("step", pa.string(), nullable=False),
            pa.field("server", pa.string(), nullable=False),
            pa.field("protocol", pa.string(), nullable=False),
            pa.field("media_type", pa.string(), nullable=False),
            pa.field("sent", pa.binary(), nullable=False),
            pa.field("received", pa.binary()),
            pa.field("failure", pa.string()),
            pa.field("at", pa.int64(), nullable=False),
            pa.field("took", pa.int64()),
        ]
    )
    return pa.schema(
        [
            pa.field("name", pa.string(), nullable=False),
            pa.field("options", pa.string()),
            pa.field("start", pa.int64(), nullable=False),
            pa.field("took", pa.int64(), nullable=False),
            pa.field("outcome", pa.string(), nullable=False),
            pa.field("failure", pa.string()),
            pa.field("facts", pa.string()),
            pa.field("volatile", pa.string()),
            pa.field("exchanges", pa.list_(pa.field("element", asked, nullable=False))),
            pa.field("salt", pa.binary()),
        ]
    )


def table(rows: Sequence[BatchRow], salts: Sequence[bytes | None] | None = None) -> Any:  # noqa: ANN401
    """Rows as columns. ``salts``: those of rows in a batch that was redacted."""
    pa, _ = arrow()
    form = schema()
    flat = [asked for row in rows for asked in row.exchanges]
    offsets = [0]
    for row in rows:
        offsets.append(offsets[-1] + len(row.exchanges))
    inner = form.field("exchanges").type.value_type
    columns = {
        "step": [one.step for one in flat],
        "server": [one.server for one in flat],
        "protocol": [one.protocol for one in flat],
        "media_type": [one.media_type for one in flat],
        "sent": [one.sent for one in flat],
        "received": [one.received for one in flat],
        "failure": [_json(one.failure) for one in flat],
        "at": [one.at for one in flat],
        "took": [one.took for one in flat],
    }
    struct = pa.StructArray.from_arrays(
        [pa.array(columns[field.name], field.type) for field in inner], fields=list(inner)
    )
    lists = pa.ListArray.from_arrays(
        pa.array(offsets, pa.int32()), struct, type=form.field("exchanges").type
    )
    outer = {
        "name": [row.name for row in rows],
        "options": [row.options or None for row in rows],
        "start": [row.start for row in rows],
        "took": [row.took for row in rows],
        "outcome": [row.outcome for row in rows],
        "failure": [_json(row.failure) for row in rows],
        "facts": [row.facts.decode() or None for row in rows],
        "volatile": [row.volatile.decode() or None for row in rows],
        "salt": list(salts) if salts else [None] * len(rows),
    }
    arrays = [
        lists if field.name == "exchanges" else pa.array(outer[field.name], field.type)
        for field in form
    ]
    return pa.Table.from_arrays(arrays, schema=form)


def _json(failure: Failure | None) -> str | None:
    return None if failure is None else _ENCODE(failure).decode()


def table_rows(batch: Any) -> list[BatchRow]:  # noqa: ANN401  # a pyarrow table or record batch
    """The rows of a table.

    :raises LedgerError: where its cells are none of a batch's.
    """
    try:
        return _rows_of(batch)
    except (*NO_JSON, KeyError, TypeError, AttributeError) as error:
        message = f"no rows of a batch ({type(error).__name__}: {error})"
        raise LedgerError(message) from error


def _rows_of(batch: Any) -> list[BatchRow]:  # noqa: ANN401
    lists = batch.column("exchanges")
    if hasattr(lists, "combine_chunks"):
        lists = lists.combine_chunks()
        lists = lists.chunk(0) if hasattr(lists, "chunk") and lists.num_chunks else lists
    offsets = lists.offsets.to_pylist()
    inner = lists.values
    cells = {field.name: inner.field(field.name).to_pylist() for field in inner.type}
    known: dict[str, Failure] = {}

    def failure(text: str | None) -> Failure | None:
        if text is None:
            return None
        if text not in known:
            known[text] = _FAILURES.decode(text)
        return known[text]

    told = (cells[name] for name in _ASKED)
    every = [
        RowExchange(at, failure(failed), media, protocol, received, sent, server, step, took)
        for at, failed, media, protocol, received, sent, server, step, took in zip(
            *told, strict=True
        )
    ]
    names = ("name", "start", "took", "outcome", "failure", "options", "facts", "volatile")
    columns = [batch.column(one).to_pylist() for one in names]
    return [
        BatchRow(
            name,
            start,
            took,
            outcome,
            failure(failed),
            options or "",
            (facts or "").encode(),
            (volatile or "").encode(),
            tuple(every[first:last]),
        )
        for name, start, took, outcome, failed, options, facts, volatile, (first, last) in zip(
            *columns, pairwise(offsets), strict=True
        )
    ]


class Sink:
    """A Parquet file being written, a row group at a time."""

    def __init__(self, path: Path, salt: str, *, cleared: bool = False) -> None:
        """``cleared``: some rows' salts are gone, and each of the others has its own."""
        _, pq = arrow()
        about = {_VERSION: str(FORMAT).encode(), _CLEARED if cleared else _SALT: salt.encode()}
        self._writer = pq.ParquetWriter(
            path,
            schema().with_metadata(about),
            compression="zstd",
            compression_level=_LEVEL,
            use_dictionary=_DICTIONARIES,
            write_statistics=["name", "outcome"],
            version="2.6",
        )

    def write(self, rows: Sequence[BatchRow], salts: Sequence[bytes | None] | None = None) -> None:
        """Write a row group.

        :raises OSError: when the disk refuses.
        """
        self._writer.write_table(table(rows, salts).cast(self._writer.schema), len(rows))

    def close(self) -> None:
        """Complete the file; safe to call again."""
        self._writer.close()


class Source:
    """A Parquet file of rows, read a row group at a time.

    :raises LedgerError: where it is none of a batch, or of a newer form.
    """

    def __init__(self, path: Path) -> None:
        pa, pq = arrow()
        try:
            self._file = pq.ParquetFile(path)
        except (OSError, pa.ArrowException) as error:
            message = f"{path}: no Parquet file ({str(error)[:200]}); restore it from git"
            raise LedgerError(message) from error
        self._path = path
        about = self._file.schema_arrow.metadata or {}
        if int(about.get(_VERSION, b"0")) > FORMAT:
            message = f"{path}: written by a newer Sotokara; update it to read this"
            raise LedgerError(message)
        self.salt = about.get(_SALT, b"").decode()
        """That of the batch; empty where a redaction has left each row its own."""
        self.rows: int = self._file.metadata.num_rows

    def groups(self) -> Iterator[tuple[list[BatchRow], list[bytes | None]]]:
        """The rows, group by group, with their own salts where they have some.

        :raises LedgerError: where they cannot be read.
        """
        pa, _ = arrow()
        try:
            for number in range(self._file.num_row_groups):
                found = self._file.read_row_group(number)
                with without_collector():
                    rows, salts = table_rows(found), found.column("salt").to_pylist()
                yield rows, salts
        except (OSError, pa.ArrowException) as error:
            message = f"{self._path}: its rows cannot be read ({str(error)[:200]})"
            raise LedgerError(message) from error

    def one(self, number: int) -> tuple[BatchRow, bytes | None]:
        """The row of a number, from 1, and its own salt.

        :raises LedgerError: where there is none.
        """
        pa, _ = arrow()
        left = number - 1
        try:
            for group in range(self._file.num_row_groups):
                size = self._file.metadata.row_group(group).num_rows
                if 0 <= left < size:
                    found = self._file.read_row_group(group).slice(left, 1)
                    return table_rows(found)[0], found.column("salt").to_pylist()[0]
                left -= size
        except (OSError, pa.ArrowException) as error:
            message = f"{self._path}: its rows cannot be read ({str(error)[:200]})"
            raise LedgerError(message) from error
        message = f"{self._path}: it has no row {number}"
        raise LedgerError(message)

    def columns(self, names: Sequence[str]) -> Iterator[Any]:
        """Some columns, group by group, as pyarrow has them.

        :raises LedgerError: where they cannot be read.
        """
        pa, _ = arrow()
        try:
            for number in range(self._file.num_row_groups):
                yield self._file.read_row_group(number, columns=list(names))
        except (OSError, pa.ArrowException, KeyError) as error:
            message = f"{self._path}: its rows cannot be read ({str(error)[:200]})"
            raise LedgerError(message) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()
