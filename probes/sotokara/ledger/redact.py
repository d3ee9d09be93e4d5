"""Redaction after the fact: something must go, and what went is signed off.

Every object and line that holds a hidden word is written anew with the word masked; a tombstone
says which lines were changed, when, why and by whom, with their old leaves; a new seal covers it.
The old seals stay, and every other line still proves itself. A run's salt goes with its secret, so
that the old leaf confirms no guess; the other lines keep theirs. Git's own history still has the
old files (see the guide).
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, get_args

import msgspec

from sotokara.core.canonical import NO_JSON, canonical, digest
from sotokara.core.observation import Failure, Vantage, now, pack, unpack
from sotokara.kinds import KINDS
from sotokara.ledger.batch_redact import (
    Rewritten,
    drop_batches,
    masking_change,
    refuse_beside,
    rewritten,
)
from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import NEWER, LedgerError, RunLine
from sotokara.ledger.seals import SealHead, of_newer, seal, sound_chain
from sotokara.ledger.signing import log_key
from sotokara.ledger.store import Store
from sotokara.ledger.verify import (
    FORMAT,
    Finding,
    Folder,
    Stone,
    bare_lines,
    bury,
    leaves,
    references,
    salts,
)
from sotokara.masking.redaction import Redactor


class Redaction(NamedTuple):
    """What was done: lines by run, how many objects went, the tombstone and the new head."""

    runs: dict[str, list[int]]
    objects: int
    tombstone: Path | None
    head: SealHead | None
    removed: list[str] = []
    """Paths of the objects that are gone."""
    before: list[bytes] = []
    """What the runs that were written anew held before."""


def redact(
    folder: Path, hidden: list[str], reason: str, by: str, store: Store | None = None
) -> Redaction:
    """Take words, addresses or networks out of all evidence.

    ``store``: where rows are that are kept beside it; `put_away` brings them there again.

    Interrupted, it is finished by the same command again.

    :raises LedgerError: when the evidence is not sound, or a file's name holds a word.
    """
    try:
        return _redact(folder, Redactor(hidden), (reason, by), store)
    except OSError as error:
        message = f"{error.filename or folder}: {error.strerror}; free space, then the same again"
        raise LedgerError(message) from error


def _redact(
    folder: Path, redactor: Redactor, signed: tuple[str, str], store: Store | None
) -> Redaction:
    log_key(folder)  # who cannot seal leaves all as it is
    seal(folder, upgrade=True)  # what is redacted was sealed: the tombstone tells the truth of it
    chain = sound_chain(folder)
    names = set(Folder(str(folder)).names())
    stones = bury(Folder(str(folder)), names, chain, refuse)
    objects = dict(_objects(folder, redactor))
    runs: dict[str, bytes] = {}
    touched: dict[str, list[int]] = {}
    changes: dict[str, dict[str, Any]] = {}
    path: Path | None = None
    moved = {old: new for old, (new, _) in objects.items()}
    was: list[bytes] = []
    for file in sorted((folder / "runs").glob("*/*/*/*.jsonl")):
        name = file.relative_to(folder).as_posix()
        if redactor.text(name) != name:
            message = f"{file}: its name holds what is to go; see “Redaction later” in the guide"
            raise LedgerError(message)
        before = file.read_bytes()
        content, lines = _run(before, redactor, moved)
        if lines and of_newer(folder, name):
            raise LedgerError(
                f"{file}: holds it, and is {NEWER}: redact with that; nothing was done"
            )
        if lines:
            stone = stones.get(name, Stone({}))
            runs[name] = resalted(before, content, {*lines, *stone.lines})
            touched[name] = lines
            was.append(before)
            changes[name] = {"lines": revealed(name, (before, runs[name]), lines, stone)}
    refuse_beside(folder, redactor)
    change = masking_change(redactor, mask_json)
    batches = list(rewritten(folder, lambda _: change, store))
    if touched or batches:
        path = bury_runs(folder, signed, changes, len(objects), batches=batches)
    write_all({object_file(folder, new): content for new, content in objects.values()})
    touched |= put_in_place(folder, runs, batches, store)
    gone = sorted(objects.keys() - in_use(folder))
    for old in gone:
        object_file(folder, old).unlink(missing_ok=True)
    removed = [object_file(folder, old).relative_to(folder).as_posix() for old in gone]
    return Redaction(touched, len(objects), path, seal(folder), removed, was)


def put_in_place(
    folder: Path, runs: dict[str, bytes], batches: Sequence[Rewritten], store: Store | None
) -> dict[str, list[int]]:
    """Write runs anew and let changed batches take their names; the batches' rows that changed."""
    write_all({folder / name: content for name, content in runs.items()})
    for one in batches:
        one.torn.replace(folder / one.path)
        if store is not None:
            store.forget()
    return {one.path: one.rows for one in batches}


