"""Writes observations to a ledger until it is stopped: ``python -m tests.ledger_writer FOLDER``.

After every batch it prints how many observations are kept by then. ``--batches N`` ends after so
many; ``--size N`` is the length of each observation's raw.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from sotokara.core.observation import Exchange, Observation, Outcome, Vantage, now
from sotokara.kinds.dns.facts import DnsFacts, DnsRecord
from sotokara.ledger import Ledger, LedgerError, Writer

BATCH = 5


def observation(number: int, size: int, writer: str) -> Observation:
    """One answered observation, unlike all others."""
    name = f"n{number}.{writer}.example"
    return Observation(
        digest=f"{name:x>64}"[-64:],
        definition={"dns": name},
        start=now(),
        outcome=Outcome.ANSWERED,
        vantage=Vantage("test", "test"),
        facts=DnsFacts(rcode="NOERROR", records=[DnsRecord(name, "A", "192.0.2.1")]),
        exchanges=(Exchange("A", "resolver", "udp", name.encode(), os.urandom(size)),),
    )


def batches(
    size: int, writer: str, batch: int = BATCH
) -> Iterator[list[tuple[Observation, list[str]]]]:
    """Batches without end."""
    number = 0
    while True:
        numbers = range(number, number + batch)
        yield [(observation(one, size, writer), ["page.md#a"]) for one in numbers]
        number += batch


def main() -> int:
    """Write; 3 when the ledger refuses."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--batches", type=int, default=1 << 30)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--batch", type=int, default=BATCH)
    options = parser.parse_args()
    writer = Writer(Ledger(options.folder, options.folder.parent / "cache"), "test")
    every = batches(options.size, str(os.getpid()), options.batch)
    kept = 0
    try:
        for count, batch in enumerate(every):
            if count >= options.batches:
                break
            writer.append(batch)
            kept += len(batch)
            sys.stdout.write(f"{kept}\n")
            sys.stdout.flush()
        writer.close()
    except LedgerError as error:
        sys.stderr.write(f"{error}\n")
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
