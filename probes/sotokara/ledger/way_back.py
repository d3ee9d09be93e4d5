"""Where git still has a file that is gone: the command that brings it back."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path


def way_back(file: Path) -> str:
    """``git checkout <commit> -- <file>``, with the newest commit that has it."""
    name = f"./{file.name}"
    folder = next((one for one in file.parents if one.is_dir()), Path())
    name = f"./{file.relative_to(folder).as_posix()}"
    if _git(folder, "cat-file", "-e", f"HEAD:{name}") is not None:
        return f"git checkout HEAD -- {file}"
    commit = _git(folder, "log", "-1", "--all", "--diff-filter=d", "--format=%h", "--", name)
    return f"git checkout {commit or '<commit>'} -- {file}"


def in_git_alone(folder: Path) -> str:
    """Why a ledger that is not here at all is no new one: git has it. Empty where it has none."""
    if any((folder / name).is_dir() for name in ("runs", "seals")):
        return ""
    above = folder.absolute().parents
    if "GIT_DIR" not in os.environ and not any((one / ".git").exists() for one in above):
        return ""  # no git here: a process less in each first build
    kept = f"{folder.name}/runs", f"{folder.name}/seals"
    if not _git(folder.parent, "ls-tree", "--name-only", "HEAD", *kept):
        return ""
    return (
        f"{folder}: git has it, and it is not here; a sparse checkout? git sparse-checkout disable,"
        f" or: git checkout HEAD -- {folder}; to begin anew, commit that it is gone"
    )


def former(file: Path) -> Iterator[bytes]:
    """What a file has held in any commit, the newest first; nothing without git."""
    name = f"./{file.name}"
    for commit in (
        _git(file.parent, "log", "--all", "--full-history", "--format=%H", "--", name) or ""
    ).split():
        content = _bytes(file.parent, "show", f"{commit}:{name}")
        if content is not None:
            yield content


def _git(folder: Path, *words: str) -> str | None:
    """What git says; None where it knows nothing of that, or is not here."""
    said = _bytes(folder, *words)
    return None if said is None else said.decode("utf-8", "replace").strip()


def _bytes(folder: Path, *words: str) -> bytes | None:
    command = ["git", "-C", str(folder), *words]
    try:
        done = subprocess.run(  # noqa: S603  # no shell
            command, capture_output=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout
