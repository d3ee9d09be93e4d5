"""Seals: the tree, two branches, repair, time-stamps, and sealing that is killed."""

import hashlib
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from sotokara.cli import main
from sotokara.ledger import Ledger, LedgerError, keys, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.repair import repair

from tests.tampered import keep, observation, runs, seal_file, sound
from tests.tampered.authority import authority, certificates


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


@given(st.lists(st.text("abc/", min_size=1), max_size=40))
def test_the_tree_is_that_of_rfc_6962(names: list[str]) -> None:
    tree = verifier.Tree()
    for name in names:
        tree.add(name, verifier.sha(name.encode()))
    leaves = [f"{verifier.sha(name.encode())}  {name}".encode() for name in names]
    assert tree.root() == root_of(leaves).hex()


def found(folder: Path, head: str = "") -> dict[str, int]:
    """How many findings of each code."""
    every = verifier.verify(verifier.Folder(str(folder)), head)
    return {code: sum(one.code == code for one in every) for code in {one.code for one in every}}


def test_sealing_again_without_news_makes_no_seal(tmp_path: Path) -> None:
    assert seals.seal(tmp_path) is None
    keep(tmp_path, observation())
    first = seals.seal(tmp_path)
    assert first
    assert first.number == 1
    assert seals.seal(tmp_path) is None
    assert found(tmp_path) == {}


def test_what_is_broken_is_not_sealed(tmp_path: Path) -> None:
    run = keep(tmp_path, observation("a.example", "192.0.2.1"))
    shutil.rmtree(tmp_path / "objects")
    with pytest.raises(LedgerError, match=re.escape(str(run))):
        seals.seal(tmp_path)
    run.write_bytes(b"{}\n")
    with pytest.raises(LedgerError, match=r"\.jsonl:1: no observation"):
        seals.seal(tmp_path)
    assert not (tmp_path / "seals").exists()


