"""Reading the ledger: what was last seen of a question, and the objects that hold it."""

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from sotokara.core.canonical import canonical, writable
from sotokara.core.hidden import hide_zeros
from sotokara.core.observation import (
    Exchange,
    Facts,
    Failure,
    Observation,
    Outcome,
    Reading,
    Vantage,
    unpack,
)
from sotokara.kinds import KINDS
from sotokara.kinds.interface import Kind
from sotokara.ledger.followed import Followed, reread_differences
from sotokara.ledger.identity import NamedSpan
from sotokara.ledger.index import Index, IndexEntry, Shows
from sotokara.ledger.lines import NEWER, WITHDRAWN, LedgerError, RunLine, UnreadableError, read_line
from sotokara.ledger.makers import OTHERS
from sotokara.ledger.presentable import present
from sotokara.ledger.published import Move, former_names, moves
from sotokara.ledger.seals import sealings
from sotokara.ledger.tombstones import given_up, redacted_lines
from sotokara.ledger.verify import is_run
from sotokara.ledger.way_back import in_git_alone, way_back

if TYPE_CHECKING:
    from sotokara.ledger.batches import Batches
    from sotokara.ledger.store import Store


class QuestionState(NamedTuple):
    """What the ledger knows of one definition: the last time it was asked, and was answered."""

    last: RunLine
    answered: RunLine | None


