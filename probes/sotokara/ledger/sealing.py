"""What the seals say of an observation: in which seal, when, by whom, and if it still is so."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from sotokara.ledger import signing
from sotokara.ledger import verify as verifier


class SealState(NamedTuple):
    """The seal over an observation's run; number 0 where it is not sealed yet."""

    number: int = 0
    time: str = ""
    """When it was sealed, by the clock of whoever sealed (ISO 8601)."""
    signer: str = ""
    """The name of the key that has signed its run."""
    late: tuple[str, int] | None = None
    """The day that the run claims, and how many days later it was sealed, where that is long."""
    altered: bool = False
    """What stands here is not what was sealed."""
    unsealed: bool = False
    """Nothing at all is sealed here."""
    aside: bool = False
    """It is no evidence, and never sealed."""

    @property
    def day(self) -> str:
        """The day on which it was sealed, by the same clock."""
        return self.time[:10]


class SealStates:
    """The same of every observation of a ledger; it is read when it is first asked."""

    def __init__(self, folder: Path, aside: Callable[[str], bool] = lambda _: False) -> None:
        """``aside``: whether an observation, by its id, is no evidence."""
        self._aside = aside
        self._source = verifier.Folder(str(folder))
        self._folder = folder
        self._known: dict[str, SealState] = {}
        self._batches: dict[str, SealState] = {}

    def of(self, name: str) -> SealState:
        """The state of an observation by its id."""
        if self._aside(name):
            return SealState(aside=True)
        run = name.rpartition("-")[0]
        if run not in self._known:
            self._known[run] = self._look(f"runs/{run[:4]}/{run[4:6]}/{run[6:8]}/{run}.jsonl")
        return self._known[run]

    def of_batch(self, path: str) -> SealState:
        """The state of a batch by its path, without a suffix. Its rows are `verify`'s."""
        if path not in self._batches:
            self._batches[path] = self._look_at_batch(path)
        return self._batches[path]

    def _look_at_batch(self, path: str) -> SealState:
        seen, names = self._seen
        chain, rows = seen.chain, f"{path}.parquet"
        number = chain.files.get(rows, ("", 0))[1]
        if not (self._folder / f"{path}.json").is_file():
            return SealState(aside=True)
        if not number:
            return SealState(unsealed=not chain.hashes)
        own = {f"{path}{suffix}" for suffix in (".parquet", ".json", ".sig")}
        names |= {name for name in own if (self._folder / name).is_file()}
        found = verifier.Found()
        signer = verifier.verify_batch(self._source, path, names, seen, found.add)
        here = rows in names or any(one.code == "stored" for one in found)
        wrong = not here or any(one.wrong for one in found)
        return SealState(number, chain.times[number], signer, altered=wrong)

    def altered(self) -> list[str]:
        """The runs asked for so far that are not what was sealed."""
        return sorted(run for run, state in self._known.items() if state.altered)

    @cached_property
    def _seen(self) -> tuple[verifier.Seen, set[str]]:
        def passed(*_: str) -> None:
            """`verify` says what is wrong."""

        listed = [*self._folder.glob("seals/*"), *self._folder.glob("tombstones/*")]
        names = {path.relative_to(self._folder).as_posix() for path in listed if path.is_file()}
        if (self._folder / "signers").is_file():
            names.add("signers")
        chain = verifier.read_chain(self._source, names, passed)
        stones = verifier.bury(self._source, names, chain, passed)
        signers = verifier.read_signers(self._source, names, chain, passed)
        return verifier.Seen(chain, stones, signers, signing.valid), names

    def _look(self, run: str) -> SealState:
        seen, names = self._seen
        chain = seen.chain
        number = chain.files.get(run, ("", 0))[1]
        if not number:
            return SealState(unsealed=not chain.hashes)
        began, sealed = verifier.moment(run.rpartition("/")[2]) or 0.0, chain.made[number]
        late = verifier.days_late(began, sealed)
        state = SealState(
            number, chain.times[number], late=(verifier.day(began), late) if late else None
        )
        found = verifier.Found()
        try:
            content = self._source.read(run)
        except OSError:
            return state._replace(altered=True)
        verifier.verify_file(run, content, seen, "", found.add)
        sidecar = f"{run.removesuffix('.jsonl')}.sig"
        if (self._folder / sidecar).is_file():
            names.add(sidecar)
        known = (seen, began, sealed)
        signer = verifier.verify_signature(self._source, (run, content), names, known, found.add)
        return state._replace(signer=signer, altered=any(one.wrong for one in found))
