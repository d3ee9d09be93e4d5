"""How the cost of reading grows with its input: a bound that holds on any machine."""

import gc
import time
from collections.abc import Callable

RUNS = 5
MOST = 2.5
"""Times the cost for twice the input: 2 is linear, 4 is quadratic."""
_LEAST = 0.002
"""Seconds below which the clock says more than the code."""


def growth(work: Callable[[int], object], size: int) -> float:
    """The cost of twice the input over the cost of ``size``, in processor time, best of five."""
    once, twice = _best(work, size), _best(work, 2 * size)
    return twice / max(once, _LEAST)


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
