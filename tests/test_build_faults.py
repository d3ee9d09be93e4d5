"""Whole programs when things go wrong: kill -9 at any moment, a disk that fills up, two at once.

SOTOKARA_KILLS=N sets how many kills (six by default).
"""

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sotokara.ledger import verify as verifier
from sotokara.ledger.lines import RunLine, read_lines
from sotokara.servers.nameserver import NameServer, after

from tests.servers.thread import serving
from tests.sites import ROOT, build, fence, make_site, with_evidence

KILLS = int(os.environ.get("SOTOKARA_KILLS", "6"))
_HARMLESS = {"unsealed", "leftover", "orphan", "late"}
_PROBES = 24
PROGRAMS = {
    "build": ("mkdocs", "build"),
    "run": ("sotokara", "run"),
    "every": ("sotokara", "run", "--every", "1s"),
    "seal": ("sotokara", "seal"),
}


@pytest.fixture(scope="module")
def server() -> Iterator[NameServer]:
    """Answers after 20 ms, so that a run has a middle."""
    server = NameServer(after(0.02))
    with serving(server):
        yield server


def blog(folder: Path, server: NameServer, **settings: object) -> Path:
    """Three pages of probes, eight at once, published with their evidence; a plain, quick theme."""
    pages = {
        f"{page}.md": f"# {page}\n\n"
        + "\n".join(fence(dns=f"n{n}.{page}.example", id=f"n{n}") for n in range(_PROBES // 3))
        for page in ("index", "a", "b")
    }
    where = [server.address]
    folder = make_site(folder, pages, resolvers=where, control=where, concurrency=8, **settings)
    return with_evidence(folder)


def start(site: Path, program: str) -> subprocess.Popen[str]:
    """One of ``PROGRAMS``, in a process of its own; it writes what it says to a file."""
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", *PROGRAMS[program]]
    with (site / "said").open("w") as said:
        return subprocess.Popen(command, cwd=site, env=environ, stdout=said, stderr=said, text=True)


def moment(site: Path, process: "subprocess.Popen[str]", chance: random.Random) -> None:
    """Wait for a moment of a program's life: any, or while a run is being written."""
    if chance.random() < 0.4:
        time.sleep(chance.uniform(0, 2.5))
        return
    while process.poll() is None and not any((site / "evidence").glob("runs/*/*/*/*.part")):
        time.sleep(0.002)
    time.sleep(chance.uniform(0, 0.4))


def lines(site: Path) -> dict[str, RunLine]:
    """Every observation that is kept, by its id; each one's objects are there and whole."""
    found = {}
    for run in (site / "evidence" / "runs").rglob("*.jsonl"):
        for line in read_lines(run):
            found[line.id] = line
            for name in filter(None, (line.facts, line.raw)):
                path = site / "evidence" / "objects" / name[:2] / f"{name}.json"
                assert verifier.sha(path.read_bytes()) == name
    return found


def published(site: Path) -> set[str]:
    """The ids that finished pages link to."""
    pages = (site / "site").rglob("*.html")
    texts = [page.read_text("utf-8") for page in pages if "evidence" not in page.parts]
    return {name for text in texts for name in re.findall(r'/evidence/(\d{8}T[^"/]+)/', text)}


def sound(site: Path, head: str = "") -> None:
    """What ``sotokara verify`` and a reader find is nothing wrong."""
    found = verifier.verify(verifier.Folder(str(site / "evidence")), head)
    assert not {one.code for one in found} - _HARMLESS, found


def told(site: Path, before: set[str]) -> str:
    """Hold what a program has said against what is there; the last head that it has said."""
    said = (site / "said").read_text("utf-8")
    kept = lines(site)
    assert published(site) <= kept.keys(), "a page shows what is not kept"
    for name in re.findall(r"kept in (\S+)", said):
        run = site / name
        assert verifier.sha(run.read_bytes())[:8] == run.stem[-8:]
    answered = sum(map(int, re.findall(r"probes: (\d+) answered", said)))
    new = [line for name, line in kept.items() if name not in before]
    assert len(new) >= answered, "reported as answered, and not kept"
    heads = re.findall(r"head (\d+:[0-9a-f]{64})", said)
    return heads[-1] if heads else ""


@pytest.mark.timeout(120 + 60 * KILLS)
def test_killed_at_random_moments(tmp_path: Path, server: NameServer) -> None:
    """What was said to be kept is there, the ledger verifies, and the next build succeeds."""
    chance = random.Random(int(os.environ.get("SOTOKARA_SEED", "3")))  # noqa: S311  # moments
    site, head, inside = tmp_path, "", 0
    programs = ["build", "build", "run", "every", "seal"]
    for turn in range(KILLS):
        if turn % 25 == 0:  # a fresh site now and then
            site, head = blog(tmp_path / f"site{turn}", server), ""
        before = set(lines(site))
        process = start(site, programs[turn % len(programs)])
        moment(site, process, chance)
        inside += process.poll() is None
        process.kill()
        process.wait()
        head = told(site, before) or head
        assert before <= lines(site).keys()
        if (site / "evidence").is_dir():
            sound(site, head)
        done = build(site)
        assert done.returncode == 0, done.stderr
        assert f"probes: {_PROBES} answered" in done.stderr
        assert len(published(site)) >= _PROBES
        left = list((site / "evidence").rglob("*.part"))  # a list's goes after a minute
        assert not [one for one in left if one.parent.name != "published"]
        sound(site, head)
        copies = verifier.verify(
            verifier.Folder(str(site / "site" / "evidence"), published=True), head
        )
        assert not [one for one in copies if one.wrong]
    assert inside >= KILLS // 3, "most were over before they were killed"


def test_two_builds_a_run_and_a_seal_at_once(tmp_path: Path, server: NameServer) -> None:
    first = blog(tmp_path / "first", server, evidence_dir="../evidence")
    second = blog(tmp_path / "second", server, evidence_dir="../evidence")
    third = blog(tmp_path / "third", server, evidence_dir="../evidence")
    processes = [start(first, "build"), start(second, "build"), start(third, "run")]
    for _ in range(3):
        sealing = subprocess.run(
            [sys.executable, "-m", "sotokara", "seal"],
            cwd=tmp_path / "first",
            capture_output=True,
            text=True,
            check=False,
        )
        assert sealing.returncode in {0, 1}, sealing.stderr  # 1: there is no folder yet
    for process, site in zip(processes, (first, second, third), strict=True):
        assert process.wait(60) == 0, (site / "said").read_text()
    kept = lines(tmp_path)
    assert len(kept) == 3 * _PROBES
    assert len(list((tmp_path / "evidence").rglob("*.jsonl"))) == 3
    assert not list((tmp_path / "evidence").rglob("*.part"))
    for site in (first, second):
        assert published(site) <= kept.keys()
        assert len(published(site)) >= _PROBES
    sound(tmp_path)


_FILLING = """
import os, subprocess, sys
site, sizes = sys.argv[1], sys.argv[2:]
subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={sizes[0]}k", "tmpfs", site], check=True)
subprocess.run(["cp", "-r", f"{site}.origin/.", site], check=True)
for size in sizes:
    subprocess.run(["mount", "-o", f"remount,size={size}k", site], check=True)
    command = [sys.executable, "-m", "mkdocs", "build"]
    done = subprocess.run(command, cwd=site, capture_output=True, text=True)
    copy = f"{site}.{size}"
    os.mkdir(copy)
    for name in ("evidence", "site", "mkdocs.yml"):
        if os.path.exists(f"{site}/{name}"):
            subprocess.run(["cp", "-a", f"{site}/{name}", copy], check=True)
    with open(f"{copy}/said", "w") as file:
        file.write(done.stdout + done.stderr)
    print(size, done.returncode, flush=True)
"""


@pytest.mark.lab
@pytest.mark.timeout(120 + 60 * KILLS)
def test_a_disk_that_is_full_at_some_write_of_a_build(tmp_path: Path, server: NameServer) -> None:
    """The same site built with a little more room each time, until it is enough.

    Settings, pages, ledger, index and site are on the small disk; so a build stops at another
    write each time, and goes on over what the one before it has left.
    """
    steps = max(KILLS, 10)
    blog(tmp_path / "disk.origin", server)
    (tmp_path / "disk").mkdir()
    sizes = [str(40 + 2400 * step // steps) for step in range(steps)] + ["80000"]
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-c", _FILLING]
    done = subprocess.run(
        [*command, str(tmp_path / "disk"), *sizes],
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    codes = dict(line.split() for line in done.stdout.splitlines())
    assert codes["80000"] == "0", (tmp_path / "disk.80000" / "said").read_text()
    assert codes[sizes[0]] == "1"
    refused = 0
    before: set[str] = set()
    for size in sizes:
        site = tmp_path / f"disk.{size}"
        told(site, before)
        kept = set(lines(site))
        assert before <= kept
        before = kept
        if (site / "evidence").is_dir():
            sound(site)
        said = (site / "said").read_text("utf-8")
        assert codes[size] == "0" or "No space left on device" in said, said
        refused += "the evidence cannot be kept: No space left" in said
        assert "the evidence cannot be kept" not in said or "Traceback" not in said
    assert refused
    assert before
