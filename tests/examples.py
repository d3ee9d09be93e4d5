"""How many made-up inputs a property is tried with: a few in `make test`, many in `make fuzz`."""

import os

LONG = int(os.environ.get("SOTOKARA_FUZZ", "0"))
"""As many as this at least; 0 says nothing."""


def examples(usual: int) -> int:
    """The number of examples for a test of which ``usual`` suffice at each change."""
    return max(usual, LONG)
