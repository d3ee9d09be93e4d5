"""``sotokara status``: what needs a person, first; what a branch adds; claims for programs."""

import json
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sotokara.cli import main
from sotokara.core.observation import now
from sotokara.ledger import seals

from tests.sites import build, make_site, with_evidence
from tests.tampered import keep, observation

POST = """---
date: 2026-01-01
authors: [{author}]
---
# P

```probe
dns: {target}
id: x
{more}```
"""


def fresh(target: str, *addresses: str, days: float = 0, failure: str = "") -> dict[str, object]:
    return {"name": target, "days": days, "addresses": addresses, "failure": failure}


def keep_all(folder: Path, *seen: dict[str, object]) -> None:
    for one in sorted(seen, key=lambda one: -float(str(one["days"]))):
        start = now() - timedelta(days=float(str(one["days"])))
        addresses = one["addresses"]
        assert isinstance(addresses, tuple)
        kept = observation(str(one["name"]), *addresses, failure=str(one["failure"]), start=start)
        keep(folder / "evidence", kept, shown=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("status")
    claim = "expect: \"'192.0.2.1' in addresses\"\n"
    posts = {
        "broken": ("kei", "broken.example", claim),
        "well": ("mio", "well.example", claim),
        "failing": ("mio", "failing.example", ""),
        "dead": ("kei", "dead.example", ""),
        "silent": ("kei", "silent.example", ""),
        "never": ("kei", "never.example", ""),
        "pinned": ("kei", "dead.example", "pin: 2100-01-01\n"),
        "wrong": ("mio", "wrong.example", "stile: dig\n"),
    }
    pages = {
        f"posts/{name}.md": POST.format(author=author, target=target, more=more)
        for name, (author, target, more) in posts.items()
    }
    make_site(folder, pages, mode="replay")
    with_evidence(folder)
    keep_all(
        folder,
        fresh("broken.example", "192.0.2.1", days=9),
        fresh("broken.example", "192.0.2.2", days=3),
        fresh("well.example", "192.0.2.1"),
        fresh("failing.example", "192.0.2.1", days=9),
        fresh("failing.example", days=2, failure="generic_timeout_error"),
        fresh("failing.example", days=1, failure="generic_timeout_error"),
        fresh("dead.example", "192.0.2.1", days=500),
        fresh("dead.example", days=400, failure="generic_timeout_error"),
        fresh("dead.example", days=1, failure="generic_timeout_error"),
        fresh("silent.example", "192.0.2.1", days=100),
    )
    return folder


@pytest.fixture
def own(site: Path, tmp_path: Path) -> Path:
    """A copy, for tests that change something."""
    return shutil.copytree(site, tmp_path / "own")


def said(site: Path, *arguments: str, code: int) -> str:
    done = CliRunner().invoke(main, ["status", "-f", f"{site}/mkdocs.yml", *arguments])
    assert done.exit_code == code, done.output
    return done.output


def test_what_needs_a_person_comes_first(site: Path) -> None:
    text = said(site, code=3)
    heads = [line.partition(":")[0] for line in text.splitlines() if not line.startswith(" ")]
    assert heads == [
        "Mistakes in definitions",
        "Claims that do not hold",
        "No answer",
        "No answer for months",
        "Not asked for a month",
        "Never asked",
        "Evidence",
    ]
    assert "posts/wrong.md:10" in text
    day = (now() - timedelta(days=400)).strftime("%Y-%m-%d")
    answered = (now() - timedelta(days=500)).strftime("%Y-%m-%d")
    assert f"pin: {answered} keeps its last answer since {day}  [kei]" in text
    assert "posts/pinned.md" not in text
    assert "posts/well.md" not in text
    assert "nobody signs" in text


def test_for_programs_and_one_author(site: Path) -> None:
    told = json.loads(said(site, "--json", "--author", "mio", code=3))
    assert [(one["what"], one["page"]) for one in told["items"]] == [
        ("mistake", "posts/wrong.md"),
        ("failing", "posts/failing.md"),
    ]
    since = (now() - timedelta(days=2)).strftime("%Y-%m-%d")
    assert told["items"][1]["since"].startswith(since)
    assert told["items"][1]["authors"] == ["mio"]
    assert told["evidence"]["runs"] == 10
    assert "known: kei, mio" in said(site, "--author", "nobody", code=2)


def test_what_a_branch_adds(own: Path) -> None:
    def git(*words: str) -> None:
        person = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *person, *words], cwd=own, check=True, capture_output=True)

    git("init", "-q", ".")
    git("add", ".")
    git("commit", "-qm", "base")
    keep_all(own, fresh("well.example", "192.0.2.9"), fresh("new.example", "192.0.2.1"))
    (own / "evidence/runs/notes.txt").write_text("x")
    git("add", ".")
    git("commit", "-qm", "more")
    text = said(own, "HEAD~1..HEAD", code=0)
    assert "- Came: answered 2" in text
    assert "- Signed by: nobody 2" in text
    assert "runs/notes.txt" in text
    rows = [line for line in text.splitlines() if line.startswith("| dns")]
    assert [row.split(" | ")[0] for row in rows] == ["| dns well.example", "| dns new.example"]
    assert [row.split(" | ")[4] for row in rows] == ["yes", ""]
    told = json.loads(said(own, "HEAD~1..HEAD", "--json", code=0))
    assert sorted(one["changed"] for one in told["asked"]) == [False, True]
    git("checkout", "-q", "-b", "beside", "HEAD~1")  # what others have added since is not gone
    git("commit", "-q", "--allow-empty", "-m", "beside")
    assert "Nothing was asked" in said(own, "@{-1}..beside", code=0)
    assert "only grows" not in said(own, "@{-1}..beside", code=0)
    git("checkout", "-q", "-")
    assert "write BASE..HEAD" in said(own, "HEAD", code=2)
    assert "name two commits" in said(own, "nothing..HEAD", code=2)


def test_claims_are_published_for_programs(own: Path) -> None:
    (own / "docs/posts/wrong.md").unlink()
    done = build(own)
    assert done.returncode == 0, done.stderr
    told = json.loads((own / "site/claims/claims.json").read_text("utf-8"))
    first = told["claims"][0]
    assert (first["place"], first["state"]) == ("posts/broken.md#x", "broken")
    assert told["claims"][0]["url"] == "/posts/broken/#probe-x"
    seals.seal(own / "evidence")
    assert "all sealed" in said(own, code=3)
