"""The keys that every kind's definition may have, and what an author's mistake is."""

from typing import Any, NamedTuple

import msgspec


class Mistake(NamedTuple):
    """What an author got wrong: where, what, how to mend it. Sorts by place."""

    page: str
    line: int
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.what}; {self.mend}"


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
    expect: str | list[str] = []
    """Claims: expressions over the facts that the evidence should bear out."""
    max_age: float | str | None = None
    """Evidence younger than this is not measured again (``12h``)."""
    pin: str | None = None
    """Show for ever the observation of this date or id."""
    collapse: bool = False
    """Show the figure folded."""
    transcript: str | None = None
    """An old terminal's output, or the file that has it."""
    vantage: str | None = None
    """Measured only where the build's own ``vantage`` has this name."""


COMMON = Common.__struct_fields__
