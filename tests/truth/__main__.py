"""The table: each fault of our own side, what the page says of it, and what the capture holds.

``python -m tests.truth [NAME…]``
"""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.truth.faults import FAULTS
from tests.truth.home import HOME
from tests.truth.odd import ODD
from tests.truth.run import Truth, meet, untrue


def main() -> None:
    """Make the faults one after the other; ends with 1 where a sentence is untrue."""
    wanted = sys.argv[1:]
    bad = 0
    with Truth() as lab, tempfile.TemporaryDirectory() as folder:
        for fault in (*FAULTS, *ODD, *HOME):
            if wanted and fault.name not in wanted:
                continue
            if fault.needs and not shutil.which(fault.needs):
                print(f"not made {fault.name}: there is no program {fault.needs} here")
                continue
            told = meet(lab, fault, Path(folder) / fault.name)
            wrong = untrue(fault, told)
            bad += bool(wrong)
            print(f"{'UNTRUE' if wrong else 'true  '} {fault.name}: {fault.what}")
            for question, head in zip(fault.questions, told.heads(), strict=True):
                kind, target = next(iter(question.items()))
                print(f"       {kind} {target}: {head}")
            print(f"       capture here: {told.seen.summary()}")
            for place, seen in told.there.items():
                print(f"       capture at {place}: {seen.summary() or 'nothing'}")
            for one in wrong:
                print(f"     ! {one}")
            sys.stdout.flush()
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