def in_use(folder: Path) -> set[str]:
    """The objects that a line of a run names."""
    runs = (folder / "runs").glob("*/*/*/*.jsonl")
    return {name for run in runs for name in references(run.read_bytes())}


def redact_draft(folder: Path, hidden: list[str]) -> int:
    """Take words out of a ledger that was never published nor sealed; how many runs held them.

    Nobody has seen it, so it is simply written anew: no tombstone, and other names by its hashes.

    :raises LedgerError: when the disk refuses.
    """
    redactor = Redactor(hidden)
    try:
        objects = dict(_objects(folder, redactor))
        moved = {old: new for old, (new, _) in objects.items()}
        write_all({object_file(folder, new): content for new, content in objects.values()})
        found = 0
        for file in sorted((folder / "runs").glob("*/*/*/*.jsonl")):
            content, lines = _run(file.read_bytes(), redactor, moved)
            if not lines:
                continue
            found += 1
            stem = file.stem.rpartition("-")[0]
            write_all({file.with_name(f"{stem}-{digest(content)[:8]}.jsonl"): content})
            file.with_suffix(".sig").unlink(missing_ok=True)
            file.unlink()
        for old in objects:
            object_file(folder, old).unlink(missing_ok=True)
        found += drop_batches(folder, masking_change(redactor, mask_json))
    except OSError as error:
        message = f"{error.filename or folder}: {error.strerror}; free space, then the same again"
        raise LedgerError(message) from error
    return found


def bury_runs(  # noqa: PLR0913, PLR0917  # what a tombstone says
    folder: Path,
    signed: tuple[str, str],
    changes: dict[str, dict[str, Any]],
    objects: int,
    gone: Sequence[str] = (),
    batches: Sequence[Rewritten] = (),
) -> Path:
    """Write the tombstone before anything is changed, so that no change is without one."""
    reason, by = signed
    number = len(list((folder / "tombstones").glob("*.json"))) + 1
    stone = {
        "v": FORMAT,
        "number": number,
        "date": now().strftime("%Y-%m-%d"),
        "reason": reason,
        "by": by,
        "objects": objects,
        "runs": changes,
    }
    if gone:
        stone["gone"] = list(gone)
    if batches:
        stone["batches"] = {one.path: one.said for one in batches}
    path = folder / "tombstones" / f"{number:06d}.json"
    write_all({path: canonical(stone) + b"\n"})
    return path


def revealed(
    name: str, contents: tuple[bytes, bytes], lines: list[int], stone: Stone
) -> dict[str, list[str]]:
    """Each changed line's leaf as it was sealed, and the hash of what stands there since."""
    before, after = contents
    sealed, since = leaves(name, before), bare_lines(after)[0]
    return {
        str(number): [
            stone.lines[number][0] if number in stone.lines else sealed[number - 1].hex(),
            digest(since[number - 1]),
        ]
        for number in lines
    }


def resalted(before: bytes, after: bytes, hidden: set[int]) -> bytes:
    """A redacted run with the salts of the lines that stay as they were, and no others."""
    lines, salt = bare_lines(before)
    if not salt:
        return after
    own = salts(salt, len(lines))
    kept = ["" if number in hidden else one.hex() for number, one in enumerate(own, 1)]
    if not any(kept):
        return after
    first, end, rest = after.partition(b"\n")
    return first[:-1] + b',"blinds":"' + ".".join([*kept, ""]).encode() + b'"}' + end + rest


def refuse(code: str, where: str, what: str) -> None:
    """:raises LedgerError: for a finding that is wrong, tombstones of old forms apart."""
    if Finding(code, where, what).wrong and not where.startswith("tombstones/"):
        raise LedgerError(f"{where}: {what}; nothing was redacted")


def object_file(folder: Path, name: str) -> Path:
    """Where the object of this digest is."""
    return folder / "objects" / name[:2] / f"{name}.json"


def _objects(folder: Path, redactor: Redactor) -> Iterator[tuple[str, tuple[str, bytes]]]:
    """Each object that holds something hidden: its old digest, its new one, its new content."""
    for path in sorted((folder / "objects").glob("*/*.json")):
        content = path.read_bytes()
        fields = msgspec.json.decode(content)
        if "exchanges" not in fields and _holds_nothing(content, redactor):
            continue
        if "exchanges" in fields:
            exchanges = list(map(unpack, fields["exchanges"]))
            hidden = list(map(redactor.exchange, exchanges))
            if hidden == exchanges:
                continue
            packed = [_whole(pack(one)) for one in hidden]
            new = canonical({**fields, "exchanges": packed})
        else:
            new = canonical({**fields, "facts": mask_json(fields.get("facts"), redactor)})
        if new != content:
            yield path.stem, (digest(new), new)


