"""Python's collector of cycles, which would walk through all that a build makes, and find nothing.

A build makes tens of thousands of objects that live until its end (docs/decisions/0008).
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


def collect_seldom() -> None:
    """Let the collector run for each hundred thousand objects that stay, from now on."""
    gc.set_threshold(100_000, 5, 5)


@contextmanager
def without_collector() -> Iterator[None]:
    """For a second or so: where thousands of objects are made that have no cycles."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
