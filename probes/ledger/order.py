"""In which order runs stand: by their clocks, except where the seals say that a clock was wrong.

A run is of the time in its name; one begun when a later-named run was there says so (``after``) and
comes after that one. The seals correct this twice: no run is later than the seal that covers it;
and where a seal is earlier than the seal before, the clock was put back in between, so all that was
sealed before comes before all that was sealed after. What is not sealed yet is among the last.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from probes.ledger.scan import Short
from probes.ledger.seals import Sealing

_STAMP = re.compile(r"(\d{8}T\d{6})(\d{3})Z")
_AFTER_A_JUMP = 1 << 44
"""More milliseconds than any year of four digits but the last; each jump is worth as much."""


def stamp(name: str) -> int:
    """The milliseconds in a run's name; 0 where there are none."""
    match = _STAMP.match(name)
    if match is None:
        return 0
    began = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return int(began.timestamp()) * 1000 + int(match[2])


def named(file: Path, lines: list[Short]) -> int:
    """A run's time in milliseconds: that of its name, or just after ``Line.after``."""
    at = stamp(file.name)
    return max(at, stamp(lines[0].after) + 1) if lines and lines[0].after else at


def places(runs: Mapping[str, int], sealings: Iterable[Sealing]) -> dict[str, int]:
    """A number for each run (``runs/…`` → its time), by which all are sorted."""
    found: dict[str, int] = {}
    jumps = before = 0
    for sealing in sealings:
        jumps += sealing.time < before
        before, late = sealing.time, 0
        here = (name for name in sealing.files if name in runs and name not in found)
        for name in sorted(here, key=lambda name: (runs[name], name)):
            late += runs[name] > sealing.time
            at = min(runs[name], sealing.time + late)
            found[name] = jumps * _AFTER_A_JUMP + at
    return {name: jumps * _AFTER_A_JUMP + at for name, at in runs.items()} | found
