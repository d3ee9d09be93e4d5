"""Evidence of pages that are not published yet: a small ledger for each, outside the evidence.

Its folder is left out of git, of every site and of every seal. On the day of publication its runs
move into the evidence as they are: what was measured keeps the time at which it was measured.
"""

import contextlib
import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import filelock

from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.reader import Ledger
from sotokara.ledger.signing import signs_batches, signs_runs
from sotokara.ledger.verify import is_run, references
from sotokara.ledger.writer import Writer, file_name_of

_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
_LOCK_SECONDS = 60
_LOOK_AGAIN = 0.1
_IGNORED = b"# Not published yet. To keep it in git (a private repository), empty this file.\n*\n"


class Drafts:
    """The ledgers of unpublished pages below one folder."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder, self._cache = folder, cache
        self._ledgers: dict[str, Ledger] = {}
        self.pages: set[str] = set()
        """The pages of this build that are not published."""

    def folder_of(self, page: str) -> Path:
        """Where the evidence of a page is while it is unpublished."""
        name = _UNSAFE.sub("-", PurePosixPath(page).stem)[:40].strip("-")
        return self.folder / f"{name}-{hashlib.sha256(page.encode()).hexdigest()[:8]}"

    def ledger(self, page: str) -> Ledger:
        """A page's own ledger."""
        if page not in self._ledgers:
            self._ledgers[page] = Ledger(self.folder_of(page), self._cache)
        return self._ledgers[page]

    def writer(self, page: str, vantage: str, *, shown: bool) -> Writer:
        """A run in a page's own ledger."""
        ignore = self.folder / ".gitignore"
        if not self.folder.exists():
            write_all({ignore: _IGNORED})
        return Writer(self.ledger(page), vantage, shown=shown)

    def publish(self, page: str, into: Ledger, writing: Callable[[], bool] = lambda: False) -> int:
        """Let the runs of a page that is published now be evidence; how many there were.

        ``writing``: whether this process is writing a run there, which pages read before have
        begun: then the lock is its own.

        :raises LedgerError: when the disk refuses.
        """
        folder = self.folder_of(page)
        if not (folder / "runs").is_dir() and not (folder / "batches").is_dir():
            return 0
        from sotokara.ledger.batches import names as batches

        names = (path.relative_to(folder).as_posix() for path in folder.glob("runs/*/*/*/*.jsonl"))
        runs = sorted(filter(is_run, names))
        into.folder.mkdir(parents=True, exist_ok=True)
        try:
            with _locked(into.folder, writing):
                for name in runs:
                    _take_over(folder, into.folder, name)
                for name in batches(folder):
                    _take_over_batch(folder, into.folder, name)
        except (OSError, filelock.Timeout) as error:
            message = f"{folder}: cannot become evidence ({error}); nothing of it is lost"
            raise LedgerError(message) from error
        self._ledgers.pop(page, None)
        shutil.rmtree(folder)
        into.index.refresh()
        return len(runs)

    def move(self, old: str, new: str) -> None:
        """A page that is not published has another name."""
        if self.folder_of(old).is_dir() and not self.folder_of(new).exists():
            self.folder_of(old).rename(self.folder_of(new))


def writers(drafts: Drafts | None, vantage: str, *, shown: bool) -> Callable[[str], Writer | None]:
    """What gives the writer of an unpublished page; None for every other."""

    def writer(page: str) -> Writer | None:
        if drafts is None or page not in drafts.pages:
            return None
        return drafts.writer(page, vantage, shown=shown)

    return writer


@contextlib.contextmanager
def _locked(folder: Path, writing: Callable[[], bool]) -> Iterator[None]:
    """Alone with a folder; or beside the run that this process writes there.

    :raises filelock.Timeout: when another process has been writing for long.
    """
    lock, left = filelock.FileLock(folder / ".lock"), float(_LOCK_SECONDS)
    while not writing():
        try:
            lock.acquire(timeout=_LOOK_AGAIN)
        except filelock.Timeout:
            left -= _LOOK_AGAIN
            if left <= 0:
                raise
            continue
        try:
            yield
        finally:
            lock.release()
        return
    yield


def _take_over_batch(folder: Path, into: Path, name: str) -> None:
    """The rows and their signature first: what stands beside them says that they are there."""
    from sotokara.ledger.batches import read_manifest

    path, told = name.removesuffix(".json"), read_manifest(folder / name)
    (into / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / f"{path}.parquet", into / f"{path}.parquet.part")
    (into / f"{path}.parquet.part").replace(into / f"{path}.parquet")
    if sign := signs_batches(into, file_name_of(told.vantage.name)):
        note = sign(f"{path}.parquet", told.rows, told.root)
        write_all({into / f"{path}.sig": note})
    write_all({into / name: (folder / name).read_bytes()})


def _take_over(folder: Path, into: Path, name: str) -> None:
    """Objects first, then the signature, then the run: none is there without what it names."""
    content = (folder / name).read_bytes()
    objects = {f"objects/{one[:2]}/{one}.json" for one in references(content)}
    kept = {into / one: (folder / one).read_bytes() for one in objects if (folder / one).is_file()}
    write_all(kept, named_by_hash=True)
    vantage = name.rpartition("/")[2].split("-")[1]
    if sign := signs_runs(into, vantage):
        write_all({into / f"{name.removesuffix('.jsonl')}.sig": sign(name, content)})
    write_all({into / name: content})
