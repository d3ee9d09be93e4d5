"""Evidence that is lost or withdrawn: a tombstone says so, and the site goes on."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.ledger import Ledger, LedgerError, Writer, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.withdraw import which, withdraw

from tests.sites import build, make_site, with_evidence
from tests.tampered import observation, runs
from tests.test_identity import asking, kept


def wrong(folder: Path) -> list[str]:
    found = verifier.verify(verifier.Folder(str(folder)))
    return [str(one) for one in found if one.wrong]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """Two articles, three sealed runs of the one and one of the other."""
    folder = tmp_path / "site"
    pages = {"a.md": "# A\n\n" + asking(), "b.md": "# B\n\n" + asking("", "b.example.com", "b")}
    make_site(folder, {"index.md": "# T\n", **pages}, mode="replay")
    with_evidence(folder)
    for day, address in enumerate(("192.0.2.1", "192.0.2.2", "192.0.2.3")):
        kept(folder, day, address, place="a.md#ssl3")
    kept(folder, 3, "192.0.2.9", place="b.md#b", dns="b.example.com")
    seals.seal(folder / "evidence")
    return folder


def sotokara(site: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, [arguments[0], "-f", f"{site}/mkdocs.yml", *arguments[1:]])
    assert done.exit_code == code, done.output
    return done.output


def holding(folder: Path, word: str) -> list[Path]:
    return [one for one in folder.rglob("*.json*") if word.encode() in one.read_bytes()]


SIGNED = ("--reason", "the owner asked", "--by", "kei")


def test_an_observation_goes_and_the_site_stays(site: Path) -> None:
    evidence = site / "evidence"
    first = runs(evidence)[0].stem + "-1"
    said = sotokara(site, "redact", "--whole", first, *SIGNED)
    assert "tombstone 000001.json" in said
    assert wrong(evidence) == []
    told = sotokara(site, "verify")
    assert "by kei: the owner asked" in told
    assert not holding(evidence, "192.0.2.1")
    assert holding(evidence, "192.0.2.2")
    done = build(site, "--strict")
    assert done.returncode == 0, done.stderr
    page = (site / "site/evidence" / first / "index.html").read_text("utf-8")
    assert "withdrawn" in page
    assert "kei: the owner asked" in page
    assert "192.0.2.1" not in page
    assert "already" not in sotokara(site, "redact", "--whole", "nothing", *SIGNED, code=1)


def test_all_that_a_page_has_asked(site: Path) -> None:
    evidence = site / "evidence"
    withdraw(evidence, which(["b.md"]), "r", "b")
    assert not holding(evidence, "b.example.com")
    assert wrong(evidence) == []
    ledger = Ledger(evidence, site)
    assert [one.definition for one in map(ledger.line, ledger.index.every())].count(
        {"withdrawn": ""}
    ) == 1
    withdraw(evidence, which(["a.md#ssl3"]), "r", "b")
    assert wrong(evidence) == []
    assert not list((evidence / "objects").rglob("*.json"))


def test_a_lost_run(site: Path) -> None:
    evidence = site / "evidence"
    run = runs(evidence)[0]
    name = run.relative_to(evidence).as_posix()
    person = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q", "."], ["add", "."], [*person, "commit", "-qm", "base"]):
        subprocess.run(["git", *words], cwd=site, check=True, capture_output=True)
    run.unlink()
    done = build(site)
    assert done.returncode == 1
    assert f"git checkout HEAD -- {run}" in done.stderr
    assert f"sotokara redact --whole {name}" in done.stderr
    said = sotokara(site, "redact", "--whole", name, *SIGNED)
    assert f"{name}: lost" in said
    assert wrong(evidence) == []
    assert "gone, said" in sotokara(site, "verify")
    done = build(site, "--strict")
    assert done.returncode == 0, done.stderr
    seals.seal(evidence)
    assert wrong(evidence) == []


def test_a_checkout_without_the_evidence_is_no_new_blog(site: Path) -> None:
    """Sparse: else a build would publish a site without it, and a run begin a second log."""
    git(site, "init", "-q", ".")
    assert seals.seal(site / "evidence") is None  # nothing is committed yet
    git(site, "add", ".")
    git(site, "commit", "-qm", "base")
    git(site, "sparse-checkout", "set", "--no-cone", "/*", "!evidence")
    assert not (site / "evidence/runs").exists()
    ledger = Ledger(site / "evidence", site)
    writer = Writer(ledger, "author")
    told = "git has it, and it is not here; a sparse checkout"
    with pytest.raises(LedgerError, match=told):
        ledger.whole()
    with pytest.raises(LedgerError, match=told):
        seals.seal(site / "evidence")
    with pytest.raises(LedgerError, match=told):
        writer.append([(observation("a.example", "192.0.2.1"), ["a.md#ssl3"])])
    assert not (site / "evidence/runs").exists()
    assert "a sparse checkout" in sotokara(site, "status", code=1)
    git(site, "sparse-checkout", "disable")
    Ledger(site / "evidence", site).whole()


def git(folder: Path, *words: str) -> None:
    person = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    subprocess.run(["git", *person, *words], cwd=folder, check=True, capture_output=True)


def test_a_tombstone_that_is_not_sealed_excuses_nothing(site: Path) -> None:
    evidence = site / "evidence"
    run = runs(evidence)[0]
    name = run.relative_to(evidence).as_posix()
    run.unlink()
    stone = '{"by":"x","date":"2026-01-01","gone":["%s"],"number":1,"objects":0,"reason":"r",'
    (evidence / "tombstones").mkdir()
    (evidence / "tombstones/000001.json").write_text(stone % name + '"runs":{},"v":2}\n', "utf-8")
    assert any("missing" in one for one in wrong(evidence))
    with pytest.raises(LedgerError, match="sealed, and not here"):
        Ledger(evidence, site).whole()


def test_no_head_is_printed_that_was_found_wrong(site: Path) -> None:
    seal = site / "evidence/seals/000001.json"
    seal.write_bytes(seal.read_bytes().replace(b'"number":1', b'"number":7'))
    said = sotokara(site, "verify", code=1)
    assert "head 1:" not in said
    assert said.splitlines()[-1].endswith("; the head is not to be trusted")
