"""Tampered ledgers: the command and the reader's own file say the same, and the right thing."""

import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.ledger import seals
from sotokara.ledger import verify as verifier

from tests.tampered import DEFECTS, named, runs, sound


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sound(tmp_path_factory.mktemp("sound") / "evidence")


@pytest.fixture
def ledger(whole: Path, tmp_path: Path) -> Path:
    shutil.copytree(whole, tmp_path / "evidence")
    (tmp_path / "mkdocs.yml").write_text("site_name: t\n")
    return tmp_path / "evidence"


def by_reader(*arguments: str) -> tuple[int, list[str]]:
    """The file as a reader runs it: isolated, without any package."""
    command = [sys.executable, "-I", "-S", verifier.__file__, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def by_command(folder: Path, *arguments: str) -> tuple[int, list[str]]:
    config = ["-f", str(folder.parent / "mkdocs.yml")]
    done = CliRunner().invoke(main, ["verify", *config, *arguments])
    return done.exit_code, done.output.splitlines()


def test_the_sound_ledger_is_sound(whole: Path, ledger: Path) -> None:
    head = str(seals.head(whole))
    for code, lines in (by_reader(str(ledger), "--head", head), by_command(ledger, "--head", head)):
        assert code == 0
        assert [line.split(":")[0] for line in lines[:-1]] == ["note redacted", "note unsealed"]


def test_there_are_enough_defects() -> None:
    assert len(DEFECTS) >= 30


@pytest.mark.parametrize("name", DEFECTS)
def test_defect(name: str, whole: Path, ledger: Path) -> None:
    head = str(seals.head(whole))
    DEFECTS[name].spoil(ledger)
    reader_code, reader = by_reader(str(ledger), "--head", head)
    code, lines = by_command(ledger, "--head", head)
    assert lines[:-1] == reader[:-1]
    assert code == reader_code == (0 if DEFECTS[name].code in verifier.NOTES else 1)
    assert any(
        f" {DEFECTS[name].code}: " in line and DEFECTS[name].where in line for line in lines
    ), lines


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def published(ledger: Path) -> Iterator[str]:
    """The evidence as a site publishes it, on loopback."""
    sums = [f"{verifier.sha((ledger / name).read_bytes())}  {name}\n" for name in files(ledger)]
    (ledger / "SHA256SUMS").write_text("".join(sums))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ledger)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def files(folder: Path) -> list[str]:
    return sorted(verifier.Folder(str(folder)).names())


@pytest.mark.parametrize("name", ["altered-facts", "missing-facts", "missing-run", "resealed-one"])
def test_a_published_ledger_is_verified_over_http(name: str, ledger: Path, published: str) -> None:
    assert by_reader(published)[0] == 0
    DEFECTS[name].spoil(ledger)
    sums = [f"{verifier.sha((ledger / one).read_bytes())}  {one}\n" for one in files(ledger)]
    (ledger / "SHA256SUMS").write_text("".join(sums))
    code, lines = by_reader(published)
    assert code == 1
    assert any(f" {DEFECTS[name].code}: " in line for line in lines)


def test_the_head_of_a_published_site(ledger: Path, whole: Path, published: str) -> None:
    newest = seals.head(whole)
    told = f'{{"number": {newest.number}, "hash": "{newest.hash}"}}'
    (ledger / "head.json").write_text(told)
    assert by_command(ledger, "--site", published)[0] == 0
    max((ledger / "seals").glob("*.json")).unlink()
    code, lines = by_command(ledger, "--site", published)
    assert code == 1
    assert any("rolled_back" in line for line in lines)


@pytest.mark.parametrize("head", ["nonsense", "3", "x:y"])
def test_a_head_that_is_none_is_said(ledger: Path, head: str) -> None:
    assert by_command(ledger, "--head", head)[0] == 2
    code, lines = by_reader(str(ledger), "--head", head)
    assert code == 2
    assert "write NUMBER:HASH" in lines[0]


def test_one_figure(ledger: Path, published: str) -> None:
    name = f"{runs(ledger)[2].stem}-1"
    for where in (str(ledger), published):
        code, lines = by_reader(where, name)
        assert (code, lines[-1]) == (0, "0 wrong, 0 notes")
        said = "\n".join(lines)
        assert 'asked    dns: "ssl3.example.com"' in said
        assert 'fact     addresses: ["192.0.2.2"]' in said
        assert "(the clock of author)" in said
        assert re.search(r"seal     sealed in 2 on 20\S+Z, unsigned", said)
        assert "not checked here" in said
    named(ledger, 0, "raw").unlink()  # another figure's
    assert by_reader(str(ledger), name)[0] == 0
    named(ledger, 2, "raw").write_bytes(b"{}")
    assert by_reader(str(ledger), name)[0] == 1
    assert by_reader(str(ledger), f"{runs(ledger)[2].stem}-9")[0] == 1
    for run in (by_reader(str(ledger), "nonsense"), by_command(ledger, "nonsense")):
        assert run[0] in {1, 2}
        assert "'nonsense' is no id; take it from a figure's link" in "\n".join(run[1])


def test_an_address_without_evidence_is_named(ledger: Path, published: str) -> None:
    elsewhere = f"{published}nowhere/"
    for run in (by_reader(elsewhere), by_command(ledger, "--site", elsewhere)):
        assert run[0] in {1, 2}
        assert elsewhere in run[1][0]
        assert "try one that ends in /evidence/" in run[1][0]


def test_a_sparse_clone_is_said_once(ledger: Path) -> None:
    chain = verifier.read_chain(verifier.Folder(str(ledger)), files(ledger), lambda *_: None)
    many = {f"runs/{number}": ("0" * 64, 1) for number in range(100)}
    found: list[verifier.Finding] = []
    verifier.missing_files(
        chain._replace(files=many), set(), lambda *one: found.append(verifier.Finding(*one))
    )
    assert len(found) == 1
    assert "sparse" in found[0].what
