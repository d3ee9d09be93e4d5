"""The workflows: what a pull request may do, run as its steps say it; permissions and pins."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sites import ROOT
from tests.tampered import keep, observation, runs, sound

START = ROOT / "probes/sotokara/cli/start/workflows"
WORKFLOWS = sorted([*(ROOT / ".github/workflows").glob("*.yml"), *START.glob("*.yml")])


def read(name: str) -> dict[Any, Any]:
    return plain(ROOT / f".github/workflows/{name}.yml")


def plain(path: Path) -> dict[Any, Any]:
    read_in: dict[Any, Any] = yaml.safe_load(path.read_text("utf-8"))
    return read_in


def steps(name: str, job: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(name)["jobs"][job]["steps"]
    return found


def script(name: str, job: str, step: str) -> str:
    """What a step runs."""
    (found,) = [one["run"] for one in steps(name, job) if one.get("name") == step]
    return str(found)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: f"{path.parts[-2]}-{path.stem}")
def test_a_workflow_has_one_permission_a_job_and_pinned_actions(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "pull_request_target" not in text
    workflow = plain(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert sum(value == "write" for value in job["permissions"].values()) <= 2
        for step in job["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step["uses"]), step
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False
            assert "${{" not in step.get("run", ""), step  # nothing of others becomes a command
    if "pull_request" in str(workflow[True]):  # YAML reads `on` as true
        assert "secrets." not in text


def test_what_runs_the_sites_code_cannot_write_and_the_key_is_for_two_steps_of_it() -> None:
    jobs = read("publish")["jobs"]
    assert "write" not in jobs["measure"]["permissions"].values()
    keyed = [
        step["name"]
        for step in steps("publish", "measure")
        if "SOTOKARA_KEY" in str(step.get("env"))
    ]
    assert keyed == ["Measure and seal", "Sign the pages"]
    assert "sotokara" not in str(jobs["keep"])
    assert jobs["deploy"]["needs"] == "keep"


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    done = subprocess.run(["git", *who, *words], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with evidence and the verifier; the branch `main`."""
    folder = tmp_path_factory.mktemp("repository")
    sound(folder / "evidence")
    there = folder / "probes/sotokara/ledger/verify.py"
    there.parent.mkdir(parents=True)
    there.write_bytes((ROOT / "probes/sotokara/ledger/verify.py").read_bytes())
    (folder / "docs").mkdir()
    (folder / "docs/a.md").write_text("# A\n")
    (folder / ".gitignore").write_text("evidence/.lock\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "main")
    return folder


def run(folder: Path, words: str, **environ: str) -> tuple[int, str]:
    """A step's script as GitHub runs it."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", words],
        cwd=folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


ADDED: dict[str, Callable[[Path], object]] = {
    "a-run": lambda f: keep(f / "evidence", observation("evil.example", "192.0.2.66")),
    "a-page": lambda f: (f / "evidence/evil.html").write_text("<script>"),
    "a-change": lambda f: runs(f / "evidence")[0].write_bytes(b"{}\n"),
    "a-removal": lambda f: runs(f / "evidence")[0].unlink(),
    "an-escape": lambda f: (f / "evidence/\x1b[2J.txt").write_text("x"),
    "a-link": lambda f: (f / "evidence/README.md").symlink_to("/proc/self/environ"),
}


@pytest.mark.parametrize("name", [*ADDED, "an-article"])
def test_a_pull_request_leaves_the_evidence_alone(name: str, merged: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(merged), "clone")
    folder = tmp_path / "clone"
    base = git(folder, "rev-parse", "HEAD")
    git(folder, "checkout", "-qb", "theirs")
    (folder / "docs/b.md").write_text("# B\n")
    verifier = folder / "probes/sotokara/ledger/verify.py"
    verifier.write_text("print('0 wrong, 0 notes')\n")  # theirs is not run
    if name in ADDED:
        ADDED[name](folder)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "theirs")
    code, said = run(
        folder,
        script("evidence", "evidence", "Nothing under evidence/ comes from others"),
        BASE=base,
    )
    assert code == (1 if name in ADDED else 0), said
    if name in ADDED:
        assert said.startswith("::error::This pull request changes files under evidence/.")
        assert all(line.isprintable() for line in said.splitlines())
    code, said = run(
        folder,
        script("evidence", "evidence", "The evidence verifies"),
        BASE=base,
        RUNNER_TEMP=str(tmp_path),
    )
    assert (code == 0) == (name in {"an-article", "a-run"}), said
    assert "notes" in said


@pytest.mark.parametrize("of", ["ours", "a-new-blog"])
def test_a_pull_request_says_what_it_adds(of: str, merged: Path, tmp_path: Path) -> None:
    """Its own mkdocs.yml and Makefile are not read: they could be anybody's commands."""
    file = ROOT / ".github/workflows/evidence.yml"
    if of == "a-new-blog":
        file = ROOT / "probes/sotokara/cli/start/workflows/evidence.yml"
    workflow = yaml.safe_load(file.read_text("utf-8"))
    assert workflow["permissions"] == {}
    assert workflow["jobs"]["evidence"]["permissions"] == {"contents": "read"}
    assert "secrets." not in file.read_text("utf-8")
    (step,) = [
        one
        for one in workflow["jobs"]["evidence"]["steps"]
        if one.get("name") == "What it adds to the evidence"
    ]
    assert "${{" not in step["run"]
    git(tmp_path, "clone", "-q", str(merged), "clone")
    folder = tmp_path / "clone"
    (folder / "mkdocs.yml").write_text("site_name: t\n")
    (folder / "Makefile").write_text(".venv/.build:\n\ttrue\n")
    (folder / ".venv").symlink_to(Path(sys.executable).parent.parent)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "site")
    base = git(folder, "rev-parse", "HEAD")
    git(folder, "checkout", "-qb", "theirs")
    keep(folder / "evidence", observation("new.example", "192.0.2.66"))
    (folder / "mkdocs.yml").write_text(f"x: !!python/object/apply:os.mkdir [{tmp_path}/ran]\n")
    (folder / "Makefile").write_text(f".venv/.build:\n\ttouch {tmp_path}/ran\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "theirs")
    words = step["run"].replace("pip install --quiet -r requirements.txt\n", "")
    summary = tmp_path / "summary.md"
    code, told = run(
        folder,
        words,
        BASE=base,
        HEAD=git(folder, "rev-parse", "HEAD"),
        RUNNER_TEMP=str(tmp_path),
        GITHUB_STEP_SUMMARY=str(summary),
        PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    )
    assert code == 0, told
    assert "- Came: answered 1" in summary.read_text("utf-8")
    assert "- Signed by: nobody 1" in summary.read_text("utf-8")
    assert not (tmp_path / "ran").exists()


SETTINGS = {
    "evidence_dir": ("mkdocs.yml", "extra: {probes: {evidence_dir: theirs}}\n", 1, "::error::"),
    "a-parent": ("base.yaml", "extra:\n  probes:\n    evidence_dir: theirs\n", 1, "::error::"),
    "a-hook": ("hooks/more.py", "print()\n", 0, "::warning::"),
    "an-override": ("docs/overrides/main.html", "{{ 1 }}\n", 0, "::warning::"),
    "an-article": ("docs/c.md", "evidence_dir\n", 0, ""),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_a_pull_request_that_changes_whom_the_blog_believes_is_named(
    name: str, merged: Path, tmp_path: Path
) -> None:
    file, text, expected, begins = SETTINGS[name]
    git(tmp_path, "clone", "-q", str(merged), "clone")
    folder = tmp_path / "clone"
    base = git(folder, "rev-parse", "HEAD")
    (folder / file).parent.mkdir(exist_ok=True, parents=True)
    (folder / file).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "theirs")
    words = script("evidence", "evidence", "The blog believes the same ledger")
    code, told = run(folder, words, BASE=base)
    assert (code, told[: len(begins)]) == (expected, begins)
    assert begins or not told


def test_what_is_pushed_only_adds(merged: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(merged), "clone")
    folder = tmp_path / "clone"
    words = script("publish", "keep", "Push the new evidence").partition("where=")[0]
    environ = {"TOKEN": "x", "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    keep(folder / "evidence", observation("new.example", "192.0.2.5"))
    assert run(folder, words, **environ)[0] == 0
    assert git(folder, "log", "-1", "--format=%s").startswith("Evidence of 20")
    runs(folder / "evidence")[0].write_bytes(b"{}\n")
    assert run(folder, words, **environ)[0] == 1
