"""A share of a batch: subjects that go to a worker as one task, and the rows that come back.

Plain data both ways, read by our own decoder. What a worker measures it measures as a build does,
quick way and all; it writes its rows as a part, which the build takes in after a look at each row.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from sotokara import __version__
from sotokara.core.expressions import Template
from sotokara.core.extras import MissingExtraError
from sotokara.core.observation import Failure, Outcome, ProbeFailure
from sotokara.core.settings import Settings, SettingsError
from sotokara.definitions.common import Common
from sotokara.definitions.definition import Definition
from sotokara.definitions.each import Each, Templates
from sotokara.definitions.subjects import Subjects
from sotokara.engine.batch import Batch
from sotokara.engine.batch_run import BatchRun, Stopped
from sotokara.engine.prober import Prober
from sotokara.engine.settings import load
from sotokara.kinds import KINDS
from sotokara.ledger import LedgerError
from sotokara.ledger.batch_parquet import Sink, Source
from sotokara.ledger.batch_rows import BatchRow
from sotokara.network.clock import Loop

MOST_BYTES = 256 << 20
_SKEW = timedelta(minutes=5)
_STEP = "dask"
_TEMPLATE = "{{ each.value }}"
_SENT = (
    "resolvers", "control", "timeout", "concurrency", "registry_pause", "policy", "own_network",
    "trust_anchors",
)  # fmt: skip
"""Settings that a worker of the build's own machine is given; another host has its own."""


class Share(msgspec.Struct, frozen=True):
    """Subjects for one worker. ``settings``: those of the build, for a worker beside it."""

    version: str
    place: str
    kind: str
    options: dict[str, Any]
    page: str
    line: int
    id: str | None
    lang: str
    redact: str | list[str] | dict[str, Any]
    hidden: list[str]
    subjects: list[str]
    settings: dict[str, Any] | None = None


class ShareRows(msgspec.Struct, frozen=True):
    """What a worker sends back: its rows as Parquet. ``failure``: why there are not more."""

    version: str
    place: str
    rows: bytes = b""
    failure: Failure | None = None
    refused: str = ""


_ENCODER = msgspec.msgpack.Encoder()
_SHARE = msgspec.msgpack.Decoder(Share)
_PART = msgspec.msgpack.Decoder(ShareRows)


def share_of(batch: Batch, place: str, keys: Sequence[str], settings: Settings) -> Share:
    """The share of a batch that has these subjects."""
    definition = batch.definition
    return Share(
        __version__,
        place,
        definition.kind.name,
        msgspec.to_builtins(definition.options),
        definition.page,
        definition.line,
        definition.id,
        definition.lang,
        definition.common.redact,
        list(settings.redact),
        list(keys),
    )


