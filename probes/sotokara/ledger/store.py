"""Rows of batches beside git: a folder, or a store such as S3, that has their Parquet files.

What stands beside a batch stays in the ledger, with the rows' hash, size and address. A store is
believed for nothing: what comes from it has that hash, or is not read. Where it is away, rows stay
in the ledger until a build or `sotokara seal` can take them there.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from sotokara.core.canonical import NO_JSON, canonical
from sotokara.core.extras import MissingExtraError
from sotokara.core.settings import Settings
from sotokara.ledger.batch_rows import Manifest
from sotokara.ledger.disk import hash_of, write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.tombstones import stones_of
from sotokara.ledger.verify import Chain, Stone, is_batch
from sotokara.network.object_store import NotThere, ObjectStore, StoreAway

_NO_SCHEME = "file://"


class StoreError(LedgerError):
    """Rows that are kept in a store cannot be had from it now."""


class Store(Protocol):
    """Where rows are kept beside the ledger. ``name``: a batch's file (``batches/….parquet``)."""

    address: str

    def put(self, file: Path, name: str) -> None:
        """Take a file in; what stands there under its name gives way.

        :raises StoreError: where it does not get there whole.
        """

    def rows(self, name: str, wanted: str, *, fresh: bool = False) -> Path:
        """The file as it can be read here; ``wanted``: its SHA-256; ``fresh``: look there again.

        :raises StoreError: where it cannot be had, or is another.
        """

    def forget(self) -> None:
        """Remove what was copied here from it."""