def git(folder: Path, *arguments: str, fine: bool = True) -> str:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "core.autocrlf=true"]
    done = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or not fine, done.stderr + done.stdout
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a sound, sealed ledger, and a branch ``other``."""
    sound(tmp_path / "evidence")
    (tmp_path / "mkdocs.yml").write_text("site_name: t\n")
    (tmp_path / ".gitignore").write_text("evidence/.lock\n.cache\n")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "evidence")
    git(tmp_path, "branch", "other")
    return tmp_path


def commit(folder: Path, branch: str, *addresses: str, sealed: bool) -> str:
    """A run on a branch, sealed there or not; the head after it."""
    git(folder, "checkout", "-q", branch)
    keep(folder / "evidence", *(observation(f"{branch}.example", one) for one in addresses))
    if sealed:
        seals.seal(folder / "evidence")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", branch)
    return str(seals.head(folder / "evidence"))


def test_two_branches_merge_without_conflict(repository: Path) -> None:
    commit(repository, "main", "192.0.2.10", sealed=False)
    commit(repository, "other", "192.0.2.11", sealed=False)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "other", "-m", "both")
    evidence = repository / "evidence"
    assert found(evidence) == {"redacted": 1, "unsealed": 3}
    seals.seal(evidence)
    assert found(evidence) == {"redacted": 1}


def test_a_clone_with_converted_line_ends_elsewhere_verifies(repository: Path) -> None:
    clone = repository.parent / "clone"
    git(repository.parent, "clone", "-q", "-c", "core.autocrlf=true", str(repository), str(clone))
    assert found(clone / "evidence") == {"redacted": 1, "unsealed": 1}


def test_two_seals_of_one_number_conflict_and_are_repaired(repository: Path) -> None:
    kept = commit(repository, "main", "192.0.2.10", sealed=True)
    dropped = commit(repository, "other", "192.0.2.11", sealed=True)
    again = commit(repository, "other", "192.0.2.12", sealed=True)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "other", "-m", "both", fine=False)
    evidence = repository / "evidence"
    assert found(evidence)["seal_conflict"] == 1
    command = ["seal", "-f", str(repository / "mkdocs.yml")]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "seal --repair" in refused.output
    with pytest.raises(LedgerError, match="two branches sealed this number"):
        Ledger(evidence).whole()  # no build publishes over this
    told = CliRunner().invoke(main, ["verify", "-f", str(repository / "mkdocs.yml")])
    assert told.output.splitlines()[-1].endswith("; the head is not to be trusted")
    done = CliRunner().invoke(main, [*command, "--repair"])
    assert done.exit_code == 0, done.output
    assert dropped.partition(":")[2] in done.output
    assert found(evidence) == {"redacted": 1}
    for head, expected in ((kept, {"redacted": 1}), (dropped, {"redacted": 1, "repaired": 1})):
        assert found(evidence, head) == expected
    assert found(evidence, again)["repaired"] == 1
    assert len(runs(evidence)) == 7
    assert CliRunner().invoke(main, [*command, "--repair"]).exit_code == 0  # nothing to do


@pytest.mark.parametrize("key", [False, True])
def test_a_conflict_resolved_with_git_alone_is_refused_and_repaired(
    repository: Path, *, key: bool
) -> None:
    """``merge -X theirs``: ours has sealed twice, and its second seal follows one that is gone."""
    evidence = repository / "evidence"
    if key:
        name = keys.KeyRequest("blog.example/e", "author", repository / ".sotokara.key")
        keys.make_key(evidence, name)
        git(repository, "add", "-A")
        git(repository, "commit", "-qm", "key")
        git(repository, "branch", "-f", "other")
    commit(repository, "main", "192.0.2.10", sealed=True)
    head = commit(repository, "main", "192.0.2.12", sealed=True)
    commit(repository, "other", "192.0.2.11", sealed=True)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "-X", "theirs", "other", "-m", "both")
    with pytest.raises(LedgerError, match=r"made after another seal.*sotokara seal --repair"):
        Ledger(evidence).whole()  # no build publishes over this
    with pytest.raises(LedgerError, match="made after another seal"):
        seals.seal(evidence)
    done = repair(evidence)
    assert done
    assert len(done.dropped) == 2  # the one that git alone had, too
    assert found(evidence) == {"redacted": 1}
    assert found(evidence, head) == {"redacted": 1, "repaired": 1}
    Ledger(evidence).whole()


def test_the_checkpoint_of_a_seal_that_git_has_resolved_away(repository: Path) -> None:
    """Theirs had no key yet: git keeps their seal, and our checkpoint of that number."""
    evidence = repository / "evidence"
    commit(repository, "main", "192.0.2.10", sealed=True)
    git(repository, "branch", "-f", "other")
    commit(repository, "other", "192.0.2.11", sealed=True)
    git(repository, "checkout", "-q", "main")
    keys.make_key(
        evidence, keys.KeyRequest("blog.example/e", "author", repository / ".sotokara.key")
    )
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "key")
    head = seals.head(evidence)
    git(repository, "merge", "-q", "-X", "theirs", "other", "-m", "both")
    with pytest.raises(LedgerError, match=r"checkpoint of another seal.*sotokara seal --repair"):
        Ledger(evidence).whole()
    with pytest.raises(LedgerError, match="checkpoint of another seal"):
        seals.seal(evidence)
    done = repair(evidence)
    assert done
    assert done.dropped == [head.hash]
    assert not set(found(evidence)) & {"altered", "signature", "resealed", "missing", "extra"}
    assert found(evidence, str(head))["repaired"] == 1


def test_time_stamps_of_a_pinned_authority(tmp_path: Path) -> None:
    evidence = sound(tmp_path / "evidence")
    with authority(tmp_path / "tsa") as tsa:
        pinned = tsa.root.relative_to(tmp_path)
        config = tmp_path / "mkdocs.yml"
        setting = f"extra: {{probes: {{tsa: {{url: '{tsa.url}', certificate: {pinned}}}}}}}"
        config.write_text(f"site_name: t\n{setting}\n")
        done = CliRunner().invoke(main, ["seal", "-f", str(config)])
        assert done.exit_code == 0, done.output
        assert len(re.findall(r"seal \d existed by 20", done.output)) == 4
    verified = CliRunner().invoke(main, ["verify", "-f", str(config)])
    assert verified.exit_code == 0, verified.output
    assert verified.output.count("the pinned authority says so") == 4
    reader = [one.code for one in verifier.verify(verifier.Folder(str(evidence)))]
    assert reader.count("token") == 4
    # The same token for another seal, and the right token of another authority.
    shutil.copy(evidence / "seals/000001.tsr", evidence / "seals/000002.tsr")
    assert found(evidence)["altered"] == 1
    other = certificates(tmp_path / "other", "Another TSA").relative_to(tmp_path)
    config.write_text(f"site_name: t\n{setting.replace(str(pinned), str(other))}\n")
    stranger = CliRunner().invoke(main, ["verify", "-f", str(config)])
    assert stranger.exit_code == 1
    assert stranger.output.count("WRONG altered: seals/") == 4


def test_openssl_agrees_about_a_token(tmp_path: Path) -> None:
    evidence = sound(tmp_path / "evidence")
    with authority(tmp_path / "tsa") as tsa:
        (tmp_path / "mkdocs.yml").write_text(
            f"extra: {{probes: {{tsa: {{url: '{tsa.url}', certificate: tsa/root.pem}}}}}}\n"
        )
        CliRunner().invoke(main, ["seal", "-f", str(tmp_path / "mkdocs.yml")])
        command = ["openssl", "ts", "-verify", "-data", str(seal_file(evidence, 1))]
        command += ["-in", str(evidence / "seals/000001.tsr"), "-CAfile", str(tsa.root)]
        command += ["-untrusted", str(tmp_path / "tsa/stamper.pem")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


def test_a_head_that_is_no_seal_is_not_printed(repository: Path) -> None:
    commit(repository, "main", "192.0.2.10", sealed=True)
    commit(repository, "other", "192.0.2.11", sealed=True)
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "other", "-m", "both", fine=False)
    with pytest.raises(LedgerError, match="two branches sealed this number"):
        seals.head(repository / "evidence")
    told = CliRunner().invoke(main, ["verify", "-f", str(repository / "mkdocs.yml")])
    assert told.output.splitlines()[-1] == "1 wrong, 4 notes; the head is not to be trusted"


def test_sealing_takes_in_a_run_whose_process_died(tmp_path: Path) -> None:
    run = keep(tmp_path, observation("a.example", "192.0.2.1"))
    left = run.with_name("20260301T120000000Z-author.part")
    left.write_bytes(run.read_bytes() + b'{"cut')
    run.unlink()
    seals.seal(tmp_path)
    assert not left.exists()
    (taken,) = runs(tmp_path)
    assert taken.read_bytes().endswith(b"}\n")
    assert f"runs/2026/03/01/{taken.name}" in seal_file(tmp_path, 1).read_text() or taken.name in (
        seal_file(tmp_path, 1).read_text()
    )
