"""How the cost of reading grows with its input: a bound that holds on any machine."""

import gc
import math
import time
from collections.abc import Callable

RUNS = 3
MOST = 8
"""Times the cost for four times the input: 4 is linear, 16 is quadratic."""
_LEAST = 0.002
"""Seconds below which the clock says more than the code."""


def growth(work: Callable[[int], object], size: int) -> float:
    """The cost of four times ``size`` over the cost of ``size``, in processor time.

    The larger is tried again only where it seems too much: one quick run shows what there is.
    """
    once = max(min(_cost(work, size) for _ in range(RUNS)), _LEAST)
    four = math.inf
    for _ in range(RUNS):
        four = min(four, _cost(work, 4 * size))
        if four <= MOST * once:
            break
    return four / once


def _cost(work: Callable[[int], object], size: int) -> float:
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        work(size)
        return time.process_time() - began
    finally:
        gc.enable()
