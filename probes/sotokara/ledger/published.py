"""What was published under which address: a list that only grows, in ``published/*.ndjson``.

Articles are renamed, questions change, and a page is made anew by each build; a link that somebody
has kept does not know that. Each file holds what one build or one ``sotokara mv`` adds to the list;
docs/guide/format.md has its form.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from sotokara.core.canonical import NO_JSON, digest
from sotokara.core.observation import now
from sotokara.ledger.disk import write_all
from sotokara.ledger.identity import NamedSpan
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.verify import is_published

FORMAT = 1


class PublishedAddress(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One line: an address that was published, or a move. Only what is said is written."""

    v: int
    page: str = ""
    """An article's file below the pages' folder; ``url`` is the path it was published under."""
    url: str = ""
    id: str = ""
    """An observation that has a page under ``/evidence/``."""
    change: tuple[str, str] | None = None
    """Two observations that an entry of the feed of changes tells of."""
    place: str = ""
    """``page#id`` of that change."""
    moved: tuple[str, str] | None = None
    """A page, or a ``page#id``: its name before and after."""
    at: datetime | None = None
    """When it was moved."""


class Move(NamedTuple):
    """A page or a place got another name at a time (milliseconds since 1970)."""

    old: str
    new: str
    at: int


class Published(NamedTuple):
    """The whole list."""

    pages: dict[str, str]
    """The path of every address of an article → its file then."""
    ids: set[str]
    changes: dict[tuple[str, str], str]
    """Two observations → the place that changed."""
    moves: list[Move]


_DECODER = msgspec.json.Decoder(PublishedAddress)
_ENCODER = msgspec.json.Encoder(order="deterministic")


def entries(folder: Path) -> Iterator[PublishedAddress]:
    """Every line of the list, the first one first; what cannot be read is left to ``verify``."""
    for path in sorted((folder / "published").glob("*.ndjson")):
        if path.is_symlink() or not is_published(f"published/{path.name}"):
            continue
        for text in path.read_bytes().splitlines():
            try:
                entry = _DECODER.decode(text)
            except NO_JSON:
                continue
            if entry.v <= FORMAT:
                yield entry


def moves(folder: Path) -> Iterator[Move]:
    """Every move."""
    for one in entries(folder):
        if one.moved and one.at:
            yield Move(*one.moved, round(one.at.timestamp() * 1000))


def published(folder: Path) -> Published:
    """The list as it is."""
    found = Published({}, set(), {}, [])
    for one in entries(folder):
        if one.page:
            found.pages.setdefault(one.url, one.page)
        if one.id:
            found.ids.add(one.id)
        if one.change:
            found.changes.setdefault(one.change, one.place)
        if one.moved and one.at:
            found.moves.append(Move(*one.moved, round(one.at.timestamp() * 1000)))
    return found


_LEFT = 60
"""Seconds after which a list that is not complete is nobody's any more."""


def append_entries(folder: Path, new: Sequence[PublishedAddress]) -> Path | None:
    """Add lines to the list; None where there are none.

    :raises LedgerError: when the disk refuses.
    """
    if not new:
        return None
    content = b"".join(_ENCODER.encode(one) + b"\n" for one in new)
    moment = now()
    stamp = moment.strftime("%Y%m%dT%H%M%S") + f"{moment.microsecond // 1000:03d}Z"
    path = folder / "published" / f"{stamp}-{digest(content)[:8]}.ndjson"
    try:
        for orphan in path.parent.glob("*.part"):  # of a build that was killed; not one under way
            with contextlib.suppress(FileNotFoundError):
                if moment.timestamp() - orphan.stat().st_mtime > _LEFT:
                    orphan.unlink()
        write_all({path: content})
    except OSError as error:
        message = f"{path}: the list cannot be kept: {error.strerror}; free space, then again"
        raise LedgerError(message) from error
    return path


def moved(old: str, new: str, at: datetime | None = None) -> PublishedAddress:
    """The line that says that a page or a place has another name from now on."""
    return PublishedAddress(v=FORMAT, moved=(old, new), at=at or now())


def _renamed(name: str, before: str, after: str) -> str | None:
    """What a name was, or becomes, where a move is about it."""
    if name == before:
        return after
    return after + name[len(before) :] if name.startswith(f"{before}#") else None


def former_names(name: str, known: Iterable[Move]) -> list[NamedSpan]:
    """The names that a page or a place has had, today's first, and when each was its own."""
    found: list[NamedSpan] = []
    until = 1 << 60
    for move in sorted(known, key=lambda one: one.at, reverse=True):
        if move.at >= until:
            continue
        if before := _renamed(name, move.new, move.old):
            found.append(NamedSpan(name, 0, until))
            name, until = before, move.at
        elif _renamed(name, move.old, move.new):  # it was another's until then
            return [*found, NamedSpan(name, move.at, until)]
    return [*found, NamedSpan(name, 0, until)]


def present_name(name: str, at: int, known: Iterable[Move]) -> str:
    """What a page or a place that had this name at a time is called today."""
    for move in sorted(known, key=lambda one: one.at):
        if move.at >= at:
            name = _renamed(name, move.old, move.new) or name
    return name
