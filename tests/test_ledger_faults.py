"""The ledger when things go wrong: killed at any moment, no room, no permission, two writers."""

import errno
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sotokara.ledger import Ledger, LedgerError, Writer, disk
from sotokara.ledger.lines import RunLine, read_lines
from sotokara.servers.nameserver import NameServer

from tests.ledger_writer import BATCH, batches, observation
from tests.servers.thread import serving
from tests.sites import ROOT, build, fence, make_site

_WRITE = (sys.executable, "-m", "tests.ledger_writer")


def _start(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [*_WRITE, str(folder), *options]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _kept(folder: Path) -> list[RunLine]:
    """Every line of the ledger; each names facts and raw that are there and whole."""
    ledger = Ledger(folder, folder.parent / "cache")
    lines = [line for run in sorted(folder.rglob("*.jsonl")) for line in read_lines(run)]
    for line in lines:
        whole = ledger.observation(line, raw=True)
        assert whole.facts is not None
        assert whole.exchanges
    return lines


def _write_one(folder: Path) -> None:
    """What the next build does first: begin a run of its own."""
    writer = Writer(Ledger(folder, folder.parent / "cache"), "test")
    writer.append([(observation(0, 10, "next"), [])])
    writer.close()


LARGE = 200
"""Observations in a batch whose objects another process writes (probes/ledger/pen.py)."""


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("batch", [BATCH, LARGE])
def test_killed_at_any_moment(tmp_path: Path, seed: int, batch: int) -> None:
    folder = tmp_path / "evidence"
    process = _start(folder, "--batch", str(batch))
    assert process.stdout is not None
    process.stdout.readline()  # it has begun
    time.sleep(random.Random(seed).uniform(0, 0.15))  # noqa: S311  # a moment, no secret
    process.kill()
    kept = max([batch, *map(int, process.communicate()[0].split())])
    _write_one(folder)
    lines = _kept(folder)
    assert len(lines) >= kept + 1
    assert not list(folder.rglob("*.part"))


def test_a_line_cut_off_by_the_death_of_its_writer_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    _start(folder, "--batches", "2").wait()
    (run,) = folder.rglob("*.jsonl")
    whole = run.read_bytes()
    run.unlink()
    part = run.with_name("20260101T000000000Z-test.part")
    part.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 40])
    _write_one(folder)
    assert not part.exists()
    assert len(_kept(folder)) == 2 * BATCH - 1 + 1


def test_the_death_of_a_writer_before_its_first_line_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    day = folder / "runs" / "2026" / "01" / "01"
    day.mkdir(parents=True)
    (day / "20260101T000000000Z-test.part").write_bytes(b'{"v":1,"dig')
    _write_one(folder)
    assert len(_kept(folder)) == 1
    assert not list(folder.rglob("*.part"))


