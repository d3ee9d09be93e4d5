"""After a redaction: lists that take the old files out of git, a search that finds the rest."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.observation import Exchange
from sotokara.ledger import seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.redact import contains_hidden
from sotokara.masking.redaction import Redactor

from tests.sites import make_site
from tests.tampered import keep, observation


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A repository whose evidence holds an address: in a line, in facts, and packed in raw."""
    import msgspec

    folder = make_site(tmp_path / "site", {"index.md": "# T\n"}, mode="replay")
    packed = bytes([0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 77])
    answer = Exchange("A", "resolver", "udp", b"q", b"\0" * 12 + packed, ms=1)
    for target in ("a.example", "192.0.2.77"):
        one = observation(target, "192.0.2.77")
        keep(folder / "evidence", msgspec.structs.replace(one, exchanges=(answer,)))
    built = folder / "site/evidence"
    built.mkdir(parents=True)
    (built / "old.html").write_text("<p>192.0.2.77</p>", "utf-8")
    (built / "fine.html").write_text("<p>192.0.2.1</p>", "utf-8")
    (folder / ".gitignore").write_text("site/\n.cache/\n", "utf-8")
    git(folder, "init", "-q", "-b", "main", ".")
    commit(folder)
    return folder


def git(folder: Path, *words: str) -> str:
    person = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(
        ["git", *person, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout


def commit(folder: Path) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "evidence")


def said(site: Path, *arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["redact", "-f", f"{site}/mkdocs.yml", *arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_the_lists_are_exactly_what_is_left(site: Path) -> None:
    told = said(site, "192.0.2.77", "--reason", "the owner asked", "--by", "kei")
    assert "--invert-paths --paths-from-file .cache/redacted-paths.txt" in told
    assert "1 files of the built site held it" in told
    assert sorted(one.name for one in (site / "site/evidence").iterdir()) == ["fine.html"]
    paths = set((site / ".cache/redacted-paths.txt").read_text("utf-8").split())
    blobs = set((site / ".cache/redacted-blobs.txt").read_text("utf-8").split())
    commit(site)
    found = said(site, "192.0.2.77", "--check", code=1)
    named = [line.split(" ", 1) for line in found.splitlines()[:-1]]
    assert named
    left = [pair for pair in named if pair[0] not in blobs and pair[1] not in paths]
    assert left == []  # base64, JSON and lines: every old file is in one of the two lists
    here = set(git(site, "ls-files", "-s").split())
    assert not here & (blobs | paths)  # and none of today's
    assert "0 found" in said(site, "192.0.2.78", "--check")


def test_filter_repo_takes_all_of_it_out_of_history(site: Path) -> None:
    """A word, then another of the same run, then a page whole: as the guide says it, in a clone."""
    hidden = ("192.0.2.77", "a.example")
    for word in hidden:
        said(site, word, "--reason", "the owner asked", "--by", "kei")
        commit(site)
    keep(site / "evidence", observation("wrong.example", "192.0.2.5"))
    seals.seal(site / "evidence")
    commit(site)
    told = said(site, "--whole", "posts/a.md", "--reason", "it was wrong", "--by", "kei")
    commit(site)
    head = seals.head(site / "evidence")
    for word in (*hidden, "wrong.example"):
        said(site, word, "--check", code=1)
    clone = site.parent / "clone"
    git(site.parent, "clone", "-q", "--no-local", str(site), str(clone))
    commands = re.findall(r"^  git filter-repo (.+)$", told, re.MULTILINE)
    assert len(commands) == 2
    for words in commands:
        whole = words.replace(".cache/", f"{site}/.cache/")
        asked = [sys.executable, "-m", "git_filter_repo", "--force", *shlex.split(whole)]
        subprocess.run(asked, cwd=clone, check=True, capture_output=True)
    for word in (*hidden, "wrong.example"):
        assert "0 found" in said(clone, word, "--check")
    git(clone, "checkout", "-q", "main")
    assert seals.head(clone / "evidence") == head
    found = verifier.verify(verifier.Folder(str(clone / "evidence")))
    assert [one for one in found if one.wrong] == []
    assert int(git(clone, "rev-list", "--count", "HEAD")) >= 4  # the commits stay


def test_a_message_and_a_file_s_name_are_looked_through_too(site: Path) -> None:
    (site / "late-mail.txt").write_text("x", "utf-8")
    git(site, "add", ".")
    git(site, "commit", "-qm", "Mask host 198.51.100.7, as its owner asked")
    git(site, "tag", "-am", "before 198.51.100.8 went", "v1")
    found = said(site, "198.51.100.7", "--check", code=1)
    assert "the message of a commit: git filter-repo --replace-message" in found
    assert "the message of a tag" in said(site, "198.51.100.8", "--check", code=1)
    assert " late-mail.txt" in said(site, "late-mail", "--check", code=1)
    assert "0 found" in said(site, "198.51.100.9", "--check")


def test_whoever_redacts_signs_it(site: Path) -> None:
    assert "--reason and --by are needed" in said(site, "192.0.2.77", code=2)


def test_every_encoding_is_looked_through() -> None:
    redactor = Redactor(["192.0.2.77"])
    assert contains_hidden(b"see 192.0.2.77 there", redactor)
    assert contains_hidden(b'{"a":["192.0.2\\u002e77"]}\n{"b":1}\n', redactor)
    assert not contains_hidden(b'{"a":"192.0.2.78"}', redactor)