class Ledger:
    """Reads observations. ``cache``: the folder for the derived index.

    ``aside``: a second folder of runs that are shown too and are no part of the evidence: never
    sealed, never published.
    """

    def __init__(
        self,
        folder: Path,
        cache: Path | None = None,
        aside: Path | None = None,
        store: "Store | None" = None,
    ) -> None:
        """``store``: where the rows of batches are kept beside it."""
        self.folder, self.aside, self.store = folder, aside, store
        self._vantages: dict[Vantage, Vantage] = {}
        """Few, and of thousands of observations."""
        self._definitions: dict[str, tuple[str, dict[str, Any]] | None] = {}
        self.unproved: set[str] = set()
        """The observations whose raw is none that can be read, so that their facts stand alone."""
        self.unread: dict[str, str] = {}
        """The observations that were asked for and cannot be read, by id, and why."""
        self._moves: list[Move] | None = None
        cache = cache or folder.parent / ".cache"
        name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self.index = Index(folder, cache / f"sotokara-{name}.sqlite", aside)
        self._followed = Followed(cache / f"sotokara-{name}.read")

    @cached_property
    def batches(self) -> "Batches":
        """The definitions with many subjects that it has; few blogs have any."""
        from sotokara.ledger.batches import Batches

        return Batches(self.folder, self.aside, self.store, self.index)

    def seen(self, question: str, shows: Shows) -> QuestionState | None:
        """The last measured and the last answered observation of a definition's digest.

        Where the blog has none of its own, an answer that others have added (``origin``).

        ``shows`` says of a vantage's name whether its evidence may stand here.

        :raises LedgerError: for a run file that does not parse.
        """
        last = self.index.last(question, (*_FACTS, Outcome.NO_ANSWER), shows)
        if last is None:
            found = self.index.last(question, (Outcome.ANSWERED,), shows, others=True)
            line = self.line(found) if found else None
            return QuestionState(line, line) if line else None
        answered: IndexEntry | None = last
        if not last.outcome.has_facts:
            answered = self.index.last(question, (Outcome.ANSWERED,), shows)
        line = self.line(last)
        return QuestionState(line, line if answered is last else answered and self.line(answered))

    def places(self, place: str) -> list[NamedSpan]:
        """The names that a place (``page#id``) has had, today's first."""
        return former_names(place, self.moves)

    @property
    def moves(self) -> list[Move]:
        """The moves of pages and places: those that are kept, and what a build has noticed."""
        if self._moves is None:
            self._moves = list(moves(self.folder))
        return self._moves

    def line(self, entry: IndexEntry) -> RunLine:
        """The whole line of an observation.

        :raises LedgerError: when it cannot be read.
        """
        path = self._run_file(entry.run)
        try:
            stat = os.stat(path)  # noqa: PTH116  # a site may show tens of thousands
            text = _texts(path, stat.st_size, stat.st_mtime_ns)[entry.line - 1]
        except (OSError, IndexError) as error:
            message = f"{path}:{entry.line}: missing; restore the file from git"
            raise LedgerError(message) from error
        line = read_line(path, entry.line, text)
        if entry.vantage.startswith(OTHERS):
            msgspec.structs.force_setattr(line, "origin", "others")
        return line

    def find(self, name: str) -> RunLine | None:
        """The observation with this id, or None."""
        run, _, number = name.rpartition("-")
        entry = self.index.find(run, int(number)) if number.isdecimal() else None
        return self.line(entry) if entry else None

    def observation(self, line: RunLine, *, raw: bool = False) -> Observation:
        """A line with its facts, and with its raw where that is asked for and kept.

        What is as it was kept and cannot be read is an observation that says so.

        :raises LedgerError: when the object is missing or is not what its name says.
        """
        try:
            facts = self.facts(line)
            if facts is not None:
                self._see_that_they_follow(line, facts)
            kept = self._of(line, facts, self.exchanges(line.raw) if raw and line.raw else ())
            if facts is not None:
                self._see_that_it_shows(line, kept)
        except UnreadableError as error:
            self.unread[line.id] = str(error)
            failure = Failure("evidence_unreadable", "evidence", str(error)[:_LONGEST])
            kept = msgspec.structs.replace(
                self._of(line, None, ()), outcome=failure.outcome, failure=failure, volatile={}
            )
        return kept

    def _of(
        self, line: RunLine, facts: Facts | None, exchanges: tuple[Exchange, ...]
    ) -> Observation:
        return Observation(
            digest=sys.intern(line.digest),
            definition=line.definition,
            start=line.start,
            duration=line.duration,
            outcome=line.outcome,
            vantage=self._vantages.setdefault(line.vantage, line.vantage),
            version=line.version,
            failure=line.failure,
            facts=facts,
            volatile=line.volatile,
            exchanges=exchanges,
            origin=line.origin,
            facts_digest=line.facts,
            raw_digest=line.raw,
            id=line.id,
        )

    def facts(self, line: RunLine) -> Facts | None:
        """An observation's facts, read again from raw where an older version of the kind read them.

        :raises LedgerError: when the object is missing or altered.
        :raises UnreadableError: when it is as it was kept, and no facts of this kind.
        """
        return self.read(line)[0]

    def read(self, line: RunLine) -> tuple[Facts | None, int]:
        """An observation's facts, and which version of its kind has read them.

        That of today, from its raw or from the nearest raw that gave the same facts; the old one,
        where no such bytes are kept.

        :raises LedgerError: when the object is missing or altered.
        :raises UnreadableError: when it is as it was kept, and no facts of this kind.
        """
        kind = KINDS.get(line.kind)
        if line.kind == WITHDRAWN:
            return None, line.version
        if kind is None or line.version > kind.version:
            message = f"{line.kind} {line.version}: {NEWER}; update it to read this"
            raise UnreadableError(message)
        if line.facts is None:
            return None, line.version
        reader = line.version
        if line.version < kind.version and line.origin != "transcript":
            started = round(line.start.timestamp() * 1000)
            raw = line.raw or self.index.raw_near(line.digest, line.facts, started)
            if raw:
                reader = kind.version
                again = self.read_again(line, kind, raw)
                if again.facts or not (again.failure and again.failure.detail.startswith(_UNREAD)):
                    return again.facts, reader  # else they cannot be from these bytes alone
        found = self.object(line.facts)
        with _as_kept(line.facts):
            return msgspec.convert(found["facts"], kind.facts), reader

    def _see_that_they_follow(self, line: RunLine, facts: Facts) -> None:
        """See once that an observation's facts follow from its raw, where that was kept.

        :raises UnreadableError: when they do not: right hashes, and no evidence.
        """
        kind = KINDS[line.kind]
        read_before = line.version < kind.version  # then they were read from the raw just now
        if not line.raw or line.origin == "transcript" or read_before or self._followed.knows(line):
            return
        try:
            reading = self.read_again(line, kind)
        except UnreadableError:
            if line.id in self.redacted:
                return
            raise
        if reading.failure and reading.failure.detail.startswith(_UNREAD):
            self.unproved.add(line.id)
            return
        if canonical(facts) != canonical(reading.facts):
            if line.id in self.redacted:
                return
            named = reread_differences(facts, reading.facts)
            message = f"forged: {named}: the facts do not follow from the raw"
            raise UnreadableError(message)
        self._followed.add(line)

    def _see_that_it_shows(self, line: RunLine, kept: Observation) -> None:
        """See once that everything a page says of an observation can be said.

        :raises UnreadableError: when it cannot: right hashes, and no words for what it says.
        """
        key = [line.kind, line.version, line.definition, line.facts, line.volatile]
        if not self._followed.seen(seen := canonical(key)):
            if line.id not in self.redacted:  # what was taken out may be what it said
                with _as_kept(line.facts or ""):
                    present(line.kind, kept)
            self._followed.note(seen)

    @cached_property
    def redacted(self) -> set[str]:
        """The observations that a sealed tombstone says were redacted, by id."""
        return redacted_lines(self.folder)

    def definition(self, question: str) -> tuple[str, dict[str, Any]] | None:
        """The kind and the definition of a question by its digest; None where it was never asked.

        :raises LedgerError: when its line cannot be read.
        """
        if question not in self._definitions:
            entry = self.index.first(question)
            line = self.line(entry) if entry else None
            self._definitions[question] = (line.kind, line.definition) if line else None
        return self._definitions[question]

    def read_again(self, line: RunLine, kind: type[Kind], raw: str | None = None) -> Reading:
        """What this version of the kind reads from an observation's raw, or from another one.

        :raises LedgerError: when the raw is missing or altered.
        :raises UnreadableError: when it cannot be read.
        """
        name = raw or line.raw or ""
        exchanges = self.exchanges(name)
        with _as_kept(name):
            identity = {key: one for key, one in line.definition.items() if key != "redacted"}
            target = identity.pop(line.kind)
            question = msgspec.convert({"target": target, **identity}, kind)
            return writable(hide_zeros(question.parse(exchanges), exchanges))

    def exchanges(self, name: str) -> tuple[Exchange, ...]:
        """The exchanges of a raw object.

        :raises LedgerError: when it is missing or altered.
        :raises UnreadableError: when it is as it was kept, and no raw.
        """
        found = self.object(name)
        with _as_kept(name):
            return tuple(map(unpack, found["exchanges"]))

    def object(self, name: str) -> dict[str, Any]:
        """An object by its digest.

        :raises LedgerError: when it is missing or altered.
        """
        path = self.object_file(name)
        try:
            content = self._content(name)
        except FileNotFoundError as error:
            message = f"{path}: missing; restore it from git ({way_back(Path(path))})"
            raise LedgerError(message) from error
        if hashlib.sha256(content).hexdigest() != name:
            message = f"{path}: not what was observed (its SHA-256 differs); restore it from git"
            raise LedgerError(message)
        with _as_kept(name):
            return msgspec.json.decode(content, type=dict[str, Any])

    def release(self) -> None:
        """Forget the lines of runs that were read."""
        _texts.cache_clear()

    def object_file(self, name: str, folder: Path | None = None) -> str:
        """Where the object of this digest is; as text, for a run that writes tens of thousands."""
        return f"{folder or self.folder}{os.sep}objects{os.sep}{name[:2]}{os.sep}{name}.json"

    def _content(self, name: str) -> bytes:
        """:raises FileNotFoundError: when the object is in neither folder."""
        for folder in (self.folder, self.aside):
            path = self.object_file(name, folder)
            if folder is self.aside or os.path.exists(path):  # noqa: PTH110  # there are thousands
                break
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()

    def is_aside(self, name: str) -> bool:
        """Whether an observation, by its id, is kept in the second folder alone."""
        run = name.rpartition("-")[0]
        path = f"{run[:4]}/{run[4:6]}/{run[6:8]}/{run}.jsonl"
        return self.aside is not None and self._run_file(path).startswith(f"{self.aside}{os.sep}")

    def _run_file(self, run: str) -> str:
        path = f"{self.folder}{os.sep}runs{os.sep}{run}"
        if self.aside is not None and not os.path.exists(path):  # noqa: PTH110
            path = f"{self.aside}{os.sep}runs{os.sep}{run}"
        return path

    def whole(self) -> None:
        """See that every sealed run is here: a history over missing ones would show gaps.

        :raises LedgerError: when some are not, or a seal is none (a conflict of two branches).
        """
        if why := in_git_alone(self.folder):
            raise LedgerError(why)
        sealed = (name for seal in sealings(self.folder, strict=True) for name in seal.files)
        gone = self.index.lacks(name for name in sealed if is_run(name))
        if gone:
            excused = given_up(self.folder)
            gone = [name for name in gone if name not in excused]
        if gone:
            message = f"{self.folder / gone[0]}: sealed, and not here"
            message += f", nor are {len(gone) - 1} more" if gone[1:] else ""
            message += "; a sparse or partial clone? Restore from git (git sparse-checkout disable)"
            message += f", or: {way_back(self.folder / gone[0])}; where it is lost for ever: "
            message += f"sotokara redact --whole {gone[0]} --reason … --by …"
            raise LedgerError(message)


_FACTS = (Outcome.ANSWERED, Outcome.CITED)
_UNREAD = "the reply does not parse"
"""How the particulars of a failure begin where bytes cannot be taken apart at all."""
_LONGEST = 200


@contextmanager
def _as_kept(name: str) -> Iterator[None]:
    """Whatever goes wrong inside is the evidence's: its hash is right.

    :raises UnreadableError: in its place.
    """
    try:
        yield
    except Exception as error:  # a parser meets bytes that nobody has sent
        what = str(error) or type(error).__name__
        raise UnreadableError(f"objects/{name[:2]}/{name}.json: {what[:_LONGEST]}") from error


@lru_cache(maxsize=64)
def _texts(path: str, size: int, mtime: int) -> list[bytes]:  # noqa: ARG001  # they are the key
    return Path(path).read_bytes().splitlines()
