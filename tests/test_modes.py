"""Modes and outcomes: what is asked in which mode, what a page shows when nobody answers."""

import asyncio
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sotokara.servers.nameserver import NameServer, honest, question

from tests.servers.mood import Mood
from tests.servers.thread import serving
from tests.sites import build, fence, figures, make_site, plain


class Site:
    """A site of three probes, and its name server."""

    def __init__(self, folder: Path, mood: Mood) -> None:
        page = "# A\n\n" + "\n".join(
            fence(dns=f"{name}.example", id=name, notes={"Address": "here"}) for name in "abc"
        )
        where = [mood.server.address]
        self.folder = plain(
            make_site(folder, {"index.md": page}, resolvers=where, control=where, timeout=1)
        )
        self.mood = mood

    def build(self, *options: str, **environ: Any) -> list[str]:
        """Build; the names that were asked."""
        done = build(self.folder, *options, **environ)
        assert done.returncode == 0, done.stderr
        return self.mood.asked()

    def figures(self) -> dict[str, str]:
        """The figures of its page."""
        return figures((self.folder / "site" / "index.html").read_text("utf-8"))

    def evidence(self) -> dict[str, str]:
        """A hash of each file of the ledger."""
        files = [path for path in (self.folder / "evidence").rglob("*") if path.is_file()]
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    mood = Mood()
    with serving(mood.server):
        site = Site(tmp_path / "site", mood)
        yield site


ALL = ["a.example", "b.example", "c.example"]


def test_live_asks_every_time_and_new_only_once(site: Site) -> None:
    assert site.build(SOTOKARA_MODE="new") == ALL
    assert site.build(SOTOKARA_MODE="new") == []
    assert site.build() == ALL
    assert site.build(SOTOKARA_MAX_AGE="1h") == []
    assert site.build(SOTOKARA_MAX_AGE="0") == ALL


def test_max_age_of_one_definition(site: Site) -> None:
    page = site.folder / "docs" / "index.md"
    page.write_text(page.read_text("utf-8").replace("id: b\n", "id: b\nmax_age: 1h\n"), "utf-8")
    assert site.build() == ALL
    assert site.build() == ["a.example", "c.example"]


def test_replay_asks_nobody_and_changes_nothing(site: Site) -> None:
    site.build()
    shown, kept = site.figures(), site.evidence()
    for _ in range(2):
        assert site.build(SOTOKARA_MODE="replay") == []
        assert site.figures() == shown
        assert site.evidence() == kept


def test_replay_of_what_was_never_seen_says_so(site: Site) -> None:
    assert site.build(SOTOKARA_MODE="replay") == []
    assert re.search("Not measured.*it has never been observed", site.figures()["a"], re.DOTALL)
    assert not (site.folder / "evidence").exists()


@pytest.mark.lab
def test_replay_opens_no_socket(site: Site) -> None:
    site.build()
    trace = site.folder / "trace"
    command = ["strace", "-f", "-qq", "-e", "trace=network", "-o", str(trace)]
    environ = {**os.environ, "SOTOKARA_MODE": "replay", "NO_MKDOCS_2_WARNING": "1"}
    command += [sys.executable, "-m", "mkdocs", "build"]
    subprocess.run(command, cwd=site.folder, env=environ, check=True, capture_output=True)
    assert "Address: 198.1" in site.figures()["a"]
    calls = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text(), re.MULTILINE))
    assert calls <= {"sendfile"}  # files copied into the site
    environ["SOTOKARA_MODE"] = "live"  # and the trace does see what is there
    subprocess.run(command, cwd=site.folder, env=environ, check=True, capture_output=True)
    assert "socket(AF_INET" in trace.read_text()


def test_silence_shows_the_last_answer_with_its_date(site: Site) -> None:
    site.build()
    address = re.search(r"Address: (\S+)", site.figures()["a"])
    assert address
    kept = site.evidence()
    site.mood.silent = True
    # the control still answers: somebody else is well
    with serving(other := NameServer()):
        site.build(SOTOKARA_CONTROL=f"[{other.address}]")
    shown = " ".join(site.figures()["a"].split())
    assert "this machine's own resolver did not answer" in shown
    assert re.search(
        r"What was observed \d{4}-\d\d-\d\d \d\d:\d\d UTC:|Last answer, observed", shown
    )
    assert address[1] in shown
    after = site.evidence()
    assert kept.items() <= after.items()  # nothing that was kept has changed


