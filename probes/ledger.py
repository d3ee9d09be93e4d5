"""The ledger: all observations, append-only, in plain files that two branches can merge.

``runs/YYYY/MM/DD/<UTC>-<vantage>-<hash8>.jsonl`` has one line per observation of a run;
``objects/<aa>/<sha256>.json`` has facts and raw as canonical JSON (RFC 8785). A run is written to a
``.part`` file, flushed to disk batch by batch, and takes its name when complete; one left by a
process that died is taken in, up to its last whole line, by the next writer.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import filelock
import msgspec

from probes.canonical import canonical, digest
from probes.kinds import KINDS
from probes.observation import Exchange, Failure, Observation, Outcome, Vantage, now, pack, unpack

FORMAT = 1
_LOCK_SECONDS = 60
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")


class LedgerError(Exception):
    """The ledger cannot be read or written; the text says which file and what to do."""


class Line(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line of a run file. ``facts`` and ``raw`` are SHA-256 digests of objects."""

    v: int
    digest: str
    kind: str
    version: int
    definition: dict[str, Any]
    cited: list[str] = []
    start: datetime
    duration: float = 0.0
    vantage: Vantage
    outcome: Outcome
    failure: Failure | None = None
    facts: str | None = None
    raw: str | None = None
    volatile: dict[str, Any] = {}
    origin: str = "measured"


class Seen(NamedTuple):
    """What the ledger knows of one definition: the last time it was asked, and was answered."""

    last: Line
    answered: Line | None


_LINES = msgspec.json.Decoder(Line)
_ENCODER = msgspec.json.Encoder(order="deterministic")