def _holds_nothing(text: bytes, redactor: Redactor) -> bool:
    """Whether no string of some JSON can hold what is hidden; ten times as fast as each by itself.

    Where nothing is escaped, each string stands in it as it is, between quotes.
    """
    return b"\\" not in text and redactor.mask(text) == text


def _whole(packed: dict[str, Any]) -> dict[str, Any]:
    """Whole numbers without a point, as RFC 8785 writes them; reading has made them floats."""
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in packed.items()
    }


def _run(content: bytes, redactor: Redactor, moved: dict[str, str]) -> tuple[bytes, list[int]]:
    """A run's lines anew, and the numbers of those that changed."""
    lines, changed = [], []
    for number, text in enumerate(content.splitlines(), 1):
        fields = msgspec.json.decode(text)
        new = dict(fields)
        if not _holds_nothing(text, redactor):
            rest = {key: value for key, value in fields.items() if key not in _FIXED}
            new |= {key: mask_json(value, redactor) for key, value in rest.items()}
        for key in ("facts", "raw"):
            if key in new:
                new[key] = moved.get(new[key], new[key])
        if new != fields:
            changed.append(number)
            if new["definition"] != fields["definition"]:  # its digest would tell
                new["digest"] = digest(canonical(new["definition"]))
        lines.append((new, text))
    if not changed:
        return content, []
    encode = msgspec.json.Encoder(order=None).encode
    written = [
        encode(
            {key: one for key, one in new.items() if key not in ("salt", "blinds") or number > 1}
        )
        if number in changed
        else text
        for number, (new, text) in enumerate(lines, 1)
    ]
    if 1 not in changed:
        written[0] = bare_lines(written[0] + b"\n")[0][0]
    return b"".join(line + b"\n" for line in written), changed


_FIXED = ("v", "digest", "kind", "version", "facts", "raw", "start", "salt", "after", "outcome")


def mask_json(value: Any, redactor: Redactor) -> Any:  # noqa: ANN401  # plain JSON
    """Plain JSON with everything hidden masked."""
    if isinstance(value, str):
        return redactor.text(value)
    if isinstance(value, list):
        return [mask_json(one, redactor) for one in value]
    if isinstance(value, dict):
        return {
            key if key in structure() else redactor.text(key): mask_json(one, redactor)
            for key, one in value.items()
        }
    return value


@lru_cache
def structure() -> frozenset[str]:
    """The names that lines and facts are made of: they say nothing of what was observed."""
    found: set[str] = set(RunLine.__struct_fields__) | set(KINDS)
    waiting: list[Any] = [Failure, Vantage, *KINDS.values(), *(one.facts for one in KINDS.values())]
    known: set[Any] = set()
    while waiting:
        one = waiting.pop()
        if one in known:
            continue
        known.add(one)
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            found |= set(one.__struct_encode_fields__)
            waiting += [field.type for field in msgspec.structs.fields(one)]
        else:
            waiting += get_args(one)
    return frozenset(found)


# Whether a file holds what was to go, in any of the encodings in which evidence keeps it.

_LONGEST = 64 << 20


def contains_hidden(content: bytes, redactor: Redactor) -> bool:
    """Plain text, JSON with its escapes, base64 of answers, packed addresses in DNS messages.

    The same code looks as redacts, so nothing that would be masked is passed over.
    """
    if len(content) > _LONGEST or redactor.mask(content) != content:
        return True  # what is too long to look through is not said to be clean
    return any(_in_json(one, redactor) for one in _values(content))


def _values(content: bytes) -> list[Any]:
    """The JSON in a file: one value, or one a line; nothing where it is none."""
    for parts in ([content], content.splitlines()):
        try:
            return [msgspec.json.decode(part) for part in parts]
        except NO_JSON:
            continue
    return []


def _in_json(value: Any, redactor: Redactor) -> bool:  # noqa: ANN401  # plain JSON
    if isinstance(value, dict) and isinstance(value.get("exchanges"), list):
        try:
            exchanges = [unpack(one) for one in value["exchanges"]]
        except (msgspec.ValidationError, TypeError, AttributeError):
            exchanges = []
        if any(redactor.exchange(one) != one for one in exchanges):
            return True
    return bool(mask_json(value, redactor) != value)
