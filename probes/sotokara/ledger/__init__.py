"""The ledger: all observations, append-only, in plain files that two branches can merge.

``runs/YYYY/MM/DD/<UTC>-<vantage>-<hash8>.jsonl`` has one line per observation of a run;
``objects/<aa>/<sha256>.json`` has facts and raw as canonical JSON (RFC 8785); ``seals/NNNNNN.json``
seal what is there by then. Nothing outside this folder writes evidence.
"""

from sotokara.ledger.index import IndexEntry, Shows
from sotokara.ledger.lines import FORMAT, LedgerError, RunLine, age, read_lines
from sotokara.ledger.reader import Ledger, QuestionState
from sotokara.ledger.writer import Writer

__all__ = [
    "FORMAT",
    "IndexEntry",
    "Ledger",
    "LedgerError",
    "QuestionState",
    "RunLine",
    "Shows",
    "Writer",
    "age",
    "read_lines",
]
