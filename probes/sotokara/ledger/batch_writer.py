"""Writing a batch: in parts, each complete on disk, and at the end one file of all, by name.

A part is ``….part``, which is no evidence: whatever stops a build, what is complete stays, and the
next build of the same definition asks the rest. What it does not go on with is completed as it is.
Nothing takes a lasting name before all of it is on disk.
"""

import contextlib
import heapq
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filelock
import msgspec

from sotokara.core.canonical import NO_JSON, canonical
from sotokara.core.collector import without_collector
from sotokara.core.observation import now
from sotokara.ledger.batch_parquet import GROUP, Sink, Source, arrow
from sotokara.ledger.batch_rows import (
    FORMAT,
    BatchHead,
    BatchRow,
    Manifest,
    counted,
    entry,
    leaf,
    salts,
)
from sotokara.ledger.batches import StoredBatch
from sotokara.ledger.disk import hash_of, write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.signing import signs_batches
from sotokara.ledger.verify import Tree
from sotokara.ledger.writer import FOR_GIT, file_name_of

_RESUMED = timedelta(days=1)
"""How old parts may be that a build goes on from."""
_DIGITS = 6


class Begun(msgspec.Struct, frozen=True):
    """What a batch under way is: the file beside its parts."""

    head: BatchHead
    subjects: str
    """SHA-256 of the list of its subjects: only the same list is gone on with."""
    salt: str
    begun: datetime


