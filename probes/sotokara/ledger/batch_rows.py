"""The rows of a batch: one observation each, and the bytes that are its leaf in the log.

A batch is one Parquet file with the observations of one definition with many subjects. Parquet has
no canonical form, so a leaf is over canonical JSON (RFC 8785) that is made of a row's cells.
"""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from sotokara.core.canonical import canonical
from sotokara.core.hidden import hidden_in
from sotokara.core.observation import (
    Exchange,
    Facts,
    Failure,
    Observation,
    Outcome,
    Vantage,
)

FORMAT = 1
"""Of a batch's rows and of the file that stands beside them."""


class RowExchange(msgspec.Struct, frozen=True, omit_defaults=True):
    """One exchange of a row: as it was (``Exchange``), with its times in microseconds."""

    at: int
    failure: Failure | None
    media_type: str
    protocol: str
    received: bytes | None
    sent: bytes
    server: str
    step: str
    took: int | None


class BatchRow(msgspec.Struct, frozen=True):
    """One observation of a batch.

    ``name``: the target; ``options``: those that its subject has filled in, as JSON; ``start``:
    milliseconds since 1970; ``took``: milliseconds; ``facts`` and ``volatile``: canonical JSON,
    empty where there are none.
    """

    name: str
    start: int
    took: int
    outcome: str
    failure: Failure | None = None
    options: str = ""
    facts: bytes = b""
    volatile: bytes = b""
    exchanges: tuple[RowExchange, ...] = ()

    @property
    def sort_key(self) -> str:
        """What the rows of a batch are in the order of."""
        return f"{self.name}\t{self.options}" if self.options else self.name


class _Entry(msgspec.Struct, frozen=True):
    """A row as it is hashed: every field, in the order of RFC 8785."""

    exchanges: tuple[RowExchange, ...]
    facts: msgspec.Raw | None
    failure: Failure | None
    name: str
    options: msgspec.Raw | None
    outcome: str
    start: int
    took: int
    volatile: msgspec.Raw | None


_ENCODE = msgspec.json.Encoder(order="sorted").encode


def entry(row: BatchRow) -> bytes:
    """The canonical JSON of a row."""
    return _ENCODE(
        _Entry(
            row.exchanges,
            msgspec.Raw(row.facts) if row.facts else None,
            row.failure,
            row.name,
            msgspec.Raw(row.options.encode()) if row.options else None,
            row.outcome,
            row.start,
            row.took,
            msgspec.Raw(row.volatile) if row.volatile else None,
        )
    )


def salts(salt: str, first: int, count: int) -> Iterator[bytes]:
    """The salts of rows ``first`` (from 1) to ``first + count - 1``: made from the batch's."""
    for number in range(first, first + count):
        yield hashlib.sha256(f"{salt}:{number}".encode()).digest()[:16]


def leaf_entry(salt: bytes, name: str, number: int, row: bytes) -> bytes:
    """What is hashed as the leaf of a row; ``name``: the batch's (``batch_name``)."""
    return b"%b%b:%d\n%b" % (salt, name.encode(), number, row)


def leaf(salt: bytes, name: str, number: int, row: bytes) -> bytes:
    """The hash of a row's leaf (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\0" + leaf_entry(salt, name, number, row)).digest()


class BatchHead(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What all rows of a batch have in common. ``definition`` has templates where they were."""

    digest: str
    kind: str
    version: int
    definition: dict[str, Any]
    cited: list[str]
    """The place (``page#id``) that asked."""
    vantage: Vantage
    subjects: int
    """How many there were to ask."""
    duplicates: int = 0
    left_out: int = 0
    """Lines that name nothing which can be asked."""


class Manifest(BatchHead, frozen=True, omit_defaults=True, kw_only=True):
    """The file beside a batch: its head, its rows in numbers, and what proves them.

    ``root``: of the RFC 6962 tree over the rows' leaves; ``sha256``, ``size``: of the Parquet file
    as it was written; ``first``, ``last``: when its first and its last row began.
    """

    v: int
    rows: int
    root: str
    sha256: str
    size: int
    first: datetime
    last: datetime
    outcomes: dict[str, int]
    failures: dict[str, int] = {}
    name: str = ""
    """``batches/YYYY/MM/DD/<UTC>-<vantage>``, which is in every leaf."""
    address: str = ""
    """Where the Parquet file is kept beside the ledger; empty: it is in the ledger."""

    @property
    def whole(self) -> bool:
        """Whether every subject has a row: the build was not stopped."""
        return self.rows == self.subjects


def pack_exchange(exchange: Exchange) -> RowExchange:
    """An exchange as a row has it."""
    return RowExchange(
        round(exchange.at * 1000),
        exchange.failure,
        exchange.media_type,
        exchange.protocol,
        exchange.received,
        exchange.sent,
        exchange.server,
        exchange.step,
        None if exchange.ms is None else round(exchange.ms * 1000),
    )


def unpacked(asked: RowExchange) -> Exchange:
    """The exchange of a row."""
    return Exchange(
        asked.step,
        asked.server,
        asked.protocol,
        asked.sent,
        asked.received,
        asked.failure,
        _plain(asked.at),
        None if asked.took is None else _plain(asked.took),
        asked.media_type,
    )


def _plain(micro: int) -> float:
    """Milliseconds, a whole number where they are whole."""
    return micro // 1000 if micro % 1000 == 0 else micro / 1000


def row_of(observation: Observation, name: str, options: str = "") -> BatchRow:
    """The row of an observation; ``name``: its target, masked."""
    return BatchRow(
        name,
        round(observation.start.timestamp() * 1000),
        round(observation.duration * 1000),
        observation.outcome.value,
        observation.failure,
        options,
        b"" if observation.facts is None else canonical(observation.facts),
        canonical(observation.volatile) if observation.volatile else b"",
        tuple(map(pack_exchange, observation.exchanges)),
    )


class Batched(NamedTuple):
    """A row where it stands."""

    number: int
    row: BatchRow


def observation_of(
    head: BatchHead, row: BatchRow, facts: Facts | None, name: str = ""
) -> Observation:
    """The observation that a row is; ``name``: its id."""
    options = msgspec.json.decode(row.options) if row.options else {}
    fixed = {key: one for key, one in head.definition.items() if key not in ("each", head.kind)}
    return Observation(
        digest=head.digest,
        definition={head.kind: row.name, **fixed, **options},
        start=datetime.fromtimestamp(row.start / 1000, UTC),
        duration=row.took / 1000,
        outcome=Outcome(row.outcome),
        vantage=head.vantage,
        version=head.version,
        failure=row.failure,
        facts=facts,
        volatile=msgspec.json.decode(row.volatile) if row.volatile else {},
        exchanges=tuple(_of_row(row)),
        id=name,
    )


def _of_row(row: BatchRow) -> Iterator[Exchange]:
    """A row's exchanges; the columns have no count of what was masked, but its facts tell."""
    hidden = False
    if b"x.x" in row.facts or b"x:x" in row.facts or b"x::" in row.facts:
        hidden = any(hidden_in(msgspec.json.decode(row.facts)))
    for one in map(unpacked, row.exchanges):
        yield msgspec.structs.replace(one, hidden=1) if hidden else one


def counted(rows: Sequence[BatchRow]) -> tuple[dict[str, int], dict[str, int]]:
    """How many rows have each outcome, and each failure."""
    outcomes: dict[str, int] = {}
    failures: dict[str, int] = {}
    for row in rows:
        outcomes[row.outcome] = outcomes.get(row.outcome, 0) + 1
        if row.failure:
            failures[row.failure.name] = failures.get(row.failure.name, 0) + 1
    return outcomes, failures
