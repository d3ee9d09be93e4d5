"""Seals: each names the files that came since the one before, and hashes all into one tree.

``seals/NNNNNN.json`` is one line of canonical JSON: the previous seal's SHA-256, the new files, and
the root of the RFC 6962 tree over the lines of all runs sealed so far (docs/guide/format.md).
Sealing is a step of its own (``sotokara seal``), so that runs of two branches merge without
conflict; two seals of one number conflict in git, and ``repair.py`` resolves that.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import filelock
import msgspec

from sotokara.core.canonical import NO_JSON, canonical, digest
from sotokara.core.observation import now
from sotokara.ledger import signing
from sotokara.ledger.disk import recover, write_all
from sotokara.ledger.lines import LedgerError, NewerError, newer, read_lines
from sotokara.ledger.verify import (
    FORMAT,
    Chain,
    Finding,
    Folder,
    Tree,
    Unread,
    beginning,
    bury,
    checkpoint,
    disguised,
    file_leaf,
    is_batch,
    is_evidence,
    is_published,
    is_run,
    leaves,
    parse_seal,
    read_batch,
    read_chain,
    references,
    root_of,
    stored,
)
from sotokara.ledger.way_back import in_git_alone

_LOCK_SECONDS = 60


class SealHead(NamedTuple):
    """The newest seal: its number and hash; (0, "") where nothing is sealed."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def newest(folder: Path) -> tuple[int, bytes]:
    """The number of the newest seal, and what its file holds, seal or not; (0, b"") without any."""
    number = max((int(path.stem) for path in seal_files(folder)), default=0)
    return number, seal_path(folder, number).read_bytes() if number else b""


def seal_files(folder: Path) -> Iterator[Path]:
    """The seals' files, the first one first: those named as seals are, and no links."""
    for path in sorted((folder / "seals").glob("[0-9]*.json")):
        if is_evidence(f"seals/{path.name}") and not path.is_symlink():
            yield path


def head(folder: Path) -> SealHead:
    """The newest seal of a ledger.

    :raises LedgerError: when it is none: nothing may be published under its name.
    """
    number, content = newest(folder)
    if not number:
        return SealHead(0, "")
    _refuse_none(seal_path(folder, number), content)
    return SealHead(number, digest(content))


def _refuse_none(path: Path, content: bytes) -> None:
    """:raises LedgerError: for a file that is no seal, as a conflict of two branches leaves it."""
    try:
        parse_seal(content)
    except Unread as error:
        raise LedgerError(f"{path}: {error.args[1]}") from error


def seal_path(folder: Path, number: int) -> Path:
    """Where the seal of this number is."""
    return folder / "seals" / f"{number:06d}.json"


def seal(
    folder: Path, replaces: list[str] | None = None, *, upgrade: bool = False
) -> SealHead | None:
    """Seal what is not sealed yet; None where there is nothing new.

    ``upgrade``: also where nothing is new, if all seals so far are of version 1.

    :raises LedgerError: when the chain or a new file is not sound, or the disk refuses.
    """
    if why := in_git_alone(folder):
        raise LedgerError(why)
    if not folder.is_dir():
        return None
    try:
        with filelock.FileLock(folder / ".lock", timeout=_LOCK_SECONDS):
            for orphan in (folder / "runs").glob("*/*/*/*.part"):
                recover(orphan)
            return _seal(folder, replaces or [], upgrade=upgrade)
    except filelock.Timeout as error:
        message = f"{folder}: a run has been writing for {_LOCK_SECONDS} s; seal after it"
        raise LedgerError(message) from error
    except OSError as error:
        where = error.filename or folder
        message = f"{where}: the seal cannot be kept: {error.strerror}; free space, and seal again"
        raise LedgerError(message) from error


