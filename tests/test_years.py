"""A blog kept for two years, in short; `make trial` tells of ten."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.sites import ROOT
from tests.years import clock

pytestmark = pytest.mark.skipif(clock.library() is None, reason="libfaketime is not installed")


def test_two_years(tmp_path: Path) -> None:
    """Drafts, embargoes, moves, renames, corrections, redactions, merges, keys, two versions.

    At the end every address that was published answers, ``verify`` finds nothing wrong, and
    ``status`` says at both places what the script knows.
    """
    command = [sys.executable, "-m", "tests.years", "--short", "--folder", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "year 2: " in done.stdout
