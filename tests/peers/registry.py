"""``python -m tests.peers registry FOLDER…``: recorded answers of other projects, read by this one.

Each folder is a checkout; nothing is fetched. Which peer it is, and so its layout, is told by what
is in it:

- ``spec/fixtures/responses`` (weppos/whois-parser), see ruby.py
- ``tests/Whois.Tests/Samples`` (flipbit/whois), see csharp.py
- ``testdata/noterror`` (likexian/whois-parser), ``tests/Iodev`` (io-developer/php-whois),
  ``test/target_normalized`` (joepie91/python-whois), ``test/samples/whois`` (richardpenman/whois),
  ``tests/samples/tld_*.txt`` (pogzyb/asyncwhois), ``tests/samples/expected``
  (bytevader/structly-whois-parser), ``test_data/whois_com`` (icamys/whois-parser), see plain.py
- ``testdata/responses`` (domainr/whoistest), ``tests/Handlers`` (jsmitty12/phpWhois),
  ``whois/domain/testdata`` (shlin168/go-whois), ``test/fixtures/raw`` (utkarshkukreti/whois.ex),
  ``testdata/example.com`` (mboot-github/WhoisDomain), see further.py

Every difference is printed with both readings; those that are the peer's, by a rule or by hand,
with the reason (see judged.py), and then not counted against us. Then come the counts: registered
answers by how many of the peer's facts came out, "no match" and limits, and answers that no peer
labels apart. A personal value that the peer names and that survives is printed as well. ``-q``
prints the counts only, ``-a`` the unlabelled answers too. Exit 1 where a "no match" was called
registered, or a value survived.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.peers import csharp, further, plain, ruby
from tests.peers.compare import WRONG, Outcome, judge
from tests.peers.recorded import Recorded

Reader = Callable[[Path], Iterator[Recorded]]
LAYOUTS: tuple[tuple[str, Reader], ...] = (
    ("spec/fixtures/responses", ruby.read),
    ("tests/Whois.Tests/Samples", csharp.read),
    ("testdata/noterror", plain.likexian),
    ("tests/Iodev", plain.iodev),
    ("test/target_normalized", plain.joepie),
    ("test/samples/whois", plain.richard),
    ("tests/samples/expected", plain.structly),
    ("tests/samples", plain.pogzyb),
    ("test_data/whois_com", plain.icamys),
    ("testdata/responses", further.domainr),
    ("tests/Handlers", further.smitty),
    ("whois/domain/testdata", further.shlin),
    ("test/fixtures/raw", further.elixir),
    ("testdata/example.com", further.mboot),
)


def recorded(folder: Path) -> list[Recorded]:
    """The answers in a checkout.

    :raises SystemExit: where it is none of the known layouts.
    """
    for inside, read in LAYOUTS:
        if (folder / inside).is_dir():
            return list(read(folder))
    raise SystemExit(
        f"{folder}: none of the layouts that `python -m tests.peers registry -h` lists"
    )


def _different(answers: list[Recorded]) -> list[Recorded]:
    """Each answer once for all facts that some peer holds of it."""
    found = {(one.raw, repr(one.facts)): one for one in answers if one.raw.strip()}
    return [*found.values()]


def registry(folders: list[Path], *, quiet: bool, unlabelled: bool) -> int:
    """Read every answer once, print and count."""
    answers = _different([one for folder in sorted(folders) for one in recorded(folder)])
    began = time.process_time()
    outcomes = [judge(one) for one in answers]
    spent = time.process_time() - began
    if not quiet:
        for outcome in outcomes:
            _show(outcome, unlabelled=unlabelled)
    for says in ("registered", "no_match", "rate_limited", "reserved"):
        counted = Counter(each.verdict for each in outcomes if each.recorded.says == says)
        total = sum(counted.values()) or 1
        shares = ", ".join(f"{n} {name} ({n / total:.1%})" for name, n in counted.most_common())
        print(f"{says}: {sum(counted.values())} answers: {shares}")
    judged = [each for each in outcomes if each.judged]
    print(f"differences that are the peer's: in {len(judged)} answers")
    apart = sum(each.recorded.says in ("", "other") for each in outcomes)
    survivors = sum(bool(each.survivors) for each in outcomes)
    print(f"not labelled: {apart}")
    print(f"a personal value survives in {survivors}")
    print(f"{len(outcomes)} answers and labels masked and read in {spent:.1f} s of one core")
    lost = any(one.verdict == WRONG and one.recorded.says == "no_match" for one in outcomes)
    return int(lost or survivors > 0)


def _show(outcome: Outcome, *, unlabelled: bool) -> None:
    one = outcome.recorded
    for difference in outcome.differences:
        print(f"{outcome.verdict}: {one.peer} {one.name} [{one.target}]: {difference}")
    for difference in outcome.judged:
        print(f"the peer's: {one.peer} {one.name} [{one.target}]: {difference}")
    for survivor in outcome.survivors:
        print(f"survives: {one.peer} {one.name}: {survivor}")
    if unlabelled and not outcome.verdict:
        print(f"not labelled: {one.peer} {one.name} [{one.target}]")


def main(words: list[str]) -> int:
    """The command line's words behind ``registry``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.peers registry",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("-a", "--all", action="store_true")
    asked = parser.parse_args(words)
    return registry(asked.folders, quiet=asked.quiet, unlabelled=asked.all)