def _seal(folder: Path, replaces: list[str], *, upgrade: bool) -> SealHead | None:
    chain = sound_chain(folder)
    new = [name for name in _to_seal(folder, chain) if not of_newer(folder, name)]
    began = not chain.order
    old = [name for name in chain.files if is_run(name)] if began else []
    last = max(chain.hashes, default=0)
    if not new and not replaces and not (upgrade and old):
        _check_in(
            folder, chain, signing.find_key(folder) if (folder / "signers").is_file() else None
        )
        return None
    key = signing.log_key(folder)
    tree = _grown(folder, chain)
    if began:
        tree.leaf(beginning(last, chain.hashes.get(last, "")))
        bury(Folder(str(folder)), set(Folder(str(folder)).names()), chain, lambda *_: None)
    files: list[tuple[str, int, str]] = []
    there: set[str] = set()
    for name in (*old, *new):
        if name.endswith(".parquet"):
            files.append((name, 0, _hash_of_rows(folder, name)))
            tree.leaf(file_leaf(*files[-1][::2]))
            continue
        content = Folder(str(folder)).read(name)
        if is_run(name):
            if name in chain.files and digest(content) != chain.files[name][0]:
                message = f"{folder / name}: not what was sealed; nothing was sealed; see `verify`"
                raise LedgerError(message)
            _sound(folder, name, content, there)
            nodes = leaves(name, content)
            files.append((name, len(nodes), root_of(nodes)))
        else:
            files.append((name, 0, digest(content)))
            nodes = [file_leaf(*files[-1][::2])]
        tree.extend(nodes)
    number = last + 1
    fields: dict[str, Any] = {
        "v": FORMAT,
        "number": number,
        "previous": chain.hashes.get(last, ""),
        "sealed": now(),
        "files": files,
        "size": tree.size,
        "root": tree.root(),
        "peaks": tree.peaks,
    }
    if replaces:
        fields["replaces"] = replaces
    content = canonical(fields) + b"\n"
    head = SealHead(number, digest(content))
    write_all({seal_path(folder, number): content})
    chain.hashes[number], chain.logs[number] = head.hash, (tree.size, tree.root())
    _check_in(folder, chain, key)
    return head


def _hash_of_rows(folder: Path, name: str) -> str:
    """The SHA-256 of a batch's file: of what is here, or of what was taken to its store."""
    if (folder / name).is_file():
        return Folder(str(folder)).sha(name)
    path = name.removesuffix(".parquet")
    hashed: str = read_batch(Folder(str(folder)).read(f"{path}.json"), path)["sha256"]
    return hashed


def _grown(folder: Path, chain: Chain) -> Tree:
    """The log as the last seal left it."""
    if not chain.order:
        return Tree()
    last = parse_seal(seal_path(folder, max(chain.order)).read_bytes())
    return Tree(last["size"], map(bytes.fromhex, last["peaks"]))


_HEAD_IN_NOTE = re.compile(rb"^sotokara head \d+:([0-9a-f]{64})$", re.MULTILINE)


def head_of_another(path: Path, hashed: str) -> str:
    """The hash that a seal's checkpoint speaks of, where it is not this seal's; else nothing."""
    note = path.with_suffix(".note")
    found = _HEAD_IN_NOTE.search(note.read_bytes()) if note.is_file() else None
    other = found[1].decode() if found else ""
    return other if other != hashed else ""


def check_in_all(folder: Path, key: "signing.SigningKey | None") -> list[int]:
    """Write each checkpoint that is missing and that this key could sign; the seals' numbers."""
    if key is None:
        return []
    chain = sound_chain(folder)
    own = [
        one
        for one in signing.signers(folder)
        if (one.role, one.name, one.key) == ("log", key.name, key.public)
    ]
    signed = []
    for number in sorted(chain.logs):
        path = seal_path(folder, number).with_suffix(".note")
        made = chain.made[number]
        if not path.exists() and any(one.since <= made < one.until for one in own):
            write_all({path: _note(chain, number, key)})
            signed.append(number)
    return signed


def _check_in(folder: Path, chain: Chain, key: "signing.SigningKey | None") -> None:
    """Write the checkpoint of the newest seal, where the log has a key and it is not there."""
    number = max(chain.logs, default=0)
    path = seal_path(folder, number).with_suffix(".note")
    if not number or path.exists() or key is None or not signing.speaks(folder, key, "log"):
        return
    write_all({path: _note(chain, number, key)})


def _note(chain: Chain, number: int, key: "signing.SigningKey") -> bytes:
    size, root = chain.logs[number]
    head = f"{number}:{chain.hashes[number]}"
    return key.note(checkpoint(key.name, size, root, head, signing.verifier_hash()))


def sound_chain(folder: Path) -> Chain:
    """What is sealed.

    :raises LedgerError: when the seals do not follow from one another.
    """
    found: list[Finding] = []
    names = [f"seals/{path.name}" for path in (folder / "seals").glob("*.json")]
    chain = read_chain(Folder(str(folder)), names, lambda *finding: found.append(Finding(*finding)))
    if found:
        one = found[0]
        raise LedgerError(f"{folder / one.where}: {one.what}; nothing was sealed")
    for number, hashed in chain.hashes.items():
        if head_of_another(seal_path(folder, number), hashed):
            note = seal_path(folder, number).with_suffix(".note")
            message = f"{note}: it is the checkpoint of another seal; nothing was sealed"
            message += "; where two branches were merged with git alone: sotokara seal --repair"
            raise LedgerError(message)
    return chain