def test_no_answer_of_a_server_is_not_laid_at_our_door(site: Site) -> None:
    silent = Mood()
    silent.silent = True
    with serving(silent.server):
        page = fence(dns="d.example", id="d", server=silent.server.address)
        (site.folder / "docs" / "index.md").write_text("# A\n\n" + page, "utf-8")
        site.build(SOTOKARA_POLICY="{allow: [127.0.0.0/8]}")
    assert re.search("No answer.*no reply came in time", site.figures()["d"], re.DOTALL)


@pytest.mark.lab
def test_without_a_network_the_build_waits_for_nothing_and_shows_what_was(tmp_path: Path) -> None:
    mood = Mood()
    page = "# A\n\n" + "\n".join(fence(dns=f"n{n}.example", id=f"n{n}") for n in range(60))
    with serving(mood.server):
        where = [mood.server.address]
        folder = make_site(tmp_path / "site", {"index.md": page}, resolvers=where, control=where)
        assert build(folder).returncode == 0
    with (folder / "docs" / "index.md").open("a") as file:
        file.write("\n" + fence(dns="never.example", id="never"))
    command = ["unshare", "--user", "--map-root-user", "--net"]
    command += [sys.executable, "-m", "mkdocs", "build"]
    environ = {
        **os.environ,
        "SOTOKARA_RESOLVERS": "[]",
        "SOTOKARA_CONTROL": "[]",
        "SOTOKARA_TIMEOUT": "200",  # of which it waits for none
    }
    done = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=150
    )
    assert done.returncode == 0, done.stderr
    assert "61 not measured" in done.stderr
    shown = figures((folder / "site" / "index.html").read_text("utf-8"))
    assert "this machine had no network" in shown["n7"]
    assert re.search(r"Last answer, observed \d{4}-\d\d-\d\d \d\d:\d\d UTC:", shown["n7"])
    assert "Address: 198.1" in shown["n7"]
    assert "It has not been observed before" in shown["never"]
    runs = list((folder / "evidence" / "runs").rglob("*.jsonl"))
    assert len(runs) == 1  # a run that measured nothing leaves none


@pytest.mark.parametrize("options", [[], ["--quiet"], ["--quiet", "--strict"]])
def test_a_mistake_fails_the_build_whatever_is_logged(site: Site, options: list[str]) -> None:
    page = site.folder / "docs" / "index.md"
    page.write_text(page.read_text("utf-8").replace("id: b\n", "id: b\nstyel: dig\n"), "utf-8")
    done = build(site.folder, *options)
    assert done.returncode == 1
    mistake = "docs/index.md:13: unknown option 'styel'; did you mean 'style'?"
    assert mistake in done.stderr


def test_a_note_on_nothing_is_told_and_fails_nothing(site: Site) -> None:
    page = site.folder / "docs" / "index.md"
    page.write_text(page.read_text("utf-8").replace("Address: here", "Adress: here", 1), "utf-8")
    done = build(site.folder, "--strict")
    assert done.returncode == 0
    assert "docs/index.md:3: the note on 'Adress' matches no line of the output" in done.stderr


def test_two_builds_say_the_same_facts(site: Site) -> None:
    site.build()
    site.build()
    runs = sorted((site.folder / "evidence" / "runs").rglob("*.jsonl"))
    first, second = (
        {line["digest"]: line["facts"] for line in map(json.loads, run.read_text().splitlines())}
        for run in runs
    )
    assert first == second


def test_what_the_resolver_knows_of_the_root_is_asked_once_beside_the_first_question(
    tmp_path: Path,
) -> None:
    """It answers nothing else before it has been asked for the root, and the other way round."""
    asked: dict[bool, asyncio.Event] = {}

    async def together(wire: bytes) -> AsyncIterator[bytes]:
        root = question(wire)[0] == 0
        here = asked.setdefault(root, asyncio.Event())
        here.set()
        await asked.setdefault(not root, asyncio.Event()).wait()
        yield honest(wire)

    server = NameServer(together)
    with serving(server):
        page = "\n".join(fence(dns=f"{name}.example", id=name, type="A") for name in "abc")
        where = [server.address]
        site = make_site(tmp_path / "site", {"index.md": page}, resolvers=where, control=where)
        done = build(site)
    assert "3 answered" in done.stderr
    assert [wire for wire in map(question, server.asked) if wire[0] == 0] == [b"\0\0\6\0\1"]