def test_git_takes_nothing_of_a_run_under_way(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    _write_one(folder)
    (run,) = folder.rglob("*.jsonl")
    shutil.copy(run, run.with_suffix(".part"))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    command = ["git", "ls-files", "--others", "--exclude-standard", "evidence"]
    listed = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    names = {path.relative_to(tmp_path).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(listed.stdout.split()) == {one for one in names if ".part" not in one} - {
        "evidence/.lock"
    }


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    writers = [_start(folder, "--batches", "8") for _ in range(3)]
    for writer in writers:
        _, said = writer.communicate(timeout=60)
        assert writer.returncode == 0, said
    assert len(_kept(folder)) == 3 * 8 * BATCH
    assert len(list(folder.rglob("*.jsonl"))) == 3


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    folder = tmp_path / "evidence"
    folder.write_text("no folder")
    with pytest.raises(LedgerError, match=r"the evidence cannot be kept: .*; free space or mend"):
        _write_one(folder)
    assert folder.read_text() == "no folder"


def _in_mount(folder: Path, options: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command where ``folder`` is a file system of its own; then copy what is there."""
    folder.mkdir(parents=True)
    copy = folder.with_name("copy")
    script = (
        f"mount -t tmpfs -o {options} tmpfs {folder} && {{ {' '.join(command)}; code=$?; "
        f"cp -a {folder} {copy}; exit $code; }}"
    )
    return subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.lab
@pytest.mark.parametrize(("room", "batch"), [("400k", BATCH), ("6m", LARGE)])
def test_a_full_disk_keeps_what_was_complete(tmp_path: Path, room: str, batch: int) -> None:
    folder = tmp_path / "full"
    command = [*_WRITE, f"{folder}/evidence", "--size", "3000", "--batch", str(batch)]
    done = _in_mount(folder, f"size={room}", *command)
    assert done.returncode == 3, done.stderr
    assert "the evidence cannot be kept: No space left on device" in done.stderr
    copy = tmp_path / "copy" / "evidence"
    assert not list(copy.rglob("*.part"))
    assert len(_kept(copy)) == int(done.stdout.split()[-1])


@pytest.mark.lab
def test_a_read_only_disk_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "closed"
    done = _in_mount(folder, "ro", *_WRITE, f"{folder}/evidence")
    assert done.returncode == 3, done.stderr
    assert "the evidence cannot be kept: Read-only file system" in done.stderr


@pytest.mark.lab
def test_a_build_on_a_full_disk_fails_clearly(tmp_path: Path) -> None:
    server = NameServer()
    full = tmp_path / "full"
    page = "# A\n\n" + "\n".join(fence(dns=f"n{number}.example") for number in range(200))
    with serving(server):
        site = make_site(
            tmp_path / "site",
            {"index.md": page},
            resolvers=[server.address],
            control=[server.address],
            evidence_dir=str(full / "evidence"),
        )
        command = f"cd {site} && {sys.executable} -m mkdocs build --quiet"
        done = _in_mount(full, "size=200k", "sh", "-c", f"'{command}'")
    assert done.returncode == 1
    assert "the evidence cannot be kept: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "copy").rglob("*.part"))
    _kept(tmp_path / "copy" / "evidence")


def test_an_altered_or_missing_object_is_named(tmp_path: Path) -> None:
    server = NameServer()
    with serving(server):
        site = make_site(
            tmp_path / "site",
            {"index.md": "# A\n\n" + fence(dns="a.example")},
            resolvers=[server.address],
            control=[server.address],
        )
        assert build(site).returncode == 0
    (line,) = _kept(site / "evidence")
    assert line.facts
    path = Path(Ledger(site / "evidence").object_file(line.facts))
    original = path.read_bytes()
    path.write_bytes(original.replace(b"NOERROR", b"NXDOMAI"))
    done = build(site, SOTOKARA_MODE="replay")
    assert done.returncode == 1
    assert f"{line.facts}.json: not what was observed" in done.stderr
    path.unlink()
    done = build(site, SOTOKARA_MODE="replay")
    assert done.returncode == 1
    assert f"{line.facts}.json: missing; restore it from git" in done.stderr
    path.write_bytes(original)
    shutil.rmtree(site / ".cache", ignore_errors=True)
    assert build(site, SOTOKARA_MODE="replay").returncode == 0


@pytest.mark.lab
@pytest.mark.parametrize(("batch", "flush"), [(2, "fsync"), (BATCH * 8, "syncfs")])
def test_what_is_named_is_on_the_disk_before_its_name(
    tmp_path: Path, batch: int, flush: str
) -> None:
    """By strace: objects are flushed before they get their names, and before the line that names
    them is flushed; the run is flushed before it gets its name, and so is its folder after."""
    trace = tmp_path / "trace"
    calls = "trace=fsync,syncfs,rename,renameat,renameat2"
    command = ["strace", "-f", "-y", "-e", calls, "-o", str(trace), *_WRITE]
    subprocess.run(
        [*command, f"{tmp_path}/evidence", "--batches", "1", "--batch", str(batch)],
        check=True,
        capture_output=True,
    )
    done = [
        (match[1], line)
        for line in trace.read_text().splitlines()
        if (match := re.match(r"\d+ +(\w+)\(", line)) and str(tmp_path) in line
    ]
    names = [name for name, _ in done]
    objects = [at for at, (_, line) in enumerate(done) if ".json.part" in line and "rename" in line]
    assert len(objects) == 2 * batch
    before = done[: objects[0]]
    if flush == "fsync":
        flushed = [line for name, line in before if name == "fsync" and ".json.part>" in line]
        assert len(flushed) == 2 * batch
    else:
        assert "syncfs" in [name for name, _ in before]
    run = next(
        at for at, (name, line) in enumerate(done) if name == "fsync" and "test.part>" in line
    )
    named = next(at for at, (_, line) in enumerate(done) if "rename" in line and ".jsonl" in line)
    assert objects[-1] < run < named
    assert "fsync" in names[named:]


def test_lines_that_find_room_in_part_are_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, write = tmp_path / "test.part", os.write
    disk.append(part, b"whole\n")

    def full(descriptor: int, content: memoryview) -> int:
        if len(content) < 6:  # the rest of the line
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, content[:3])

    with monkeypatch.context() as patched:
        patched.setattr("sotokara.ledger.disk.os.write", full)
        with pytest.raises(OSError, match="No space left"):
            disk.append(part, b"broken\n")
    disk.append(part, b"next\n")
    assert part.read_bytes() == b"whole\nnext\n"


def test_a_writer_that_the_disk_has_refused_begins_no_other_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch may be on its way already: it must not become a run of its own."""
    writer = Writer(Ledger(tmp_path / "evidence", tmp_path / "cache"), "test")
    several = batches(3, "test")
    writer.append(next(several))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("sotokara.ledger.writer.write_all", full)
        with pytest.raises(LedgerError, match="cannot be kept: No space left"):
            writer.append(next(several))
    with pytest.raises(LedgerError, match="cannot be kept: No space left"):
        writer.append(next(several))  # the disk has room again
    assert len(list((tmp_path / "evidence").rglob("*.jsonl"))) == 1
    assert not list((tmp_path / "evidence").rglob("*.part"))
