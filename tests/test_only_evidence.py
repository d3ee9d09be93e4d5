"""Only evidence is published: what else lies in its folder, or is a link, stays where it is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.ledger import Ledger
from sotokara.ledger import verify as verifier

from tests.sites import build, make_site, with_evidence
from tests.tampered import keep, observation, runs, seal_file, sound

MARK = "ENVIRON=not-for-the-world"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = with_evidence(make_site(tmp_path / "site", {"index.md": "# A\n"}, mode="replay"))
    sound(folder / "evidence")
    (folder / ".env").write_text(MARK)
    return folder


def linked(folder: Path, name: str, to: str = "../.env") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(os.path.relpath(folder.parent / to.removeprefix("../"), path.parent))


def written(folder: Path, name: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MARK)


STRANGE: dict[str, Callable[[Path, str], object]] = {
    "README.md": linked,
    "notes.html": linked,
    "seals/000099.json": linked,
    "seals/000001.tsr": linked,
    "tombstones/000099.json": linked,
    "objects/ab/" + "ab" * 32 + ".json": linked,
    "runs/2026/01/01/20260101T000000000Z-author-abcdef12.jsonl": linked,
    "runs/linked": lambda f, name: linked(f, name, "../docs"),
    "evil.html": lambda f, name: (f / name).write_text(f"<script>{MARK}</script>"),
    "index.html": written,
    "20260101T000000000Z-author-abcdef12-1/index.html": written,
    "head.json": written,
    "SHA256SUMS": written,
    "verify.py": written,
    "runs/2026/x.jsonl": written,
    "seals/1.json": written,
    "seals/000001.html": written,
    "objects/ab/evil.svg": written,
    "pipe": lambda f, name: os.mkfifo(f / name),
}


@pytest.mark.parametrize("name", sorted(STRANGE.keys() - {"head.json", "SHA256SUMS"}))
def test_what_is_no_evidence_is_named_by_verify(name: str, site: Path) -> None:
    STRANGE[name](site / "evidence", name)
    done = CliRunner().invoke(main, ["verify", "-f", str(site / "mkdocs.yml")])
    assert done.exit_code == 1
    assert f"WRONG extra: {name}: " in done.output
    assert MARK not in done.output


def test_what_is_no_evidence_is_named_by_the_build_and_not_published(site: Path) -> None:
    for name, make in STRANGE.items():
        if not os.path.lexists(site / "evidence" / name):
            make(site / "evidence", name)
    for _ in range(2):  # also where the last build's copies are there
        done = build(site)
        assert done.returncode == 0, done.stderr
        for name in STRANGE:
            assert f"evidence/{name}: extra: " in done.stderr, name
        for path in (site / "site").rglob("*"):
            assert not path.is_symlink()
            assert path.is_dir() or MARK not in path.read_text("utf-8", "replace"), path
    sums = (site / "site/evidence/SHA256SUMS").read_text().splitlines()
    assert all(verifier.is_evidence(line[66:]) for line in sums)
    assert {line[66:].partition("/")[0] for line in sums} == {
        "runs", "objects", "seals", "tombstones",
    }  # fmt: skip
    found = verifier.verify(verifier.copy_or_ledger(str(site / "site/evidence")))
    assert not [one for one in found if one.wrong]


def test_a_forged_page_of_an_observation_is_written_anew(site: Path) -> None:
    assert build(site).returncode == 0
    page = next((site / "site/evidence").glob("*Z-*/index.html"))
    true = page.read_bytes()
    page.write_text("<p>forged</p>")
    (page.parent / "evil.html").write_text("<script></script>")
    beside = page.parent.with_name("20260101T000000000Z-author-abcdef12-9")
    beside.mkdir()
    (beside / "index.html").write_text("forged")
    assert build(site).returncode == 0
    assert page.read_bytes() == true
    assert not (page.parent / "evil.html").exists()
    assert not beside.exists()


def test_a_folder_that_is_a_link_is_not_written_through(site: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "precious.txt").write_text("keep")
    (site / "site").mkdir()
    (site / "site/evidence").symlink_to(mine)
    assert build(site).returncode == 0
    assert [path.name for path in mine.iterdir()] == ["precious.txt"]
    assert (site / "site/evidence/SHA256SUMS").is_file()


def test_a_run_that_is_a_link_or_lies_elsewhere_is_not_read(tmp_path: Path) -> None:
    other = keep(tmp_path / "other", observation("b.example", "192.0.2.9"))
    keep(tmp_path / "evidence", observation("a.example", "192.0.2.1"))
    here = runs(tmp_path / "evidence")[0].parent
    (here / other.name).symlink_to(other)
    (tmp_path / "evidence/runs/x.jsonl").write_bytes(other.read_bytes())
    ledger = Ledger(tmp_path / "evidence", tmp_path / "cache")
    assert ledger.find(f"{other.stem}-1") is None
    assert len(list(ledger.index.shown())) == 1


def test_a_sealed_file_that_became_a_link_is_missing_and_extra(site: Path) -> None:
    path = seal_file(site / "evidence", 1)
    path.rename(site / "kept.json")
    path.symlink_to(site / "kept.json")
    codes = {
        (one.code, one.where)
        for one in verifier.verify(verifier.Folder(str(site / "evidence")))
        if one.wrong
    }
    assert {("missing", "seals/000001.json"), ("extra", "seals/000001.json")} <= codes


TRANSCRIPTS = {
    "above": "../../.env.txt",
    "absolute": "{site}/.env.txt",
    "beyond-and-back": "../../docs/../.env.txt",
    "a-link": "linked.txt",
    "through-a-linked-folder": "folder/secret.txt",
    "hidden": ".hidden.txt",
    "in-a-hidden-folder": ".hidden/a.txt",
}


@pytest.mark.parametrize("name", TRANSCRIPTS)
def test_a_transcript_is_a_file_of_the_pages(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    path = TRANSCRIPTS[name].format(site=folder)
    text = f"# A\n\n```probe\ndns: a.example\ntranscript: {path}\n```\n"
    make_site(folder, {"posts/a.md": text}, mode="replay")
    (folder / ".env.txt").write_text(MARK)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/secret.txt").write_text(MARK)
    posts = folder / "docs/posts"
    (posts / "linked.txt").symlink_to(folder / ".env.txt")
    (posts / "folder").symlink_to(tmp_path / "elsewhere")
    (posts / ".hidden.txt").write_text(MARK)
    (posts / ".hidden").mkdir()
    (posts / ".hidden/a.txt").write_text(MARK)
    done = build(folder)
    assert done.returncode == 1
    assert "docs/posts/a.md:3: the transcript " in done.stderr
    assert "is no file of the site's pages" in done.stderr
    assert MARK not in done.stderr
    if (folder / "site").exists():
        assert not [
            p for p in (folder / "site").rglob("*.html") if MARK in p.read_text("utf-8", "replace")
        ]


def test_a_transcript_below_the_pages_is_read(tmp_path: Path) -> None:
    text = "# A\n\n```probe\ndns: a.example\ntranscript: ../old/a.txt\n```\n"
    folder = make_site(tmp_path / "site", {"posts/a.md": text, "old/a.txt": "hello there"})
    done = build(folder, SOTOKARA_MODE="replay")
    assert done.returncode == 0, done.stderr
    assert "hello there" in (folder / "site/posts/a/index.html").read_text()
