"""Writing a run: objects first, then the lines that name them, each batch flushed to disk.

A run is written to a ``.part`` file and takes its name when complete; one left by a process that
died is taken in, up to its last whole line, by the next writer.
"""

import contextlib
import re
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import filelock
import msgspec

from sotokara.core.canonical import digest, facts_object, raw_object
from sotokara.core.observation import Observation, Outcome, now
from sotokara.ledger.disk import append, finish, recover, write_all
from sotokara.ledger.lines import FORMAT, PLAIN, LedgerError, RunLine
from sotokara.ledger.reader import Ledger
from sotokara.ledger.signing import Sign, signs_runs
from sotokara.ledger.way_back import in_git_alone

_LOCK_SECONDS = 60
_RAW_EVERY = timedelta(days=1)
FOR_GIT = {
    ".gitattributes": b"# Evidence is bytes: no line ends are converted, and reviews fold it.\n"
    b"* -text linguist-generated\n",
    ".gitignore": b"# Of a run that is under way.\n.lock\n*.part\n",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
_ENCODER = msgspec.json.Encoder(order="deterministic")


def file_name_of(vantage: str) -> str:
    """A vantage's name as it stands in the names of its runs."""
    return _UNSAFE.sub("_", vantage) or "author"


class StoredObservation(NamedTuple):
    """What an observation is kept as: its id, and the digests of its facts and its raw."""

    id: str
    facts: str | None
    raw: str | None


class Writer:
    """One run being written. ``shown``: pages are to show it, so all its raw is kept.

    ``folder``: where it is written, if not with the ledger's evidence.
    """

    def __init__(
        self, ledger: Ledger, vantage: str, *, shown: bool = True, folder: Path | None = None
    ) -> None:
        self._ledger, self._shown = ledger, shown
        self._folder = folder or ledger.folder
        self._vantage = file_name_of(vantage)
        self._lock = filelock.FileLock(self._folder / ".lock", timeout=_LOCK_SECONDS)
        self._part: Path | None = None
        self._sign: Sign | None = None
        self._held: list[tuple[Observation, list[str]]] = []
        self._known: set[str] = set()
        self._after = ""
        self._written: list[tuple[Observation, RunLine]] = []
        self._end: LedgerError | None = None
        """The disk has refused: what comes later would begin another run."""
        self.run: Path | None = None

    @property
    def writing(self) -> bool:
        """Whether a run is under way, so that the folder's lock is this writer's."""
        return self._part is not None

    def kept(self) -> dict[int, StoredObservation]:
        """What each observation of the complete run is kept as, by the object's own ``id()``."""
        if self.run is None:
            return {}
        return {
            id(one): StoredObservation(f"{self.run.stem}-{n}", line.facts, line.raw)
            for n, (one, line) in enumerate(self._written, 1)
        }

    def append(self, observations: Iterable[tuple[Observation, list[str]]]) -> None:
        """Keep a batch: each observation with the places that cite it.

        What was not measured is kept only beside something measured: a run without a network
        leaves no file, for it says no more than that nobody looked.

        :raises LedgerError: when the disk refuses; nothing half-written stays.
        """
        if self._end:
            raise self._end
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
        except BaseException:
            self._abandon()
            raise

    def close(self) -> Path | None:
        """Give the run its name; None when it measured nothing, and then nothing is kept.

        :raises LedgerError: when the disk refuses.
        """
        try:
            if self._part is None:
                return None
            self.run = finish(self._part, self._sign)
            self._part = None
            self._lock.release()
            self._ledger.index.refresh()
        except OSError as error:
            raise self._refused(error) from error
        return self.run

    def refresh(self) -> None:
        """Let the index see runs that came from elsewhere.

        :raises LedgerError: for a run file that does not parse.
        """
        self._ledger.index.refresh()

    def _append(self, observations: Iterable[tuple[Observation, list[str]]]) -> None:
        files: dict[str, bytes] = {}
        lines = []
        first = self._part is None
        part = self._part or self._begin()
        for observation, cited in observations:
            line, objects = _encode(observation, cited, shown=self._shown)
            if not self._shown and line.raw and not self._keeps_raw(line):
                objects.pop(line.raw, None)
                line = msgspec.structs.replace(line, raw=None)
            if first:
                line = msgspec.structs.replace(line, salt=secrets.token_hex(16), after=self._after)
                first = False
            self._written.append((observation, line))
            for name, content in objects.items():
                if name not in self._known:
                    self._known.add(name)
                    files[self._ledger.object_file(name, self._folder)] = content
            lines.append(_ENCODER.encode(line) + b"\n")
        write_all(files, named_by_hash=True)
        append(part, b"".join(lines))

    def _begin(self) -> Path:
        if self._folder == self._ledger.folder and (why := in_git_alone(self._folder)):
            raise LedgerError(why)
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            message = f"{self._folder}: another run has been writing for {_LOCK_SECONDS} s"
            raise LedgerError(message) from error
        self._sign = signs_runs(self._folder, self._vantage)
        for orphan in (self._folder / "runs").glob("*/*/*/*.part"):
            recover(orphan, self._sign if orphan.stem.endswith(f"-{self._vantage}") else None)
        for orphan in (self._folder / "objects").glob("*/*.part"):
            orphan.unlink()  # no line names it: objects are complete before their line is written
        for name, content in FOR_GIT.items():
            path = self._folder / name
            if not path.exists():
                write_all({path: content})
        moment = now()
        self._after = self._ahead(moment.strftime("%Y%m%dT%H%M%S") + "999Z")
        day = self._folder / "runs" / moment.strftime("%Y/%m/%d")
        day.mkdir(parents=True, exist_ok=True)
        stamp = moment.strftime("%Y%m%dT%H%M%S") + f"{moment.microsecond // 1000:03d}Z"
        self._part = day / f"{stamp}-{self._vantage}.part"
        return self._part

    def _keeps_raw(self, line: RunLine) -> bool:
        """Raw is kept when something changed, and once a day; facts always are."""
        begun = round(line.start.timestamp() * 1000)
        came = (Outcome.ANSWERED, Outcome.NO_ANSWER, Outcome.CITED)
        last = self._ledger.index.last(line.digest, came)
        failure = line.failure.name if line.failure else None
        if last is None or (last.outcome, last.facts, last.failure) != (
            line.outcome,
            line.facts,
            failure,
        ):
            return True
        kept = self._ledger.index.last_raw(line.digest)
        return kept is None or abs(begun - kept.start) >= _RAW_EVERY.total_seconds() * 1000

    def _ahead(self, stamped: str) -> str:
        """The newest run here when its name is later than now: the clock was put back."""
        runs = self._folder / "runs"
        for year in sorted(runs.glob("[0-9]*"), reverse=True):
            for day in sorted(year.glob("*/*"), reverse=True):
                names = sorted((path.name for path in day.glob("*.jsonl")), reverse=True)
                if names:
                    return Path(names[0]).stem if names[0] > stamped else ""
        return ""

    def _abandon(self) -> None:
        """Keep what is complete, and let others write."""
        if self._part is not None and self._part.exists():
            with contextlib.suppress(OSError):  # not even that: the next run takes it in
                recover(self._part, self._sign)
        self._part = None
        self._lock.release(force=True)

    def _refused(self, error: OSError) -> LedgerError:
        self._abandon()
        where = error.filename or self._folder
        self._end = LedgerError(
            f"{where}: the evidence cannot be kept: {error.strerror}; "
            "free space or mend the permissions, and build again"
        )
        return self._end


def _encode(
    observation: Observation, cited: list[str], *, shown: bool
) -> tuple[RunLine, dict[str, bytes]]:
    """A run file's line, and the objects that it names, by digest."""
    contents = facts_object(observation), raw_object(observation)
    facts, raw = (digest(content) if content else None for content in contents)
    objects = {name: one for name, one in zip((facts, raw), contents, strict=True) if name}
    line = RunLine(
        v=FORMAT if observation.outcome is Outcome.CITED else PLAIN,
        digest=observation.digest,
        kind=next(iter(observation.definition)),
        version=observation.version,
        definition=observation.definition,
        cited=cited,
        shown=shown and observation.outcome is not Outcome.NOT_MEASURED,
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