def share_for_local_worker(share: Share, settings: Settings, workers: int) -> Share:
    """The share for a worker of this machine: the build's settings, and its part of the limits."""
    plain: dict[str, Any] = msgspec.to_builtins(settings)
    given = {name: plain[name] for name in _SENT} | plain["of_kinds"]
    given["per_server"] = max(settings.per_server // workers, 1)
    given["bulk"] = {"under_way": max(settings.bulk.under_way // workers, 1)}
    return msgspec.structs.replace(share, settings=given)


def pack(one: Share | ShareRows) -> bytes:
    """As bytes."""
    return _ENCODER.encode(one)


def measure(payload: bytes) -> bytes:
    """At a worker: measure a share and return its rows; raises nothing."""
    try:
        share = _SHARE.decode(payload)
    except (ValueError, RecursionError):
        return pack(ShareRows(__version__, "", refused="the subjects cannot be read"))
    try:
        return pack(_measured(share))
    except (SettingsError, MissingExtraError, ValueError, OSError) as error:
        return pack(ShareRows(__version__, share.place, refused=str(error)[:200]))
    except Exception as error:  # noqa: BLE001  # the caller has to hear of it, not unpickle it
        why = f"a bug in Sotokara: {type(error).__name__}"
        return pack(ShareRows(__version__, share.place, refused=why))


def _measured(share: Share) -> ShareRows:
    if share.version != __version__:
        return ShareRows(__version__, share.place)  # whoever reads it sees the version first
    forced = {"mode": "live", "vantage": share.place, "deadline": 1e9}
    settings = load(share.settings or {}, {} if share.settings else None, **forced)
    batch = Batch(_definition(share), share.hidden)
    batch.subjects = Subjects()
    batch.subjects.asked = list(share.subjects)
    held = _Held()
    failure: Failure | None = None
    with asyncio.Runner(loop_factory=Loop) as runner:
        try:
            runner.run(_run(settings, batch, held, share))
        except Stopped as stopped:
            failure = stopped.failure
    if not held.rows:
        return ShareRows(__version__, share.place, failure=failure or Failure("cancelled", _STEP))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        sink = Sink(path, "")
        sink.write(held.rows)
        sink.close()
        return ShareRows(__version__, share.place, path.read_bytes(), failure)


def _definition(share: Share) -> Definition:
    """The definition as far as asking goes."""
    target = Template(_TEMPLATE)
    return Definition(
        page=share.page,
        line=share.line,
        token="",
        kind=KINDS[share.kind],
        template=target,
        options=share.options,
        common=Common(id=share.id, redact=share.redact),
        lang=share.lang,
        each=Each("", "file"),
        filled=Templates(target, {}),
    )


class _Held:
    """In the place of a writer: rows that go back."""

    def __init__(self) -> None:
        self.rows: list[BatchRow] = []
        self.done = 0

    def begin(self) -> Iterator[str]:
        """Nothing was begun."""
        return iter(())

    def add(self, rows: Sequence[BatchRow]) -> None:
        """Keep rows."""
        self.rows += rows

    def finish(self) -> None:
        """All is there."""


async def _run(settings: Settings, batch: Batch, held: _Held, share: Share) -> None:
    engine = "" if share.settings else "dask"
    prober = Prober(settings, engine=engine, hidden=share.hidden)

    async def here(step: Callable[[], object]) -> object:
        return step()

    try:
        await BatchRun(settings, batch, prober, held, here).measure()
    finally:
        prober.close()


def rows_from(
    payload: bytes, share: Share, masked: Callable[[str], str], asked: tuple[datetime, datetime]
) -> tuple[list[BatchRow], Failure | None]:
    """The rows that a worker has sent for a share, and why there are not more.

    ``masked``: of a target; ``asked``: when the share went out, and when its rows came.

    :raises ProbeFailure: ``place_differs`` where they are not what was asked for.
    """
    try:
        part = _PART.decode(payload) if len(payload) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        part = None
    if part is None or part.version != __version__ or part.place != share.place or part.refused:
        why = part.refused if part and part.refused else "it has other software, or sent no rows"
        raise ProbeFailure("place_differs", _STEP, why)
    if not part.rows:
        return [], part.failure
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        path.write_bytes(part.rows)
        try:
            source = Source(path)
            rows = [row for group, _ in source.groups() for row in group]
            source.close()
        except LedgerError as error:
            raise ProbeFailure("place_differs", _STEP, "its rows cannot be read") from error
    wanted = {_shown(key, masked) for key in share.subjects}
    first, last = ((one.timestamp() * 1000) for one in (asked[0] - _SKEW, asked[1] + _SKEW))
    for row in rows:
        came = row.failure.outcome if row.failure else Outcome.ANSWERED
        fits = row.outcome == came.value and bool(row.facts) >= (came is Outcome.ANSWERED)
        if row.sort_key not in wanted or not fits or not first <= row.start <= last:
            raise ProbeFailure("place_differs", _STEP, "it has a row that was not asked for")
        wanted.discard(row.sort_key)
    return rows, part.failure


def _shown(key: str, masked: Callable[[str], str]) -> str:
    target, tab, options = key.partition("\t")
    return masked(target) + tab + options
