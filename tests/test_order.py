"""The order of runs: by their clocks, and by the seals where a clock was wrong."""

import shutil
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sotokara.ledger import Ledger, Writer, seals, writer
from sotokara.ledger.index_update import places
from sotokara.ledger.seals import Sealing

from tests.tampered import observation
from tests.tampered.site import figure, findings, site

MAY = datetime(2026, 5, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


class Machine:
    """One author's machine: a clone of the evidence, and a clock that can be put back."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, monkeypatch

    def _set(self, clock: datetime) -> None:
        for module in (writer, seals):
            self._patch.setattr(module, "now", lambda: clock)

    def measure(self, clock: datetime, address: str) -> None:
        self._set(clock)
        run = Writer(Ledger(self.folder), "author")
        one = observation("ssl3.example.com", address, start=clock)
        run.append([(one, ["posts/a.md#ssl3"])])
        assert run.close()

    def seal(self, clock: datetime) -> None:
        self._set(clock)
        assert seals.seal(self.folder)

    def merge(self, other: "Machine") -> None:
        """As git does: files that are only there come here."""
        shutil.copytree(other.folder / "runs", self.folder / "runs", dirs_exist_ok=True)
        shutil.copytree(other.folder / "objects", self.folder / "objects", dirs_exist_ok=True)


@pytest.fixture
def machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Machine, Machine]:
    return (
        Machine(tmp_path / "evidence", monkeypatch),
        Machine(tmp_path / "other" / "evidence", monkeypatch),
    )


def latest(folder: Path) -> str:
    """The address on the page."""
    site(folder, date="2026-03-01")
    (address,) = figure(folder).facts.addresses
    return str(address)


def test_a_clock_put_back_between_two_sealed_runs(
    tmp_path: Path, machines: tuple[Machine, Machine]
) -> None:
    here, other = machines
    here.measure(MAY, "192.0.2.1")
    here.seal(MAY + timedelta(hours=1))
    other.measure(APRIL, "192.0.2.2")  # another clone: its run cannot say what was before it
    here.merge(other)
    assert latest(tmp_path) == "192.0.2.1"  # not sealed: by the clocks, April is before May
    here.seal(APRIL + timedelta(hours=1))
    assert latest(tmp_path) == "192.0.2.2"  # the seals: this machine's clock was put back
    shutil.rmtree(tmp_path / ".cache")
    assert latest(tmp_path) == "192.0.2.2"  # and so it is when the index is made anew
    found = findings(tmp_path)
    (change,) = found.changes
    assert (change.before.moment, change.after.moment) == (MAY, APRIL)


def test_a_clock_a_year_ahead_does_not_hold_the_latest_place_for_a_year(
    tmp_path: Path, machines: tuple[Machine, Machine]
) -> None:
    here, other = machines
    other.measure(MAY + timedelta(days=365), "192.0.2.1")
    here.measure(APRIL, "192.0.2.0")
    here.merge(other)
    assert latest(tmp_path) == "192.0.2.1"
    here.seal(MAY)  # no run is later than its seal
    third = Machine(tmp_path / "third" / "evidence", here._patch)
    third.measure(MAY + timedelta(days=1), "192.0.2.2")
    here.merge(third)
    assert latest(tmp_path) == "192.0.2.2"


def test_a_branch_merged_and_sealed_late_stays_in_its_own_time(
    tmp_path: Path, machines: tuple[Machine, Machine]
) -> None:
    here, branch = machines
    branch.measure(APRIL, "192.0.2.1")
    here.measure(MAY, "192.0.2.2")
    here.seal(MAY + timedelta(hours=1))
    here.merge(branch)
    here.seal(MAY + timedelta(days=9))
    assert latest(tmp_path) == "192.0.2.2"
    found = findings(tmp_path)
    assert [one.after.moment for one in found.changes] == [MAY]


def test_a_clock_put_back_is_recorded_before_anything_is_sealed(
    tmp_path: Path, machines: tuple[Machine, Machine]
) -> None:
    here, _ = machines
    here.measure(MAY, "192.0.2.1")
    here.measure(APRIL, "192.0.2.2")
    here.measure(APRIL + timedelta(hours=1), "192.0.2.3")
    assert latest(tmp_path) == "192.0.2.3"
    here.seal(APRIL + timedelta(hours=2))
    here.measure(APRIL + timedelta(hours=3), "192.0.2.4")
    assert latest(tmp_path) == "192.0.2.4"
    here.seal(APRIL + timedelta(hours=4))
    shutil.rmtree(tmp_path / ".cache")
    assert latest(tmp_path) == "192.0.2.4"


_TIMES = st.integers(1, 10**13)


@given(st.lists(st.tuples(_TIMES, st.lists(_TIMES, max_size=5)), max_size=8), st.lists(_TIMES))
def test_every_run_has_a_place_and_honest_clocks_keep_theirs(
    sealed: list[tuple[int, list[int]]], unsealed: list[int]
) -> None:
    runs = {f"u{number}": time for number, time in enumerate(unsealed)}
    sealings = []
    for number, (time, own) in enumerate(sealed, 1):
        names = {f"s{number}-{which}": one for which, one in enumerate(own)}
        runs |= names
        sealings.append(Sealing(number, time, list(names)))
    found = places(runs, sealings)
    assert found.keys() == runs.keys()
    times = [one.time for one in sealings]
    if times == sorted(times):  # no clock was put back
        for one in sealings:
            for name in one.files:
                assert found[name] <= one.time + len(one.files)
                assert runs[name] > one.time or found[name] == runs[name]
        assert all(found[name] == time for name, time in runs.items() if name[0] == "u")
    for earlier, later in pairwise(sealings):
        if later.time < earlier.time:
            before = [
                found[name] for one in sealings for name in one.files if one.number < later.number
            ]
            after = [
                found[name] for one in sealings for name in one.files if one.number >= later.number
            ]
            assert not before or not after or max(before) < min(after)