class BatchWriter:
    """One batch being written. Its rows come in any order; each part is in that of the names."""

    def __init__(self, folder: Path, head: BatchHead, subjects: str) -> None:
        """``folder``: the ledger's; ``subjects``: SHA-256 of the list of subjects."""
        self._folder, self._head, self._subjects = folder, head, subjects
        self._vantage = file_name_of(head.vantage.name)
        self._base = Path()
        self._begun: Begun | None = None
        self._parts = 0
        self._held: list[BatchRow] = []
        self._only: list[BatchRow] | None = None
        """The rows of the first part, while there is no other."""
        self._lock = filelock.FileLock(folder / f"batch-{head.digest[:16]}.lock.part", timeout=0)
        self.done = 0
        """The rows that are complete on disk, as parts."""

    def begin(self) -> Iterator[str]:
        """Take in what an earlier build has left; what of it need not be asked again, in order.

        :raises LedgerError: when another build is at it, or the disk refuses.
        """
        arrow()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except filelock.Timeout as error:
            message = f"{self._folder}: another build is measuring {self._head.cited[0]}"
            raise LedgerError(message) from error
        except OSError as error:
            raise self._refused(error) from error
        try:
            for name, content in FOR_GIT.items():
                if not (self._folder / name).exists():
                    write_all({self._folder / name: content})
            self._take_up()
        except OSError as error:
            raise self._refused(error) from error
        return (
            heapq.merge(*map(_keys, _sequences(list(_parts(self._base)))))
            if self.done
            else iter(())
        )

    def add(self, rows: Sequence[BatchRow]) -> None:
        """Take in rows; they are on disk once there are enough of them for a part.

        :raises LedgerError: when the disk refuses; the parts before stay.
        """
        self._held += rows
        while len(self._held) >= GROUP:
            part, self._held = self._held[:GROUP], self._held[GROUP:]
            self._write(part)

    def flush(self) -> None:
        """Bring what is held to disk: the build stops here.

        :raises LedgerError: when the disk refuses.
        """
        held, self._held = self._held, []
        if held:
            self._write(held)

    def finish(self) -> StoredBatch | None:
        """Make the batch of its parts; None where it has no row.

        :raises LedgerError: when the disk refuses; the parts stay for the next build.
        """
        self.flush()
        try:
            only = self._only
            return self._complete(self._base, self._begun, only) if self._begun else None
        except OSError as error:
            raise self._refused(error) from error

    def release(self) -> None:
        """Let others write. Safe to call again."""
        self._lock.release(force=True)
        with contextlib.suppress(OSError):
            Path(self._lock.lock_file).unlink(missing_ok=True)

    def _take_up(self) -> None:
        """Go on from parts of this very batch; complete those of an earlier one as they are."""
        for beside in sorted(self._folder.glob("batches/*/*/*/*-head.part")):
            base = beside.with_name(beside.name.removesuffix("-head.part"))
            for torn in base.parent.glob(f"{base.name}-*.torn.part"):
                torn.unlink()
            try:
                begun = msgspec.json.decode(beside.read_bytes(), type=Begun)
            except NO_JSON:
                beside.unlink()
                continue
            if begun.head.digest != self._head.digest:
                continue  # another definition's, perhaps under way
            same = begun.subjects == self._subjects and begun.head == self._head
            if same and now() - begun.begun < _RESUMED and self._begun is None:
                self._base, self._begun = base, begun
                parts = list(_parts(base))
                self._parts = len(parts)
                self.done = sum(_size(part) for part in parts)
            else:
                self._complete(base, begun)

    def _write(self, rows: list[BatchRow]) -> None:
        rows.sort(key=_sort_key)
        try:
            if self._begun is None:
                self._begin()
            torn = self._base.with_name(f"{self._base.name}-{self._parts:0{_DIGITS}d}.torn.part")
            part = torn.with_name(torn.name.replace(".torn.", "."))
            try:
                sink = Sink(torn, self._salt)
                try:
                    sink.write(rows)
                finally:
                    sink.close()
                _flush(torn)
                torn.replace(part)
            except BaseException:
                with contextlib.suppress(OSError):
                    torn.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise self._refused(error) from error
        self._only = None if self._parts else rows
        self._parts += 1
        self.done += len(rows)

    @property
    def _salt(self) -> str:
        return self._begun.salt if self._begun is not None else ""

    def _begin(self) -> None:
        moment = now()
        day = self._folder / "batches" / moment.strftime("%Y/%m/%d")
        day.mkdir(parents=True, exist_ok=True)
        stamp = moment.strftime("%Y%m%dT%H%M%S") + f"{moment.microsecond // 1000:03d}Z"
        self._base = day / f"{stamp}-{self._vantage}"
        self._begun = Begun(self._head, self._subjects, secrets.token_hex(16), moment)
        write_all({_head_file(self._base): msgspec.json.encode(self._begun)})

    def _complete(
        self, base: Path, begun: Begun, only: list[BatchRow] | None = None
    ) -> StoredBatch | None:
        """One file of all parts, then what stands beside it; the parts go last.

        ``only``: the rows of its one part, where that is known.
        """
        parts = list(_parts(base))
        if not parts:
            _head_file(base).unlink(missing_ok=True)
            return None
        name = base.relative_to(self._folder).as_posix()
        whole = base.with_name(f"{base.name}-whole.torn.part")
        try:
            manifest = _joined(whole, parts, begun, name, only)
            _flush(whole)
        except BaseException:
            with contextlib.suppress(OSError):
                whole.unlink(missing_ok=True)
            raise
        path = f"{name}-{manifest.sha256[:8]}"
        sign = signs_batches(self._folder, self._vantage)
        beside: dict[Path, bytes] = {
            self._folder / f"{path}.json": canonical(manifest) + b"\n",
        }
        if sign is not None:
            note = sign(f"{path}.parquet", manifest.rows, manifest.root)
            write_all({self._folder / f"{path}.sig": note})
        whole.replace(self._folder / f"{path}.parquet")
        write_all(beside)
        for part in (*parts, _head_file(base)):
            part.unlink(missing_ok=True)
        return StoredBatch(path, manifest)

    def _refused(self, error: OSError) -> LedgerError:
        where = error.filename or self._folder
        return LedgerError(
            f"{where}: the evidence cannot be kept: {error.strerror or error}; "
            "free space or mend the permissions, and build again"
        )


