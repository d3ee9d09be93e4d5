"""How the evidence is kept, in numbers: sealed, signed, by whom."""

from pathlib import Path
from typing import NamedTuple

from sotokara.ledger.makers import Makers, named_keys
from sotokara.ledger.seals import head, sealed_files
from sotokara.ledger.verify import Folder, is_run


class RunCounts(NamedTuple):
    """The runs of a ledger."""

    runs: int
    unsealed: int
    signed_by_keys: bool
    """Whether anybody signs at all."""
    others: int
    """Runs that nobody who speaks for their vantage has signed."""
    head: str


def run_counts(folder: Path) -> RunCounts:
    """The numbers of one ledger.

    :raises LedgerError: when its newest seal is none.
    """
    runs = sorted(filter(is_run, Folder(str(folder)).names())) if folder.is_dir() else []
    sealed = sealed_files(folder)
    keys = bool(named_keys(folder))
    makers = Makers(folder) if keys else None
    others = sum(makers.others(name) for name in runs) if makers else 0
    newest = head(folder)
    unsealed = sum(name not in sealed for name in runs)
    return RunCounts(len(runs), unsealed, keys, others, str(newest) if newest.number else "none")
