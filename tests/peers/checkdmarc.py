"""checkdmarc's own tests (Apache-2.0): records that it takes or refuses, and what we make of them.

``python -m tests.peers checkdmarc FOLDER…`` reads its ``tests/test_*.py`` without running them: of
each test the one record in it, and whether it is to be refused. Tests that ask the network, or hold
no record or several, are counted and left out. A difference that was judged is printed with why.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sotokara.kinds.mail.transport import sts_record, tls_rpt
from sotokara.kinds.shared.mail.policies import dmarc
from sotokara.kinds.shared.mail.spf import SpfError, terms

JUDGED = {
    "testInvalidDMARCPolicyValue": "who asks for reports counts as p=none (RFC 7489, 6.6.3)",
    "testDMARCSyntaxError": "fo= decides what is reported, not what is done with mail",
    "testDMARCInvalidFoValue": "fo= decides what is reported, not what is done with mail",
    "testRFC9989InvalidNpValue": "np= is for names that do not exist; the policy asked for stands",
    "testRFC9989InvalidPsdValue": "psd= is for registries; the policy asked for stands",
    "testRFC9989InvalidTValue": "t= is of RFC 9989; a receiver of RFC 7489 passes it over",
    "testRedirectLoop": "a loop shows where the DNS is followed; ours ends by the ten look-ups",
}
"""Tests on which we differ, and why we do."""


class Case(NamedTuple):
    """One test: its name, the record, whether checkdmarc refuses it."""

    name: str
    record: str
    refused: bool


def main(folders: list[str]) -> int:
    """Print what is alike and what differs; 1 where a difference was not judged."""
    same, left_out, differ = 0, 0, []
    for path in (one for folder in folders for one in sorted(Path(folder).rglob("test_*.py"))):
        reads = _READERS.get(path.stem)
        if reads is None:
            continue
        for found in _cases(path):
            if found is None:
                left_out += 1
            elif reads(found.record) is found.refused:
                same += 1
            else:
                differ.append(found)
    for one in differ:
        why = JUDGED.get(one.name, "NOT JUDGED")
        print(f"{one.name}: {'refused' if one.refused else 'taken'} there: {one.record}: {why}")
    print({"alike": same, "differ": len(differ), "without one record": left_out})
    return int(not same or any(one.name not in JUDGED for one in differ))


def _cases(path: Path) -> Iterator[Case | None]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            asks = any(getattr(one, "id", "") == "network_test" for one in node.decorator_list)
            mocked = any(isinstance(one, ast.With) for one in ast.walk(node))
            records = {
                one.value.strip()
                for one in ast.walk(node)
                if isinstance(one, ast.Constant)
                and isinstance(one.value, str)
                and one.value.startswith("v=")
            }
            if asks or mocked or len(records) != 1:
                yield None
                continue
            raises = any(
                getattr(one, "attr", "") in ("assertRaises", "raises") for one in ast.walk(node)
            )
            yield Case(node.name, records.pop(), raises)


def _spf(record: str) -> bool:
    try:
        terms(record)
    except SpfError:
        return True
    return False


_READERS: dict[str, Callable[[str], bool]] = {
    "test_spf": _spf,
    "test_dmarc": lambda record: dmarc([record], "example.com", above=False).state != "present",
    "test_mta_sts": lambda record: not sts_record([record])[1],
    "test_smtp_tls_reporting": lambda record: tls_rpt([record]).state != "present",
}
"""Whether a receiver could not use a record, by the file of tests that has it."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
