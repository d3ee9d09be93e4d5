"""``python -m tests.peers unknown FOLDER…``: registrations in layouts that nobody has seen.

The labels of every recorded registration (folders as for ``registry``) are made words of no
language. What is still read as registered is well; what is said to be of unknown form, too. Every
other statement is printed, since the domain is registered: peers' stale samples are among them.
"""

import argparse
import re
from collections import Counter
from pathlib import Path

from sotokara.core.observation import Failure
from sotokara.kinds.shared.registry.target import RegistryTarget, read_target
from sotokara.kinds.whois.verdict import read_answer

from tests.peers.recorded import REGISTERED, text_of_bytes
from tests.peers.registry import recorded

_LABEL = re.compile(r"^([ \t%]*)([\w .'/()-]{2,40}?)(\s*[:.]+\s)", re.MULTILINE)
SAFE = ("registered", "unknown_form", "eof_error")
_LETTERS = 26


def unlabelled(text: str) -> str:
    """A text whose labels are words of no language, of the same length."""
    return _LABEL.sub(lambda match: match[1] + _nonsense(match[2]) + match[3], text)


def _nonsense(word: str) -> str:
    return "".join(
        chr(ord("a") + (ord(one) * 7 + at * 3) % _LETTERS) if one.isalpha() else one
        for at, one in enumerate(word)
    )


def stated(server: str, text: str, target: RegistryTarget) -> str:
    """What is said of an answer in an unknown layout: its ``answer``, or a failure's name."""
    read = read_answer(server, unlabelled(text), target)
    return read.name if isinstance(read, Failure) else read.answer


def main(words: list[str]) -> int:
    """The command line's words behind ``unknown``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers unknown",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    counted = Counter[str]()
    for folder in parser.parse_args(words).folders:
        for one in recorded(folder):
            if one.says != REGISTERED:
                continue
            said = stated(one.server, text_of_bytes(one.raw), read_target(one.target))
            counted[said] += 1
            if said not in SAFE:
                print(f"{said}: {one.peer} {one.name} [{one.target}]")
    print(", ".join(f"{count} {said}" for said, count in counted.most_common()))
    return 0
