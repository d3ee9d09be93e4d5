"""How the cost of reading grows with its input: a bound that holds on any machine."""

import gc
import time
from collections.abc import Callable

RUNS = 3
MOST = 8
"""Times the cost for four times the input: 4 is linear, 16 is quadratic."""
_LEAST = 0.002
"""Seconds below which the clock says more than the code."""


def growth(work: Callable[[int], object], size: int) -> float:
    """The cost of four times ``size`` over the cost of ``size``, in processor time."""
    once, four = _best(work, size), _best(work, 4 * size)
    return four / max(once, _LEAST)


def _best(work: Callable[[int], object], size: int) -> float:
    costs = []
    for _ in range(RUNS):
        gc.collect()
        gc.disable()
        try:
            began = time.process_time()
            work(size)
            costs.append(time.process_time() - began)
        finally:
            gc.enable()
    return min(costs)
