"""Files of two gigabytes as subjects: what becomes of each, how long it takes, what is held.

Four files, each read by a process of its own as a build reads it: a table of a million names with
long remarks, which is used; a list with some eighty million names, which is refused with their
number; one line without an end; and nonsense. SUBJECTS_MB sets another size.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.measure import ROOT, scratch, table

_MB = 1 << 20
_MOST = 1_000_000
_HOLD = 512
"""MiB that a million subjects and the reader may take."""


def _table(size: int) -> Iterator[bytes]:
    """So long a remark behind each of a million names that the file has the size."""
    yield b"name,remark\n"
    remark = b"x" * (size // _MOST - 20)
    for begin in range(0, _MOST, 1000):
        yield b"".join(b"n%07d.example,%b\n" % (begin + one, remark) for one in range(1000))


def _list(size: int) -> Iterator[bytes]:
    """Names alone, some 25 bytes each."""
    written = number = 0
    while written < size:
        piece = b"".join(b"n%09d.bulk.example\n" % (number + one) for one in range(10_000))
        number += 10_000
        written += len(piece)
        yield piece


def _endless(size: int) -> Iterator[bytes]:
    """One line."""
    for _ in range(size // _MB):
        yield b"x" * _MB


def _nonsense(size: int) -> Iterator[bytes]:
    """Lines that name nothing that can be asked."""
    line = b"no name: two words and more of them, \xff \0\n"
    piece = line * (_MB // len(line))
    for _ in range(size // len(piece)):
        yield piece


FILES: dict[str, tuple[str, str, Callable[[int], Iterator[bytes]]]] = {
    "a table of a million names": ("table.csv", "name", _table),
    "a list of names": ("list.txt", "value", _list),
    "one line without an end": ("endless.txt", "value", _endless),
    "lines that name nothing": ("nonsense.txt", "value", _nonsense),
}


def _read(folder: str, name: str, field: str) -> None:
    """In a process of its own: prints seconds, MiB, and what came of the file."""
    from sotokara.definitions.definition import read_definition
    from sotokara.engine.settings import load
    from sotokara.site.subjects import read_subject_list

    source = f"dns: '{{{{ each.{field} }}}}'\neach: {name}\n"
    definition, _ = read_definition(source, "index.md", 1, "t" * 16)
    assert definition is not None
    began = time.monotonic()
    subjects, mistakes, warnings = read_subject_list(definition, Path(folder), load({}, {}))
    took = time.monotonic() - began
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = "; ".join(map(str, mistakes)) if mistakes else ""
    if subjects is not None:
        told = f"{len(subjects.asked):,} subjects, {len(warnings)} lines named"
    sys.stdout.write(f"{took:.0f}\t{held:.0f}\t{told}\n")


def main() -> str:
    """Write each file, read it, remove it; the table. An error where too much is held."""
    size = int(os.environ.get("SUBJECTS_MB", "2048")) * _MB
    rows = []
    with scratch() as folder:
        for what, (name, field, lines) in FILES.items():
            path = folder / name
            with path.open("wb") as opened:
                opened.writelines(lines(size))
            there = path.stat().st_size
            command = [sys.executable, "-m", "tests.bench.subjects", str(folder), name, field]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            path.unlink()
            took, held, told = done.stdout.strip().split("\t")
            if int(held) > _HOLD:
                raise SystemExit(f"{what}: {held} MiB are held")
            rows.append([what, f"{there / _MB:,.0f} MiB", f"{took} s", f"{held} MiB", told])
    return table(["", "file", "read in", "held at most", "what comes of it"], rows)


if __name__ == "__main__":
    _read(*sys.argv[1:])
