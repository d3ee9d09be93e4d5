"""Going back a version: what a newer one has kept stands in its place, and stops nothing."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.canonical import canonical, digest
from sotokara.ledger import Ledger, LedgerError, seals
from sotokara.ledger.redact import redact

from tests.sites import ROOT, build, make_site, with_evidence
from tests.tampered import keep
from tests.tampered.site import at
from tests.test_identity import asking, kept


def later(folder: Path, day: int, **fields: object) -> Path:
    """A run of that day as a newer version might have kept it: as the first one, but for this."""
    first = min((folder / "evidence/runs").rglob("*.jsonl"), key=lambda path: path.stat().st_mtime)
    start = f"2026-03-{day:02d}T12:00:00Z"
    line = {**json.loads(first.read_bytes().splitlines()[0]), "start": start, **fields}
    content = json.dumps(line, separators=(",", ":")).encode() + b"\n"
    run = folder / f"evidence/runs/2026/03/{day:02d}"
    run.mkdir(parents=True, exist_ok=True)
    path = run / f"202603{day:02d}T120000000Z-author-{digest(content)[:8]}.jsonl"
    path.write_bytes(content)
    return path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newer")
    figures = asking("type: A\n"), asking("", "b.example.com", "b")
    pages = {"index.md": "# T\n", "a.md": "# A\n\n" + "\n".join(figures)}
    make_site(folder, pages, mode="replay")
    with_evidence(folder)
    kept(folder, 0, "192.0.2.1", place="a.md#ssl3", type="A")
    kept(folder, 0, "192.0.2.2", place="a.md#b", dns="b.example.com")
    other = {"gopher": "x.example"}
    one = msgspec.structs.replace(at(1), definition=other, digest=digest(canonical(other)))
    keep(folder / "evidence", one)
    later(folder, 2, v=99, outcome="halfway")
    later(folder, 3, failure={"name": "eaten_by_a_grue"}, outcome="no_answer", facts=None)
    later(folder, 4, v=99, digest=7, definition=[])
    b = digest(canonical({"dns": "b.example.com"}))
    later(folder, 5, version=99, digest=b, definition={"dns": "b.example.com"})
    done = build(folder, "--strict")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_figures_say_so_in_their_place(site: Path) -> None:
    page = (site / "site/a/index.html").read_text("utf-8")
    assert "192.0.2.1" in page
    assert "Evidence of 2026-03-03 12:00 UTC was kept by a newer version" in page
    assert "192.0.2.2" in page  # the last one that can be read
    assert "evidence_unreadable" in page or "cannot be read" in page


def test_no_command_stops(site: Path) -> None:
    def said(*arguments: str) -> str:
        done = CliRunner().invoke(
            main, [*arguments[:1], "-f", f"{site}/mkdocs.yml", *arguments[1:]]
        )
        assert done.exit_code == 0, done.output
        return done.output

    assert "gopher: x.example" in said("show")
    assert "192.0.2.1" in said("show", "a.md#ssl3")
    assert "head 1:" in said("seal")
    sealed = {name for one in seals.sealings(site / "evidence") for name in one.files}
    here = [name for name in sealed if name.startswith("runs/2026/03")]
    assert len(here) == 2  # those of this form
    assert "0 wrong" in said("verify")
    assert "nothing new" in said("seal")


def test_it_redacts_no_form_that_it_does_not_know(site: Path) -> None:
    with pytest.raises(LedgerError, match="written by a newer Sotokara"):
        redact(site / "evidence", ["ssl3.example.com"], "r", "b")
    assert not (site / "evidence/tombstones").exists()


@pytest.mark.parametrize("name", ["format-1", "format-2"])
def test_the_ledgers_of_earlier_versions_are_read(name: str, tmp_path: Path) -> None:
    """One of each form that was ever released; a new form adds a folder here, and takes none."""
    shutil.copytree(ROOT / "tests/ledgers" / name, tmp_path / "evidence")
    ledger = Ledger(tmp_path / "evidence", tmp_path)
    entries = ledger.index.every()
    observations = [ledger.observation(ledger.line(one), raw=True) for one in entries]
    assert entries
    assert ledger.unread == {}
    assert ledger.index.unread() == []
    assert all(one.facts or one.failure for one in observations)


def test_an_edited_line_stops_it_as_before(tmp_path: Path) -> None:
    """Only what is as it was kept is of a newer version; all else may be anybody's."""
    make_site(tmp_path, {"a.md": "# A\n\n" + asking("type: A\n")}, mode="replay")
    kept(tmp_path, 0, "192.0.2.1", type="A")
    run = later(tmp_path, 2, v=99)
    run.write_bytes(run.read_bytes().replace(b"author", b"editor"))
    done = build(tmp_path)
    assert done.returncode == 1
    assert f"{run.name}:1: written by a newer Sotokara" in done.stderr
