"""Reading the ledger: what was last seen of a question, and the objects that hold it."""

import hashlib
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from sotokara.core.observation import Exchange, Facts, Observation, Outcome, Vantage, unpack
from sotokara.kinds import KINDS
from sotokara.ledger.index import Entry, Index, Shows
from sotokara.ledger.lines import LedgerError, RunLine, read_line
from sotokara.ledger.seals import sealings


class Seen(NamedTuple):
    """What the ledger knows of one definition: the last time it was asked, and was answered."""

    last: RunLine
    answered: RunLine | None


class Ledger:
    """Reads observations. ``cache``: the folder for the derived index."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.folder = folder
        self._runs, self._objects = str(folder / "runs"), str(folder / "objects")
        self._vantages: dict[Vantage, Vantage] = {}
        """Few, and of thousands of observations."""
        cache = cache or folder.parent / ".cache"
        name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self.index = Index(folder, cache / f"sotokara-{name}.sqlite")

    def seen(self, question: str, shows: Shows) -> Seen | None:
        """The last measured and the last answered observation of a definition's digest.

        ``shows`` says of a vantage's name whether its evidence may stand here.

        :raises LedgerError: for a run file that does not parse.
        """
        last = self.index.last(question, (Outcome.ANSWERED, Outcome.NO_ANSWER), shows)
        if last is None:
            return None
        answered: Entry | None = last
        if last.outcome is not Outcome.ANSWERED:
            answered = self.index.last(question, (Outcome.ANSWERED,), shows)
        line = self.line(last)
        return Seen(line, line if answered is last else answered and self.line(answered))

    def line(self, entry: Entry) -> RunLine:
        """The whole line of an observation.

        :raises LedgerError: when it cannot be read.
        """
        path = f"{self._runs}{os.sep}{entry.run}"
        try:
            stat = os.stat(path)  # noqa: PTH116  # a site may show tens of thousands
            text = _texts(path, stat.st_size, stat.st_mtime_ns)[entry.line - 1]
        except (OSError, IndexError) as error:
            message = f"{path}:{entry.line}: missing; restore the file from git"
            raise LedgerError(message) from error
        return read_line(path, entry.line, text)

    def find(self, name: str) -> RunLine | None:
        """The observation with this id, or None."""
        run, _, number = name.rpartition("-")
        entry = self.index.find(run, int(number)) if number.isdecimal() else None
        return self.line(entry) if entry else None

    def observation(self, line: RunLine, *, raw: bool = False) -> Observation:
        """A line with its facts, and with its raw where that is asked for and kept.

        :raises LedgerError: when the object is missing or is not what its name says.
        """
        exchanges: tuple[Exchange, ...] = ()
        if raw and line.raw:
            exchanges = self.exchanges(line.raw)
        return Observation(
            digest=sys.intern(line.digest),
            definition=line.definition,
            start=line.start,
            duration=line.duration,
            outcome=line.outcome,
            vantage=self._vantages.setdefault(line.vantage, line.vantage),
            version=line.version,
            failure=line.failure,
            facts=self.facts(line),
            volatile=line.volatile,
            exchanges=exchanges,
            origin=line.origin,
            facts_digest=line.facts,
            raw_digest=line.raw,
            id=line.id,
        )

    def facts(self, line: RunLine) -> Facts | None:
        """An observation's facts; read again from raw where an older version of the kind read them.

        :raises LedgerError: when the object is missing or of a newer Sotokara.
        """
        kind = KINDS.get(line.kind)
        if kind is None or line.version > kind.version:
            message = (
                f"{line.kind} {line.version}: written by a newer Sotokara; update it to read this"
            )
            raise LedgerError(message)
        if line.facts is None:
            return None
        if line.version < kind.version and line.raw and line.origin == "measured":
            identity = dict(line.definition)
            target = identity.pop(line.kind)
            question = msgspec.convert({"target": target, **identity}, kind)
            again = question.parse(self.exchanges(line.raw))
            if again.facts or not (again.failure and again.failure.detail.startswith(_UNREAD)):
                return again.facts  # else the facts cannot be from these bytes alone
        return msgspec.convert(self.object(line.facts)["facts"], kind.facts)

    def exchanges(self, name: str) -> tuple[Exchange, ...]:
        """The exchanges of a raw object.

        :raises LedgerError: when it is missing or altered.
        """
        return tuple(map(unpack, self.object(name)["exchanges"]))

    def object(self, name: str) -> dict[str, Any]:
        """An object by its digest.

        :raises LedgerError: when it is missing or altered.
        """
        path = self.object_file(name)
        try:
            with open(path, "rb") as file:  # noqa: PTH123  # a site may show tens of thousands
                content = file.read()
        except FileNotFoundError as error:
            message = f"{path}: missing; restore it from git (git checkout -- {path})"
            raise LedgerError(message) from error
        if hashlib.sha256(content).hexdigest() != name:
            message = f"{path}: not what was observed (its SHA-256 differs); restore it from git"
            raise LedgerError(message)
        found: dict[str, Any] = msgspec.json.decode(content)
        return found

    def release(self) -> None:
        """Forget the lines of runs that were read."""
        _texts.cache_clear()

    def object_path(self, name: str) -> Path:
        """Where the object of this digest is."""
        return Path(self.object_file(name))

    def object_file(self, name: str) -> str:
        """The same as text, for a run that writes tens of thousands."""
        return f"{self._objects}{os.sep}{name[:2]}{os.sep}{name}.json"

    def whole(self) -> None:
        """See that every sealed run is here: a history over missing ones would show gaps.

        :raises LedgerError: when some are not, or a seal is none (a conflict of two branches).
        """
        sealed = (name for seal in sealings(self.folder, strict=True) for name in seal.files)
        gone = self.index.lacks(name for name in sealed if name.startswith("runs/"))
        if gone:
            message = f"{self.folder / gone[0]}: sealed, and not here"
            message += f", nor are {len(gone) - 1} more" if gone[1:] else ""
            message += "; a sparse or partial clone? Restore from git (git sparse-checkout disable)"
            raise LedgerError(message)


_UNREAD = "the reply does not parse"
"""How the particulars of a failure begin where bytes cannot be taken apart at all."""


@lru_cache(maxsize=64)
def _texts(path: str, size: int, mtime: int) -> list[bytes]:  # noqa: ARG001  # they are the key
    return Path(path).read_bytes().splitlines()
