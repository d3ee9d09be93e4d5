"""What redaction leaves behind in git and in a built site: lists, and a search in all encodings."""

import hashlib
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from sotokara.core.display import visible
from sotokara.ledger.redact import contains_hidden
from sotokara.masking.redaction import Redactor

PATHS, BLOBS = "redacted-paths.txt", "redacted-blobs.txt"


def blob_id(content: bytes) -> str:
    """The name that git gives to a file's content (SHA-1 repositories)."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def write_lists(root: Path, cache: Path, paths: Iterable[str], old: Iterable[bytes]) -> list[str]:
    """Add to the lists for ``git filter-repo``; how to use them."""
    prefix = _git(root, "rev-parse", "--show-prefix")
    if prefix is None:
        return []
    top = prefix.decode().strip()
    cache.mkdir(exist_ok=True)
    for name, new in ((PATHS, [top + one for one in paths]), (BLOBS, list(map(blob_id, old)))):
        file = cache / name
        known = file.read_text("utf-8").splitlines() if file.exists() else []
        file.write_text("".join(f"{one}\n" for one in dict.fromkeys([*known, *new])), "utf-8")
    where = cache.relative_to(root).as_posix()
    return [
        "git's history still has the old files. In a fresh clone, with these two lists:",
        f"  git filter-repo --invert-paths --paths-from-file {where}/{PATHS}",
        f"  git filter-repo --strip-blobs-with-ids {where}/{BLOBS}",
        "then: sotokara redact --check WORD (it looks through every commit, in all encodings)",
    ]


def search(root: Path, hidden: list[str]) -> Iterator[str]:
    """What holds a word in any commit: ``<blob> <path>``, a file's name, a commit's message.

    :raises click.ClickException: where there is no repository.
    """
    listed = _git(root, "rev-list", "--objects", "--all")
    if listed is None:
        raise click.ClickException(f"{root}: no git repository here, or git is not installed")
    names = dict(
        line.decode("utf-8", "replace").partition(" ")[::2] for line in listed.splitlines()
    )
    redactor = Redactor(hidden)
    command = ["git", "-C", str(root), "cat-file", "--batch"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as git:  # noqa: S603  # no shell
        assert git.stdin is not None  # noqa: S101  # a pipe
        assert git.stdout is not None  # noqa: S101
        for blob, path in names.items():
            git.stdin.write(f"{blob}\n".encode())
            git.stdin.flush()
            head = git.stdout.readline().split()
            if len(head) < 3:  # noqa: PLR2004  # "<id> missing"
                continue
            content, kind = git.stdout.read(int(head[2]) + 1)[:-1], head[1].decode()
            if kind == "blob" and (
                contains_hidden(content, redactor) or redactor.text(path) != path
            ):
                yield visible(f"{blob} {path}")
            elif kind in ("commit", "tag") and contains_hidden(content, redactor):
                yield f"{blob} the message of a {kind}: git filter-repo --replace-message"
        git.stdin.close()


def clean_site(site: Path, hidden: list[str]) -> int:
    """Remove from a built site each file that holds a word; how many.

    A build that fails leaves the site of before in its place, and somebody may publish that.
    """
    redactor, gone = Redactor(hidden), 0
    for file in sorted(site.rglob("*")) if site.is_dir() else ():
        if (
            file.is_file()
            and not file.is_symlink()
            and contains_hidden(file.read_bytes(), redactor)
        ):
            file.unlink()
            gone += 1
    return gone


def _git(root: Path, *words: str) -> bytes | None:
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # no shell
    except OSError:
        return None
    return None if done.returncode else done.stdout