class DiskStore:
    """A folder, on this disk or on one that is mounted."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder, self.address = folder, address
        self._known: set[tuple[str, str]] = set()

    def put(self, file: Path, name: str) -> None:
        """As `Store`."""
        there = self._folder / name
        torn = there.with_name(f"{there.name}.part")
        try:
            if not self._folder.is_dir():
                raise StoreError(f"{self.address}: no such folder; is it mounted?")
            there.parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as source, torn.open("wb") as target:
                shutil.copyfileobj(source, target, 1 << 20)
                target.flush()
                os.fsync(target.fileno())
            torn.replace(there)
        except OSError as error:
            with contextlib.suppress(OSError):
                torn.unlink(missing_ok=True)
            raise StoreError(f"{self.address}: {error.strerror}") from error

    def rows(self, name: str, wanted: str, *, fresh: bool = False) -> Path:
        """As `Store`."""
        there = self._folder / name
        if not fresh and (name, wanted) in self._known and there.is_file():
            return there
        try:
            if not self._folder.is_dir():
                raise StoreError(f"{self.address}: no such folder; is it mounted?")
            if not there.is_file():
                raise StoreError(f"{self.address}: it has no {name}")
            _proper(self.address, name, hash_of(there)[0], wanted)
        except OSError as error:
            raise StoreError(f"{self.address}: {error.strerror}") from error
        self._known.add((name, wanted))
        return there

    def forget(self) -> None:
        """As `Store`: nothing was."""


class FarStore:
    """A store that is asked over the network; what came from it is kept in ``cache``."""

    def __init__(self, address: str, cache: Path, *, offline: bool) -> None:
        """``offline``: nothing is asked; what is in the cache can be read."""
        self._store, self._cache, self._offline = ObjectStore(address), cache, offline
        self.address = self._store.address

    def put(self, file: Path, name: str) -> None:
        """As `Store`."""
        if self._offline:
            raise StoreError(f"{self.address}: not asked, for the mode is replay")
        try:
            self._store.put(file, name)
            self._cache.mkdir(parents=True, exist_ok=True)
            copy = self._cache / f"{hash_of(file)[0]}.parquet"
            shutil.copyfile(file, copy)
        except (StoreAway, MissingExtraError) as away:
            raise StoreError(str(away)) from away
        except OSError as error:
            raise StoreError(f"{error.filename}: {error.strerror}") from error

    def rows(self, name: str, wanted: str, *, fresh: bool = False) -> Path:
        """As `Store`."""
        copy = self._cache / f"{wanted}.parquet"
        torn = copy.with_suffix(f".{os.getpid()}.part")
        try:
            if copy.is_file() and not fresh and hash_of(copy)[0] == wanted:
                return copy
            if self._offline:
                raise StoreError(f"{self.address}: not asked, for the mode is replay")
            self._cache.mkdir(parents=True, exist_ok=True)
            self._store.get(name, torn)
            _proper(self.address, name, hash_of(torn)[0], wanted)
            torn.replace(copy)
        except NotThere as error:
            raise StoreError(f"{self.address}: it has no {name}") from error
        except (StoreAway, MissingExtraError) as away:
            raise StoreError(str(away)) from away
        except OSError as error:
            raise StoreError(f"{error.filename}: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):
                torn.unlink(missing_ok=True)
        return copy

    def forget(self) -> None:
        """As `Store`."""
        with contextlib.suppress(OSError):
            for copy in self._cache.glob("*.parquet"):
                copy.unlink()


def _proper(address: str, name: str, found: str, wanted: str) -> None:
    """:raises StoreError: where a file is another than it has to be."""
    if found != wanted:
        raise AlteredError(f"{address}: its {name} is not what was observed: another SHA-256")


class AlteredError(StoreError):
    """What a store has is not what was put there."""


def store_of(settings: Settings, root: Path) -> Store | None:
    """The store that is set: at an address, or in a folder named from ``root``; else None."""
    address, offline = settings.store.address, settings.mode == "replay"
    if not address:
        return None
    if "://" not in address or address.startswith(_NO_SCHEME):
        return DiskStore(root / address.removeprefix(_NO_SCHEME), address)
    return FarStore(address, root / ".cache" / "store", offline=offline)


def rows_file(folder: Path, path: str, told: Manifest, store: Store | None, stone: Stone) -> Path:
    """The Parquet file of a batch, from the ledger or from its store.

    ``path``: the batch's, without a suffix; ``stone``: what tombstones say of it.

    :raises StoreError: where it is in a store, and cannot be had.
    """
    name = f"{path}.parquet"
    here = folder / name
    if here.is_file() or not told.address:
        return here
    if store is None:
        message = f"{name}: its rows are kept at {told.address}; set evidence_store to read them"
        raise StoreError(message)
    return store.rows(name, stone.now or told.sha256)


class Moved(NamedTuple):
    """What became of rows that are to be in a store."""

    name: str
    why: str = ""
    """Why they still are in the ledger; empty: they are in the store."""


def put_away(folder: Path, store: Store | None) -> Iterator[Moved]:
    """Take the rows of batches to their store: those not sealed yet, and those it was away for.

    First what stands beside a batch names the address, then the rows go there, then they leave the
    ledger: whatever is interrupted is done again. A batch that was sealed without an address stays.

    :raises LedgerError: where the ledger's own disk refuses.
    """
    if store is None or not (folder / "batches").is_dir():
        return
    waiting = sorted(folder.glob("batches/*/*/*/*.parquet"))
    if not waiting:
        return
    chain, stones = stones_of(folder)
    why = ""
    for rows in waiting:
        name = rows.relative_to(folder).as_posix()
        if rows.is_symlink() or not is_batch(f"{name.removesuffix('.parquet')}.json"):
            continue
        try:
            if not _addressed(rows, name, store, chain, stones.get(name, Stone({}))):
                continue
            if not why:  # else the next one would wait as long for nothing
                store.put(rows, name)
                rows.unlink()
        except StoreError as away:
            why = str(away)
        except OSError as error:
            message = f"{error.filename or folder}: {error.strerror}; nothing of it is lost"
            raise LedgerError(message) from error
        yield Moved(name, why)


def _addressed(rows: Path, name: str, store: Store, chain: Chain, stone: Stone) -> bool:
    """Have what stands beside rows name their address; False where they are to stay."""
    beside = rows.with_suffix(".json")
    try:
        told = msgspec.json.decode(beside.read_bytes(), type=Manifest)
    except NO_JSON:
        return False  # `verify` names it
    if not told.address and name in chain.files:
        return False
    if hash_of(rows)[0] != (stone.now or told.sha256):
        return False  # `verify` names it; in the store there may be what it was
    if not told.address:
        told = msgspec.structs.replace(told, address=f"{store.address}/{name}")
        write_all({beside: canonical(told) + b"\n"})
    return True