class Ledger:
    """Reads observations newest first, as far back as it must, and writes one run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unread = sorted((folder / "runs").glob("*/*/*/*.jsonl"), key=_moment)
        self._last: dict[str, dict[str, Line]] = {}
        self._answered: dict[str, dict[str, Line]] = {}

    def seen(self, question: str, shows: Callable[[str], bool]) -> Seen | None:
        """The last measured and the last answered observation of a definition's digest.

        ``shows`` says of a vantage's name whether its evidence may stand here.

        :raises LedgerError: for a run file that does not parse.
        """
        while (answered := _newest(self._answered, question, shows)) is None and self._unread:
            self._read(self._unread.pop())
        last = _newest(self._last, question, shows)
        return Seen(last, answered) if last else None

    def _read(self, path: Path) -> None:
        for line in reversed(list(read_lines(path))):
            if line.outcome is Outcome.NOT_MEASURED:
                continue
            vantage = line.vantage.name
            self._last.setdefault(line.digest, {}).setdefault(vantage, line)
            if line.outcome is Outcome.ANSWERED:
                self._answered.setdefault(line.digest, {}).setdefault(vantage, line)

    def observation(self, line: Line, *, raw: bool = False) -> Observation:
        """A line with its facts, and with its raw where that is asked for and kept.

        :raises LedgerError: when the object is missing or is not what its name says.
        """
        kind = KINDS.get(line.kind)
        if kind is None or line.version > kind.version:
            message = (
                f"{line.kind} {line.version}: written by a newer Sotokara; update it to read this"
            )
            raise LedgerError(message)
        facts = None
        if line.facts:
            facts = msgspec.convert(self.object(line.facts)["facts"], kind.facts)
        exchanges: tuple[Exchange, ...] = ()
        if raw and line.raw:
            exchanges = tuple(map(unpack, self.object(line.raw)["exchanges"]))
        return Observation(
            digest=line.digest,
            definition=line.definition,
            start=line.start,
            duration=line.duration,
            outcome=line.outcome,
            vantage=line.vantage,
            version=line.version,
            failure=line.failure,
            facts=facts,
            volatile=line.volatile,
            exchanges=exchanges,
            origin=line.origin,
            facts_digest=line.facts,
            raw_digest=line.raw,
        )

    def object(self, name: str) -> dict[str, Any]:
        """An object by its digest.

        :raises LedgerError: when it is missing or altered.
        """
        path = self.object_path(name)
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            message = f"{path}: missing; restore it from git (git checkout -- {path})"
            raise LedgerError(message) from error
        if hashlib.sha256(content).hexdigest() != name:
            message = f"{path}: not what was observed (its SHA-256 differs); restore it from git"
            raise LedgerError(message)
        found: dict[str, Any] = msgspec.json.decode(content)
        return found

    def object_path(self, name: str) -> Path:
        """Where the object of this digest is."""
        return self.folder / "objects" / name[:2] / f"{name}.json"

    def write(self, vantage: str) -> "Writer":
        """Begin a run. Opens nothing until the first observation is appended."""
        return Writer(self, vantage)


def read_lines(path: Path) -> Iterator[Line]:
    """The lines of one run file.

    :raises LedgerError: naming file and line where one does not parse.
    """
    for number, text in enumerate(path.read_bytes().splitlines(), 1):
        try:
            line = _LINES.decode(text)
        except msgspec.DecodeError as error:
            message = f"{path}:{number}: no observation ({error}); restore the file from git"
            raise LedgerError(message) from error
        if line.v > FORMAT:
            message = f"{path}:{number}: written by a newer Sotokara; update it to read this"
            raise LedgerError(message)
        yield line


def _moment(path: Path) -> str:
    return path.name


def _newest(
    index: dict[str, dict[str, Line]], question: str, shows: Callable[[str], bool]
) -> Line | None:
    lines = [line for vantage, line in index.get(question, {}).items() if shows(vantage)]
    return max(lines, key=lambda line: line.start, default=None)


class Writer:
    """One run being written: objects first, then the lines that name them, each batch to disk."""

    def __init__(self, ledger: Ledger, vantage: str) -> None:
        self._ledger = ledger
        self._vantage = _UNSAFE.sub("_", vantage) or "author"
        self._lock = filelock.FileLock(ledger.folder / ".lock", timeout=_LOCK_SECONDS)
        self._part: Path | None = None
        self._held: list[tuple[Observation, list[str]]] = []
        self._known: set[str] = set()
        self.run: Path | None = None

    def append(self, observations: Iterable[tuple[Observation, list[str]]]) -> None:
        """Keep a batch: each observation with the places that cite it.

        What was not measured is kept only beside something measured: a run without a network
        leaves no file, for it says no more than that nobody looked.

        :raises LedgerError: when the disk refuses; nothing half-written stays.
        """
        self._held += observations
        if self._part is None and not any(
            one.outcome is not Outcome.NOT_MEASURED for one, _ in self._held
        ):
            return
        held, self._held = self._held, []
        try:
            self._append(held)
        except OSError as error:
            raise self._refused(error) from error

    def close(self) -> Path | None:
        """Give the run its name; None when it measured nothing, and then nothing is kept.

        :raises LedgerError: when the disk refuses.
        """
        try:
            if self._part is None:
                return None
            self.run = _finish(self._part)
            self._part = None
            self._lock.release()
        except OSError as error:
            raise self._refused(error) from error
        return self.run

    def _append(self, observations: Iterable[tuple[Observation, list[str]]]) -> None:
        files: dict[Path, bytes] = {}
        lines = []
        for observation, cited in observations:
            line, objects = _encode(observation, cited)
            for name, content in objects.items():
                path = self._ledger.object_path(name)
                if name not in self._known and not path.exists():
                    files[path] = content
                self._known.add(name)
            lines.append(_ENCODER.encode(line) + b"\n")
        part = self._part or self._begin()
        _write_all(files)
        with part.open("ab") as file:
            size = file.tell()
            try:
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                os.truncate(part, size)
                raise

    def _begin(self) -> Path:
        self._ledger.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            message = f"{self._ledger.folder}: another run has been writing for {_LOCK_SECONDS} s"
            raise LedgerError(message) from error
        for orphan in (self._ledger.folder / "runs").glob("*/*/*/*.part"):
            _recover(orphan)
        moment = now()
        day = self._ledger.folder / "runs" / moment.strftime("%Y/%m/%d")
        day.mkdir(parents=True, exist_ok=True)
        stamp = moment.strftime("%Y%m%dT%H%M%S") + f"{moment.microsecond // 1000:03d}Z"
        self._part = day / f"{stamp}-{self._vantage}.part"
        return self._part

    def _refused(self, error: OSError) -> LedgerError:
        if self._part is not None and self._part.exists():
            _recover(self._part)
        self._part = None
        self._lock.release(force=True)
        where = error.filename or self._ledger.folder
        return LedgerError(
            f"{where}: the evidence cannot be kept: {error.strerror}; "
            "free space or mend the permissions, and build again"
        )


def _encode(observation: Observation, cited: list[str]) -> tuple[Line, dict[str, bytes]]:
    """A run file's line, and the objects that it names, by digest."""
    objects: dict[str, bytes] = {}
    kind = next(iter(observation.definition))
    facts = raw = None
    head = {"kind": kind, "version": observation.version}
    if observation.facts is not None:
        content = canonical({**head, "facts": observation.facts})
        facts = digest(content)
        objects[facts] = content
    if observation.exchanges:
        content = canonical({**head, "exchanges": list(map(pack, observation.exchanges))})
        raw = digest(content)
        objects[raw] = content
    line = Line(
        v=FORMAT,
        digest=observation.digest,
        kind=kind,
        version=observation.version,
        definition=observation.definition,
        cited=cited,
        start=observation.start,
        duration=round(observation.duration, 3),
        vantage=observation.vantage,
        outcome=observation.outcome,
        failure=observation.failure,
        facts=facts,
        raw=raw,
        volatile=observation.volatile,
        origin=observation.origin,
    )
    return line, objects


def _write_all(files: dict[Path, bytes]) -> None:
    """Write under passing names, flush all to disk, then rename; on an error remove them all."""
    written: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            passing = path.with_suffix(".part")
            written[passing] = path
            with passing.open("wb") as file:
                file.write(content)
                if len(files) <= _FEW:
                    file.flush()
                    os.fsync(file.fileno())
        if len(files) > _FEW:
            os.sync()  # one flush of everything is far quicker than thousands of single ones
        for passing, path in written.items():
            passing.replace(path)
    except OSError:
        for passing in written:
            passing.unlink(missing_ok=True)
        raise


_FEW = 64 if hasattr(os, "sync") else 1 << 30


def _finish(part: Path) -> Path:
    """Rename a complete run to its name: start, vantage, and the hash of what it holds."""
    hashed = hashlib.sha256(part.read_bytes()).hexdigest()
    name = part.with_name(f"{part.stem}-{hashed[:8]}.jsonl")
    part.replace(name)
    if hasattr(os, "O_DIRECTORY"):
        folder = os.open(name.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return name


def _recover(part: Path) -> Path | None:
    """Take in a run whose process died: all whole lines of it. None when there are none."""
    content = part.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if not whole:
        part.unlink()
        return None
    if len(whole) < len(content):
        os.truncate(part, len(whole))
    return _finish(part)


def age(line: Line) -> float:
    """Seconds since an observation began."""
    return (datetime.now(UTC) - line.start).total_seconds()
