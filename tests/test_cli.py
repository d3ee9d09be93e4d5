"""The command: run, show, redact; rounds, locks and signals; what a published site has."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import filelock
import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.observation import now
from sotokara.ledger import Ledger, published, read_lines, seals
from sotokara.ledger import verify as verifier

from tests.servers.mood import Mood
from tests.servers.thread import serving
from tests.sites import build, fence, make_site
from tests.tampered import keep, observation, runs
from tests.years import clock


@pytest.fixture
def server() -> Iterator[Mood]:
    mood = Mood()
    with serving(mood.server):
        yield mood


PAGE = """---
date: 2026-01-01
---
# A

{one}

!!! note

    ```probe
    dns: b.example
    ```

````markdown
```probe
dns: example-in-a-longer-fence.example
```
````

<!--
```probe
dns: in-a-comment.example
```
-->
"""


@pytest.fixture
def site(tmp_path: Path, server: Mood) -> Path:
    where = [server.server.address]
    pages = {
        "index.md": PAGE.format(one=fence(dns="a.example", id="a", expect="addresses")),
        "blog/index.md": "# Blog\n",
        "blog/posts/draft.md": "---\ndate: 2026-01-01\ndraft: true\n---\n# D\n"
        + fence(dns="draft.example"),
        "hidden.md": fence(dns="hidden.example"),
    }
    folder = make_site(
        tmp_path / "site", pages, resolvers=where, control=where, timeout=1, max_age=0
    )
    config = folder / "mkdocs.yml"
    text = config.read_text("utf-8").replace("figures.py", "figures.py\n- HOOKS/evidence.py")
    hooks = re.search(r"- (.*)/figures\.py", text)
    assert hooks
    text = text.replace("HOOKS", hooks[1]).replace("- search", "- search\n- blog")
    config.write_text(text + "exclude_docs: hidden.md\nsite_description: !ENV [NO_SUCH, x]\n")
    return folder


def sotokara(folder: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, [*arguments, "-f", str(folder / "mkdocs.yml")])
    return done.exit_code, done.output


def asked(folder: Path) -> list[str]:
    """The names in the newest run, in order."""
    lines = read_lines(runs(folder / "evidence")[-1])
    return sorted(line.definition["dns"] for line in lines)


def test_run_asks_exactly_what_a_build_asks(site: Path) -> None:
    code, said = sotokara(site, "run")
    assert code == 0, said
    assert "2 answered, 0 no answer, 0 not measured" in said
    by_run = asked(site)
    done = build(site)
    assert done.returncode == 0, done.stderr
    assert by_run == asked(site) == ["a.example", "b.example"]
    assert len(runs(site / "evidence")) == 2


def test_a_run_publishes_nothing(site: Path) -> None:
    """Its answers have no address until a build shows them, and that one lists them, or says so."""
    for _ in range(2):
        assert sotokara(site, "run")[0] == 0
    evidence = site / "evidence"
    assert not [one for one in published.entries(evidence) if one.id]
    done = build(site, SOTOKARA_MODE="replay")
    assert "2 observations get a page that no list keeps" in done.stderr
    done = build(site, SOTOKARA_MODE="replay", SOTOKARA_LIST_PUBLISHED="true")
    assert "no list keeps" not in done.stderr
    listed = {one.id for one in published.entries(evidence) if one.id}
    assert listed == {one.id for one in Ledger(evidence).index.newest()}


def test_raw_is_kept_when_it_changes_daily_and_for_pages(tmp_path: Path) -> None:
    begun = now() - timedelta(days=3)
    hours = [0, 1, 2, 23, 25, 26]
    for hour in hours:
        start = begun + timedelta(hours=hour)
        address = "192.0.2.1" if hour < 26 else "192.0.2.2"
        keep(tmp_path, observation("a.example", address, start=start), shown=False)
    lines = [next(iter(read_lines(path))) for path in runs(tmp_path)]
    assert [bool(line.raw) for line in lines] == [True, False, False, False, True, True]
    assert all(line.facts for line in lines)
    keep(tmp_path, observation("a.example", "192.0.2.2"))
    assert next(iter(read_lines(runs(tmp_path)[-1]))).raw


def test_a_mistake_stops_a_run_with_its_line(site: Path) -> None:
    (site / "docs" / "more.md").write_text("# M\n\n```probe\ndsn: a.example\n```\n")
    code, said = sotokara(site, "run")
    assert code == 1
    assert "docs/more.md:4: 'dsn' is no kind; did you mean 'dns'?" in said
    assert not (site / "evidence" / "runs").exists()


def test_rounds_read_the_pages_anew(site: Path) -> None:
    code, said = sotokara(site, "run", "--every", "1s", "--times", "2")
    assert code == 0
    assert said.count("2 answered") == 2
    assert CliRunner().invoke(main, ["run", "--every", "soon"]).exit_code == 2


def test_rounds_outlive_what_an_author_has_half_written(site: Path) -> None:
    """A fence with a slip, front matter without its end, a mkdocs.yml that is none for a moment."""
    (site / "docs/more.md").write_text("# M\n\n```probe\ndsn: a.example\n```\n")
    (site / "docs/cut.md").write_text("---\ndate: 2026-01-01\n\n" + fence(dns="d.example"))
    (site / "docs/half.md").write_text("---\ntitle: [\n---\n# H\n" + fence(dns="c.example"))
    (site / "docs/bytes.md").write_bytes(b"\xff\xfe\x00")
    code, said = sotokara(site, "run", "--every", "1s", "--times", "1")
    assert code == 0, said
    assert "2 answered" in said
    assert "not asked: docs/more.md:4: 'dsn' is no kind" in said
    assert "not asked: docs/half.md:2: the front matter cannot be read" in said
    assert "not asked: docs/cut.md:1: the front matter cannot be read: it has no end" in said
    assert "not asked: docs/bytes.md:1" in said
    code, said = sotokara(site, "run")
    assert code == 1
    assert "docs/bytes.md:1: the file is not in UTF-8" in said
    config = (site / "mkdocs.yml").read_text("utf-8")
    (site / "mkdocs.yml").write_text("site_name: [\n", "utf-8")
    code, said = sotokara(site, "run", "--every", "1s", "--times", "1")
    assert code == 0
    assert "the next round tries again" in said
    (site / "mkdocs.yml").write_text(config, "utf-8")


def test_what_a_run_fails_on(site: Path, server: Mood) -> None:
    assert sotokara(site, "run", "--fail-on", "silence", "--fail-on", "no_answer")[0] == 0
    server.silent = True
    assert sotokara(site, "run")[0] == 0
    assert sotokara(site, "run", "--fail-on", "silence")[0] == 3
    assert sotokara(site, "run", "--fail-on", "no_answer", "--fail-on", "not_measured")[0] == 3


def start(
    folder: Path, *arguments: str, environ: dict[str, str] | None = None
) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sotokara", *arguments, "-f", str(folder / "mkdocs.yml")]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ or {**os.environ},
    )


def test_sigterm_stops_a_hanging_round_and_keeps_what_was_complete(
    site: Path, server: Mood
) -> None:
    server.silent = True
    (site / "mkdocs.yml").write_text(
        (site / "mkdocs.yml").read_text().replace("timeout: 1", "timeout: 60")
    )
    process = start(site, "run", "--every", "1h")
    ends = time.monotonic() + 60
    while not server.server.asked and time.monotonic() < ends:
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    out, error = process.communicate(timeout=50)  # the question alone would be waited for longer
    assert process.returncode == 0
    assert "stopped; what was complete is kept" in error, out
    assert not list((site / "evidence").rglob("*.part")) if (site / "evidence").exists() else True


def test_sigterm_between_two_rounds(site: Path) -> None:
    process = start(site, "run", "--every", "1h")
    assert process.stdout
    for number in (1, 2):
        while "kept in" not in (line := process.stdout.readline()):
            assert line
        process.send_signal(signal.SIGHUP if number == 1 else signal.SIGTERM)  # anew; then the end
    process.communicate(timeout=50)
    assert process.returncode == 0
    assert len(runs(site / "evidence")) == 2
    assert sotokara(site, "verify")[0] == 0


@pytest.mark.skipif(clock.library() is None, reason="libfaketime is not installed")
def test_rounds_go_on_when_the_clock_is_put_forward_and_back(site: Path, tmp_path: Path) -> None:
    """By a day each. What was asked tomorrow is of no known age today, so it is asked again."""
    daily = fence(dns="daily.example", max_age="1h")
    (site / "docs/daily.md").write_text("# D\n\n" + daily, "utf-8")
    file = tmp_path / "clock"
    file.write_text("+0\n", "utf-8")
    process = start(site, "run", "--every", "1s", environ=clock.environment(file, waits=True))
    watch = threading.Timer(240, process.kill)  # a round that never comes
    watch.start()
    try:
        rounds(process, 1)
        for shift in (86_400, 0, -86_400):
            new = tmp_path / "new"
            new.write_text(f"{shift:+d}\n", "utf-8")
            new.replace(file)  # at once: an empty file is no time
            rounds(process, 2)  # the first may have begun before that
        process.send_signal(signal.SIGTERM)
        process.communicate()
    finally:
        watch.cancel()
        process.kill()
    assert process.returncode == 0
    every = [list(read_lines(path)) for path in runs(site / "evidence")]
    days = {line.start.date() for lines in every for line in lines}
    assert len(days) >= 3
    asked_daily = [
        line.start for lines in every for line in lines if line.definition["dns"] == "daily.example"
    ]
    # once by each clock: the first, the one put forward, the one put back, the one before it
    assert len(asked_daily) == 4
    assert sotokara(site, "verify")[0] == 0


def rounds(process: "subprocess.Popen[str]", many: int) -> None:
    """Wait until so many more rounds have kept what came."""
    assert process.stdout
    for _ in range(many):
        while "kept in" not in (line := process.stdout.readline()):
            assert line, process.stderr and process.stderr.read()


def test_two_runs_never_write_at_once(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sotokara.ledger.writer._LOCK_SECONDS", 0.2)
    (site / "evidence").mkdir()
    with filelock.FileLock(site / "evidence" / ".lock"):
        code, said = sotokara(site, "run")
        assert code == 1
        assert "another run has been writing" in said
        code, said = sotokara(site, "run", "--every", "1s", "--times", "1")
        assert code == 0  # the next round may write
    assert sotokara(site, "run")[0] == 0
    both = [start(site, "run") for _ in range(2)]
    assert [process.wait(30) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    assert len(runs(site / "evidence")) == 3
    assert sotokara(site, "verify")[0] == 0


def test_show_refuses_a_name_of_two_pages(tmp_path: Path) -> None:
    pages = {
        f"posts/{year}/update.md": f"# A\n\n```probe\ndns: {year}.example\nid: x\n```\n"
        for year in (2026, 2027)
    }
    pages["posts/2027/update.md"] += "\n```probe\ndns: other.example\nid: y\n```\n"
    make_site(tmp_path, pages)
    for name in ("update#x", "update.md#x"):
        code, said = sotokara(tmp_path, "show", name)
        assert code == 1
        assert "write one of posts/2026/update.md#x, posts/2027/update.md#x" in said
    for name in ("posts/2026/update.md#x", "posts/2026/update#x"):
        assert "2026.example" in sotokara(tmp_path, "show", name)[1]
    assert "other.example" in sotokara(tmp_path, "show", "update#y")[1]


def test_show(site: Path) -> None:
    sotokara(site, "run")
    name = f"{runs(site / 'evidence')[0].stem}-1"
    assert name in sotokara(site, "show")[1]
    assert sotokara(site, "show", "index.md#a")[1].count("answered") == 1
    whole = sotokara(site, "show", "--raw", name)[1]
    assert "outcome: answered" in whole
    assert "received:" in whole
    assert sotokara(site, "show", "index.md#nothing")[0] == 2
    assert sotokara(site, "show", "nothing-1")[0] == 2


def test_redact_says_what_went_and_nothing_else_changed(site: Path) -> None:
    sotokara(site, "run")
    sotokara(site, "seal")
    head = str(seals.head(site / "evidence"))
    address = re.search(rb'"addresses":\["([0-9.]+)"', facts(site))
    assert address
    command = ["redact", address[1].decode(), "--reason", "private", "--by", "the author"]
    code, said = sotokara(site, *command)
    assert code == 0, said
    assert not [
        path for path in (site / "evidence").rglob("*.json*") if address[1] in path.read_bytes()
    ]
    code, said = sotokara(site, "verify", "--head", head)
    assert code == 0
    assert "redacted" in said
    assert "private" in said
    assert "nothing in the evidence" in sotokara(site, *command)[1]
    # The salt is gone with it: trying all addresses in the redacted file finds no old hash.
    assert b"salt" not in runs(site / "evidence")[0].read_bytes()


def facts(site: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (site / "evidence/objects").rglob("*.json"))


def test_an_interrupted_redaction_is_finished_by_the_same_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sotokara.ledger import redact as module

    keep(tmp_path, observation("a.example", "192.0.2.9"), observation("b.example", "192.0.2.8"))
    from sotokara.ledger.disk import write_all as whole

    for stop in range(1, 4):  # after the tombstone, after the objects, after the runs
        calls = iter(range(1, 9))

        def write(files: dict[str, bytes], stop: int = stop, calls: Iterator[int] = calls) -> None:
            whole(files)
            if next(calls) == stop:
                raise KeyboardInterrupt

        monkeypatch.setattr(module, "write_all", write)
        with contextlib.suppress(KeyboardInterrupt):
            module.redact(tmp_path, ["192.0.2.9"], "r", "b")
    monkeypatch.setattr(module, "write_all", whole)
    module.redact(tmp_path, ["192.0.2.9"], "r", "b")
    left = [one for one in tmp_path.rglob("*.json*") if b"192.0.2.9" in one.read_bytes()]
    assert not left
    found = verifier.verify(verifier.Folder(str(tmp_path)))
    assert [one for one in found if one.wrong] == []
    assert b"192.0.2.8" in b"".join(one.read_bytes() for one in tmp_path.rglob("*.json"))


def test_what_a_site_publishes(site: Path) -> None:
    old = observation("a.example", "192.0.2.250", start=now() - timedelta(days=400))
    keep(site / "evidence", old)
    sotokara(site, "seal")
    done = build(site)
    assert done.returncode == 0, done.stderr
    assert "changed since the article: index.md#a" in done.stderr
    out = site / "site"
    head = seals.head(site / "evidence")
    page = (out / "index.html").read_text()
    assert json.loads((out / "evidence/head.json").read_text())["hash"] == head.hash
    links = set(re.findall(r'href="\.?(/evidence/[^"]+/)"', page))
    assert links
    for link in links:
        shown = (out / link.strip("/") / "index.html").read_text()
        assert "dig a.example A" in shown or "dig b.example A" in shown
        assert "verify.py" in shown
    changes = json.loads((out / "changes/feed.json").read_text())
    assert len(changes["items"]) == 1
    atom = ET.parse(out / "changes/atom.xml")  # noqa: S314  # we wrote it
    assert len(atom.findall("{*}entry")) == 1
    assert "✓" in (out / "claims/index.html").read_text()
    assert 'id="probe-claims"' in page
    done = build(site, "-q", "--strict")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("strict", [True, False])
def test_a_broken_claim_fails_a_strict_build_alone(site: Path, *, strict: bool) -> None:
    index = site / "docs/index.md"
    index.write_text(index.read_text().replace("expect: addresses", "expect: rcode == 'REFUSED'"))
    done = build(site, *(["-q", "--strict"] if strict else []))
    assert done.returncode == int(strict), done.stderr
    assert "docs/index.md:6: rcode == 'REFUSED' does not hold" in done.stderr


def test_the_index_can_be_deleted_broken_or_read_only(site: Path) -> None:
    sotokara(site, "run")
    question = next(iter(read_lines(runs(site / "evidence")[0]))).digest
    cache = site / ".cache"
    (index,) = cache.glob("sotokara-*.sqlite")

    def seen() -> bool:
        return Ledger(site / "evidence", cache).seen(question, lambda _: True) is not None

    assert seen()
    index.unlink()
    assert seen()
    index.write_bytes(b"no database" * 1000)
    assert seen()
    for path in cache.glob("sotokara-*"):
        path.unlink()
    index.mkdir()  # nothing can be written there
    assert seen()


def test_a_clock_that_jumps_back_is_recorded_and_order_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keep(tmp_path, observation("a.example", "192.0.2.1"))
    past = now() - timedelta(days=2)
    monkeypatch.setattr("sotokara.ledger.writer.now", lambda: past)
    second = keep(tmp_path, observation("a.example", "192.0.2.2", start=past))
    assert second.name < first.name
    line = next(iter(read_lines(second)))
    assert line.after == first.stem
    found = verifier.verify(verifier.Folder(str(tmp_path)))
    assert "clock" in {one.code for one in found}
    seen = Ledger(tmp_path).seen(line.digest, lambda _: True)
    assert seen
    assert seen.last.id == f"{second.stem}-1"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda run: run.unlink(), "sealed, and not here; a sparse or partial clone?"),
        (lambda run: spoiled(run, b"\n", b"\r\n"), "its line ends were converted"),
        (lambda run: spoiled(run, b"answered", b"no_answer"), "edited by hand?"),
        (lambda run: spoiled(run, b"{", b"["), ".jsonl:1: no observation"),
        (lambda run: spoiled(run, b'"v":1', b'"v":9'), ".jsonl:1: written by a newer Sotokara"),
    ],
)
def test_no_figure_is_made_from_spoiled_evidence(
    site: Path, spoil: Callable[[Path], object], said: str
) -> None:
    """And the words say what to do; the site without the defect builds."""
    sotokara(site, "run")
    sotokara(site, "seal")
    spoil(runs(site / "evidence")[0])
    done = build(site, SOTOKARA_MODE="replay")
    assert done.returncode == 1
    assert said in " ".join(done.stderr.split())


def spoiled(path: Path, old: bytes, new: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(old, new))


def test_ten_thousand_files_in_one_folder(tmp_path: Path) -> None:
    run = keep(tmp_path, observation("a.example", "192.0.2.1"))
    for number in range(10_000):
        (run.parent / f"{number}.txt").touch()
    opened: list[str] = []
    watching = [True]

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and str(arguments[0]).startswith(str(tmp_path)):
            opened.append(str(arguments[0]))

    sys.addaudithook(note)  # there is no way to remove one
    ledger = Ledger(tmp_path)
    digest = next(iter(read_lines(run))).digest
    assert ledger.seen(digest, lambda _: True)
    watching.clear()
    assert 0 < len(opened) < 20
    assert not [name for name in opened if name.endswith(".txt")]
