"""The keys that every kind's definition may have."""

import contextlib
from collections.abc import Iterator
from typing import Any

import msgspec

from sotokara.core.durations import parse_time, seconds
from sotokara.core.said import said


class Stated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A claim with the sentence that it stands for."""

    that: str
    """The expression that is to hold."""
    say: str = ""
    """What it says in words: shown first, the expression behind it."""


class Common(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys that every kind's definition may have."""

    id: str | None = None
    """The name by which other definitions and prose refer to this one."""
    title: str | None = None
    """The figure's heading; by default the question itself."""
    notes: dict[str | int | float, str | int | float | dict[str, int]] = {}
    """Text found in an output line → the remark behind that line; or remark → ``{line: N}``."""
    style: str | None = None
    """How the output is written: one of the kind's styles."""
    redact: str | list[str] | dict[str, Any] = []
    """Words, addresses or networks taken out before anything is stored."""
    expect: str | Stated | list[str | Stated] = []
    """Claims: expressions that the evidence should bear out, or ``{that:, say:}``."""
    max_age: float | str | None = None
    """Evidence younger than this is not measured again (``12h``)."""
    pin: str | None = None
    """Show for ever the observation of this date or id."""
    history: float | str | None = None
    """Draw what was observed over this time: ``30d``."""
    since: str | None = None
    """Draw what was observed since this date."""
    until: str | None = None
    """With `since`: draw it until this date, not until now."""
    warn_after: float | str | None = None
    """Evidence older than this is marked as old (``7d``)."""
    error_after: float | str | None = None
    """Evidence older than this is marked as too old."""
    collapse: bool = False
    """Show the figure folded."""
    transcript: str | None = None
    """An old terminal's output, or the file that has it."""
    observed: str | int | None = None
    """When the transcript was made, as exactly as known: ``2006``, ``2006-05``, a day, a time."""
    source: str | None = None
    """Whence the transcript is: an address, a title, a mail's date and sender."""
    archived: str | None = None
    """The address of a kept copy of the source."""
    says: dict[str, Any] = {}
    """Facts that the author reads in the transcript where the reading of it is wrong or missing."""

    @property
    def of_transcript(self) -> list[str]:
        """The keys given that belong to a transcript, itself left out."""
        keys = ("observed", "source", "archived", "says")
        return [key for key in keys if getattr(self, key) not in (None, {})]

    measured_from: str | list[str] | None = msgspec.field(default=None, name="from")
    """The place that it is measured from, or a list of places, each with its own observation."""
    each: str | None = None
    """Many subjects, one figure: a file (``.csv`` or text), a network, or a reference."""
    group: str | list[str] = []
    """With `each`: facts whose values are counted."""
    order: str | None = None
    """With `each`: what the table's rows are ordered by: `name`, `outcome` or a fact; `-` before it
    turns it round."""
    baseline: str | None = None
    """A second target, asked from the same place at the same time, to hold this one against."""


def claims_of(common: Common) -> list[Stated]:
    """Every claim of a definition, with its sentence where it has one."""
    every = common.expect if isinstance(common.expect, list) else [common.expect]
    return [Stated(one) if isinstance(one, str) else one for one in every]


ALIASES = {"vantage": "from"}
"""Other names of keys; each stands for the key behind it."""
COMMON = (*Common.__struct_encode_fields__, *ALIASES)
DURATIONS = ("max_age", "history", "warn_after", "error_after")


def mistaken_times(common: Common) -> Iterator[tuple[str, str, str]]:
    """What is wrong in the keys that are times: what, how to mend it, which key."""
    for key in DURATIONS:
        try:
            if (value := getattr(common, key)) is not None:
                seconds(value)
        except ValueError as error:
            yield str(error), said("for example {}: 12h", key), key
    for key in ("since", "until"):
        try:
            if (given := getattr(common, key)) is not None:
                parse_time(given)
        except ValueError as error:
            yield str(error), said("for example {}: 2026-01-31", key), key
    if common.until is not None:
        yield from _mistaken_end(common.since, common.until)
    if common.since is not None and common.history is not None:
        yield said("history and since stand together"), said("keep one of them"), "since"


def mistaken_places(common: Common) -> Iterator[tuple[str, str, str]]:
    """What is wrong in the places that a definition names: what, how to mend it, which key."""
    named = common.measured_from
    places = [named] if isinstance(named, str) else named or []
    if named is not None and not all(one.strip() for one in places or [""]):
        yield (
            said("from names no place"),
            said("write a place of the settings, or leave the key out"),
            "from",
        )
    for place in sorted({one for one in places if places.count(one) > 1}):
        yield said("the place {!r} stands twice", place), said("name each place once"), "from"
    if common.baseline is not None and common.pin is not None:
        yield (
            said("pin is of a past day, and baseline of now"),
            said("keep one of them"),
            "baseline",
        )
    for key in ("pin", "transcript"):
        if len(places) > 1 and getattr(common, key) is not None:
            yield (
                said("{} is of one place, and from names {}", key, len(places)),
                said("name one of them"),
                key,
            )


def mistaken_notes(common: Common) -> Iterator[tuple[str, str, str]]:
    """Remarks that say by another word than ``line`` which line they are for."""
    for remark, note in common.notes.items():
        if isinstance(note, dict) and not (list(note) == ["line"] and note["line"] > 0):
            named = ", ".join(f"{key}: {value}" for key, value in note.items())
            what = said("in notes: {!r} is put behind no line by {{{}}}", str(remark), named)
            yield what, said("write {line: 3} for the third line"), "notes"


def _mistaken_end(since: str | None, until: str) -> Iterator[tuple[str, str, str]]:
    if since is None:
        yield said("until stands without since"), said("add since: 2026-01-31"), "until"
        return
    with contextlib.suppress(ValueError):  # said above
        if parse_time(until) <= parse_time(since):
            yield said("until lies before since"), said("give a later date"), "until"
