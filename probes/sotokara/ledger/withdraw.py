"""Withdrawing evidence whole: an observation, a run, or all that a page has asked.

What is withdrawn leaves its line's place, its time and its vantage; a tombstone says why and who
said so. A run that is lost leaves its name alone: nobody can make its lines again.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from sotokara.core.canonical import canonical, digest
from sotokara.ledger.batch_redact import rewritten, withdraws
from sotokara.ledger.lines import NEWER, PLAIN, WITHDRAWN, LedgerError
from sotokara.ledger.redact import (
    Redaction,
    bury_runs,
    in_use,
    object_file,
    put_in_place,
    refuse,
    resalted,
    revealed,
)
from sotokara.ledger.seals import of_newer, seal, sealed_files, sound_chain
from sotokara.ledger.signing import log_key
from sotokara.ledger.store import Store
from sotokara.ledger.verify import Folder, Stone, bury, is_run, references


class Which(NamedTuple):
    """What goes: observations by id, runs by path, and places (``page.md`` or ``page.md#id``)."""

    ids: frozenset[str]
    runs: frozenset[str]
    places: frozenset[str]

    def cites(self, place: str) -> bool:
        """Whether a place goes."""
        return place in self.places or place.rpartition("#")[0] in self.places


def which(texts: Iterable[str]) -> Which:
    """What an author has named."""
    ids, runs, places = set(), set(), set()
    for text in texts:
        name = f"runs/{text[:4]}/{text[4:6]}/{text[6:8]}/{text}.jsonl"
        if is_run(text):
            runs.add(text)
        elif is_run(name):
            runs.add(name)
        elif ".md" in text:
            places.add(text)
        else:
            ids.add(text)
    return Which(frozenset(ids), frozenset(runs), frozenset(places))


def withdraw(
    folder: Path, what: Which, reason: str, by: str, store: Store | None = None
) -> Redaction:
    """Take it out, leave a sealed tombstone; nothing where nothing of it is here.

    :raises LedgerError: when the evidence is not sound, or a run is of a newer form.
    """
    try:
        return _withdraw(folder, what, (reason, by), store)
    except OSError as error:
        message = f"{error.filename or folder}: {error.strerror}; free space, then the same again"
        raise LedgerError(message) from error


def _withdraw(folder: Path, what: Which, signed: tuple[str, str], store: Store | None) -> Redaction:
    log_key(folder)  # who cannot seal leaves all as it is
    sealed = sealed_files(folder)
    lost = [name for name in what.runs if name in sealed and not (folder / name).exists()]
    notes = [f"{name.removesuffix('.jsonl')}.sig" for name in lost]
    gone = sorted([*lost, *(one for one in notes if one in sealed and not (folder / one).exists())])
    seal(folder, upgrade=True)
    chain = sound_chain(folder)
    stones = bury(Folder(str(folder)), set(Folder(str(folder)).names()), chain, _lost(gone))
    runs: dict[str, bytes] = {}
    touched: dict[str, list[int]] = {}
    changes: dict[str, dict[str, Any]] = {}
    before: set[str] = set()
    for file in sorted((folder / "runs").glob("*/*/*/*.jsonl")):
        name = file.relative_to(folder).as_posix()
        content = file.read_bytes()
        new, lines = _run(name, content, what)
        if not lines:
            continue
        if of_newer(folder, name):
            raise LedgerError(f"{file}: {NEWER}: withdraw it with that; nothing was done")
        before |= references(content)
        stone = stones.get(name, Stone({}))
        runs[name] = resalted(content, new, {*lines, *stone.lines})
        touched[name] = lines
        changes[name] = {"lines": revealed(name, (content, runs[name]), lines, stone)}
    batches = list(
        rewritten(folder, lambda kept: withdraws(what.ids, what.cites, kept.manifest.cited), store)
    )
    if not touched and not gone and not batches:
        return Redaction({}, 0, None, None)
    path = bury_runs(folder, signed, changes, 0, gone, batches)
    was = [(folder / name).read_bytes() for name in runs]
    touched |= put_in_place(folder, runs, batches, store)
    removed = [object_file(folder, old) for old in sorted(before - in_use(folder))]
    for old in removed:
        old.unlink(missing_ok=True)
    names = [old.relative_to(folder).as_posix() for old in removed]
    told = {**touched, **{name: [] for name in gone}}
    return Redaction(told, len(names), path, seal(folder), names, was)


def _lost(gone: list[str]) -> Callable[[str, str, str], None]:
    """Refuse what is wrong, but for the absence that is being told of."""

    def add(code: str, where: str, what: str) -> None:
        if not (code == "missing" and where in gone):
            refuse(code, where, what)

    return add


def _run(name: str, content: bytes, what: Which) -> tuple[bytes, list[int]]:
    """A run's lines anew, and the numbers of those that went or lost a place."""
    lines, changed = [], []
    stem = name.rpartition("/")[2].removesuffix(".jsonl")
    for number, text in enumerate(content.splitlines(), 1):
        fields: dict[str, Any] = msgspec.json.decode(text)
        cited = fields.get("cited") or []
        left = [place for place in cited if not what.cites(place)]
        whole = name in what.runs or f"{stem}-{number}" in what.ids or (bool(cited) and not left)
        if fields.get("kind") == WITHDRAWN or (not whole and left == cited):
            lines.append(_bare(fields, text, number))
            continue
        changed.append(number)
        new = _stub(fields) if whole else {**fields, "cited": left}
        lines.append(_bare(new, b"", number))
    return b"".join(line + b"\n" for line in lines), changed


def _bare(fields: dict[str, Any], text: bytes, number: int) -> bytes:
    """A line without the run's salt, which goes with what it hid."""
    if text and number > 1:
        return text
    kept = {key: one for key, one in fields.items() if key not in ("salt", "blinds")}
    return text if text and kept == fields else msgspec.json.encode(kept)


def _stub(fields: dict[str, Any]) -> dict[str, Any]:
    """What stands for a line that is gone."""
    definition = {WITHDRAWN: ""}
    return {
        "v": PLAIN,
        "digest": digest(canonical(definition)),
        "kind": WITHDRAWN,
        "version": 1,
        "definition": definition,
        "start": fields["start"],
        "vantage": fields["vantage"],
        "outcome": "not_measured",
        "failure": {"name": "withdrawn"},
        **({"shown": True} if fields.get("shown") else {}),
    }
