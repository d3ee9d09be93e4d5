"""Old listings: CPU seconds to make a draft of one megabyte, the worst of many shapes of text.

Each is the largest text that is read at all. Below it the cost grows with the length
(`tests/test_transcript_cases.py`). At most 2 s each is the aim.
"""

import time
from collections.abc import Iterator

from sotokara.kinds.shared.terminal.pasted import LARGEST, LONGEST, decode
from sotokara.transcripts.importer import ImportSource, draft

from tests.listing_shapes import ALIKE, LINES, alike

_SHOWN = 12


def texts(size: int) -> Iterator[tuple[str, str]]:
    """Every shape by its name, of so many bytes."""
    for name, line in LINES.items():
        long = line(LONGEST // 4)
        yield f"long lines: {name}", long * (size // len(long.encode()))
    for name, row in ALIKE.items():
        yield f"lines: {name}", alike(name, size // (len(row.encode()) + 6))
    hops = "".join(f" {n}  r{n}.example.net (192.0.2.{n})  1.0 ms  1.1 ms\n" for n in range(1, 31))
    yield "whole traces", hops * (size // len(hops))


def spent(text: str) -> float:
    """The seconds of CPU that a draft of a text takes, its bytes decoded."""
    content = text.encode()
    began = time.process_time()
    draft(decode(content), ImportSource())
    return time.process_time() - began


def main() -> str:
    """A row for each of the most expensive."""
    draft("warm", ImportSource())
    costs = sorted(((spent(text), name) for name, text in texts(LARGEST)), reverse=True)
    rows = [f"| {name} | {seconds:.2f} s |" for seconds, name in costs[:_SHOWN]]
    rows.append(f"| the other {len(costs) - _SHOWN} | below that |")
    return "\n".join(["| 1 MB of | draft |", "|---|--:|", *rows])