def _joined(
    whole: Path, parts: Sequence[Path], begun: Begun, name: str, only: list[BatchRow] | None
) -> Manifest:
    """Write the rows of all parts into one file; what is to stand beside it.

    A single part that this build has written is that file already.
    """
    tree, outcomes, failures = Tree(), dict[str, int](), dict[str, int]()
    first, last, rows = 1 << 62, 0, 0
    copied = only is not None and len(parts) == 1
    if copied:
        shutil.copyfile(parts[0], whole)
    sink = None if copied else Sink(whole, begun.salt)
    try:
        for group in [only] if copied and only else _groups(parts):
            own = salts(begun.salt, rows + 1, len(group))
            with without_collector():
                tree.extend(
                    [
                        leaf(salt, name, rows + number, entry(row))
                        for number, (salt, row) in enumerate(zip(own, group, strict=True), 1)
                    ]
                )
            rows += len(group)
            for told, into in zip(counted(group), (outcomes, failures), strict=True):
                for key, count in told.items():
                    into[key] = into.get(key, 0) + count
            first = min(first, *(row.start for row in group), first)
            last = max(last, *(row.start for row in group), last)
            if sink is not None:
                sink.write(group)
    finally:
        if sink is not None:
            sink.close()
    hashed, size = hash_of(whole)
    return Manifest(
        **{one: getattr(begun.head, one) for one in BatchHead.__struct_fields__},
        v=FORMAT,
        rows=rows,
        root=tree.root(),
        sha256=hashed,
        size=size,
        first=datetime.fromtimestamp(first / 1000, UTC),
        last=datetime.fromtimestamp(last / 1000, UTC),
        outcomes=outcomes,
        failures=failures,
        name=name,
    )


def _groups(parts: Sequence[Path]) -> Iterator[list[BatchRow]]:
    """The rows of all parts, in order, in groups of the usual size."""
    held: list[BatchRow] = []
    for row in heapq.merge(*map(_rows, _sequences(parts)), key=_sort_key):
        held.append(row)
        if len(held) == GROUP:
            yield held
            held = []
    if held:
        yield held


def _sort_key(row: BatchRow) -> str:
    return row.sort_key


def _rows(parts: Sequence[Path]) -> Iterator[BatchRow]:
    for part in parts:
        source = Source(part)
        try:
            for group, _ in source.groups():
                yield from group
        finally:
            source.close()


def _keys(parts: Sequence[Path]) -> Iterator[str]:
    """What names the rows of these parts, without reading the rest of them."""
    for part in parts:
        source = Source(part)
        try:
            for group in source.columns(["name", "options"]):
                pairs = zip(*(group.column(one).to_pylist() for one in (0, 1)), strict=True)
                yield from (f"{name}\t{options}" if options else name for name, options in pairs)
        finally:
            source.close()


def _sequences(parts: Sequence[Path]) -> list[list[Path]]:
    """Parts that follow one another, each such sequence in order: one part of each is read."""
    found: list[tuple[str, list[Path]]] = []
    for part in parts:
        keys = list(_keys([part]))
        for number, (last, sequence) in enumerate(found):
            if last <= keys[0]:
                found[number] = keys[-1], [*sequence, part]
                break
        else:
            found.append((keys[-1], [part]))
    return [sequence for _, sequence in found]


def _head_file(base: Path) -> Path:
    return base.with_name(f"{base.name}-head.part")


def _parts(base: Path) -> Iterator[Path]:
    """The complete parts of a batch, in order, up to the first one that is missing."""
    number = 0
    while (part := base.with_name(f"{base.name}-{number:0{_DIGITS}d}.part")).is_file():
        yield part
        number += 1


def _size(part: Path) -> int:
    source = Source(part)
    try:
        return source.rows
    finally:
        source.close()


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)  # Windows flushes what is open for writing alone
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