def _to_seal(folder: Path, chain: Chain) -> Iterator[str]:
    """The files that no seal lists: runs by their time, then all others."""
    names = set(Folder(str(folder)).names())
    runs = sorted(filter(is_run, names), key=lambda name: name.rpartition("/")[2])
    notes = [f"{name.removesuffix('.jsonl')}.sig" for name in runs]
    stones = sorted(name for name in names if name.startswith("tombstones/") and is_evidence(name))
    lists = sorted(name for name in names if is_published(name))
    away = stored(Folder(str(folder)), names, chain)
    batches = [
        f"{name.removesuffix('.json')}{suffix}"
        for name in sorted(filter(is_batch, names), key=lambda name: name.rpartition("/")[2])
        if f"{name.removesuffix('.json')}.parquet" in names | away  # nothing is sealed by halves
        for suffix in (".parquet", ".json", ".sig")
    ]
    yield from (
        name
        for name in (*runs, *notes, *batches, *stones, *lists)
        if name in names | away and name not in chain.files
    )
    if "signers" in names:
        hashed = digest(Folder(str(folder)).read("signers"))
        if chain.files.get("signers", ("", 0))[0] != hashed:
            yield "signers"


def of_newer(folder: Path, name: str) -> bool:
    """Whether a run has lines of a newer form: that version seals them, by its own rules."""
    run = folder / f"{name.rpartition('.')[0]}.jsonl"
    if not name.startswith("runs/") or not run.is_file():
        return False
    try:
        for number, text in enumerate(run.read_bytes().splitlines(), 1):
            newer(run, number, text)
    except NewerError:
        return True
    return False


def _sound(folder: Path, name: str, content: bytes, there: set[str]) -> None:
    """Seal nothing that is broken already. ``there``: the objects known to be there.

    :raises LedgerError: when a line does not parse or an object is missing.
    """
    try:
        for _ in read_lines(folder / name):
            pass
    except LedgerError:
        if digest(content)[:8] != name[-len("12345678.jsonl") : -len(".jsonl")]:
            raise  # else it is as it was kept, with words that a newer version has
    for line in disguised(content):
        message = f"{folder / name}:{line}: not written as lines are; nothing was sealed"
        raise LedgerError(message)
    for one in references(content) - there:
        if not (folder / "objects" / one[:2] / f"{one}.json").is_file():
            message = f"{folder / name}: names object {one}, which is missing; restore it from git"
            raise LedgerError(message)
        there.add(one)


class Sealing(NamedTuple):
    """One seal in short: its number, its time, the new files.

    The time is in milliseconds since 1970, UTC, and never before that of the seal before it.
    """

    number: int
    time: int
    files: list[str]


def _follows(
    path: Path, told: tuple[int, str], content: bytes, before: tuple[int, str]
) -> tuple[int, str]:
    """The number and the hash of a seal.

    :raises LedgerError: where it follows one that is not here, or has another's checkpoint, as
        after a merge of two branches' seals with git alone.
    """
    number, hashed = told[0], digest(content)
    if told[0] == before[0] + 1 and told[1] != before[1]:
        message = f"{path}: it was made after another seal {before[0]} than the one here"
    elif head_of_another(path, hashed):
        message = f"{path.with_suffix('.note')}: it is the checkpoint of another seal"
    else:
        return number, hashed
    message += "; where two branches were merged with git alone: sotokara seal --repair"
    raise LedgerError(f"{message}; else restore it from git")


class _Short(msgspec.Struct):
    number: int
    previous: str
    sealed: datetime
    files: list[list[Any]]


def sealings(folder: Path, *, strict: bool = False) -> Iterator[Sealing]:
    """Every seal that can be read, the first one first.

    :raises LedgerError: with ``strict``, for one that cannot be read.
    """
    made, before = 0, (0, "")
    for path in seal_files(folder):
        content = path.read_bytes()
        try:
            one = msgspec.json.decode(content, type=_Short)
        except NO_JSON:
            if strict:
                _refuse_none(path, content)
            continue  # `sotokara verify` says what is wrong with it
        if strict:
            before = _follows(path, (one.number, one.previous), content, before)
        made = max(made, round(one.sealed.timestamp() * 1000))
        names = (listed[0] for listed in one.files if listed)
        yield Sealing(one.number, made, [name for name in names if isinstance(name, str)])


def sealed_files(folder: Path) -> dict[str, int]:
    """The number of the first seal of every sealed file."""
    found: dict[str, int] = {}
    for seal in sealings(folder):
        for name in seal.files:
            found.setdefault(name, seal.number)
    return found
