"""What a branch adds to the evidence: for a review, instead of a diff of hashes."""

import json
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import click

from sotokara.core.display import visible
from sotokara.ledger.lines import LedgerError, RunLine, read_line
from sotokara.ledger.verify import is_evidence, is_run

_NOTE = re.compile(r"^\u2014 (\S+) \S+$", re.MULTILINE)
_MOST = 100
"""Rows of a comment."""


def branch(root: Path, folder: str, span: str, *, plain: bool) -> str:
    """What lies between two commits, as Markdown or as JSON.

    :raises click.ClickException: when git does not know the commits.
    """
    named, dots, head = span.partition("..")
    base = named
    head = head.lstrip(".") or "HEAD"
    if not base or not dots or base.startswith("-") or head.startswith("-"):
        raise click.UsageError(f"{span}: write BASE..HEAD, for example origin/main..HEAD")
    base = _git(root, "merge-base", base, head).decode().strip()  # the other side has gone on
    listed = _git(root, "diff", "--name-status", "--no-renames", "-z", base, head, "--", folder)
    words = listed.split(b"\0")
    changed = {
        name.decode(): how.decode() for how, name in zip(words[::2], words[1::2], strict=False)
    }
    top = _git(root, "rev-parse", "--show-prefix").decode().strip() + folder + "/"
    names = {name.removeprefix(top): how for name, how in changed.items()}
    told: dict[str, Any] = {
        "base": named,
        "head": head,
        "asked": list(_asked(root, (top, base, head), names)),
        "changed_or_removed": sorted(name for name, how in names.items() if how != "A"),
        "no_evidence": sorted(name for name in names if not is_evidence(name)),
        "seals": sorted(name for name in names if name.startswith("seals/")),
    }
    return json.dumps(told, indent=2) if plain else _markdown(told)


def _asked(root: Path, where: tuple[str, str, str], names: dict[str, str]) -> Any:  # noqa: ANN401
    top, base, head = where
    before = _facts_before(root, top, base)
    for name in sorted(name for name, how in names.items() if how == "A" and is_run(name)):
        content = _git(root, "show", f"{head}:{top}{name}")
        signed = f"{name.removesuffix('.jsonl')}.sig" in names
        signer = _signer(root, f"{head}:{top}{name.removesuffix('.jsonl')}.sig") if signed else ""
        for number, text in enumerate(content.splitlines(), 1):
            try:
                line = read_line(name, number, text)
            except LedgerError as error:
                yield {"run": name, "line": number, "unread": str(error)}
                continue
            was = before.get(line.digest)
            before[line.digest] = line.facts or was
            yield _row(line, signer, changed=bool(was and line.facts and line.facts != was))


def _facts_before(root: Path, top: str, base: str) -> dict[str, str | None]:
    """The last facts of each question at the base."""
    found: dict[str, str | None] = {}
    listed = _git(root, "ls-tree", "-r", "-z", "--name-only", "--full-tree", base, f"{top}runs/")
    runs = sorted(filter(None, listed.decode().split("\0")), key=lambda one: one.rpartition("/")[2])
    asked = "".join(f"{base}:{name}\n" for name in runs if name.endswith(".jsonl"))
    told = _git(root, "cat-file", "--batch", given=asked.encode())
    for text in told.splitlines():
        try:
            line = read_line("x", 1, text)
        except LedgerError:
            continue  # git's own line between two files
        found[line.digest] = line.facts or found.get(line.digest)
    return found


def _row(line: RunLine, signer: str, *, changed: bool) -> dict[str, Any]:
    return {
        "id": line.id,
        "asked": " ".join(map(str, next(iter(line.definition.items()), ()))),
        "cited": line.cited,
        "at": line.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "vantage": line.vantage.name,
        "outcome": str(getattr(line.outcome, "value", line.outcome)),
        "failure": line.failure.name if line.failure else "",
        "changed": changed,
        "signed_by": signer,
    }


def _signer(root: Path, name: str) -> str:
    """The name on a run's note; whether it is right, ``verify`` says."""
    note = _git(root, "show", name).decode("utf-8", "replace")
    match = _NOTE.search(note)
    return match[1] if match else ""


def _git(root: Path, *words: str, given: bytes = b"") -> bytes:
    command = ["git", "-C", str(root), *words]
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False)  # noqa: S603  # no shell
    except OSError as error:
        raise click.ClickException(f"git: {error.strerror}") from error
    if done.returncode:
        told = done.stderr.decode("utf-8", "replace").strip().splitlines()
        nothing = f"git {words[0]}: nothing in common; a shallow clone lacks what was before"
        first = visible(told[0].removeprefix("fatal: ")) if told else ""
        if "revision" in first or "valid object" in first:
            raise click.UsageError(f"{first}; name two commits, branches or tags")
        if "not a git repository" in first.casefold():
            raise click.ClickException(f"{root}: no git repository; a span is of commits")
        raise click.ClickException(f"git: {first}" if first else nothing)
    return done.stdout


def _markdown(told: dict[str, Any]) -> str:
    asked = told["asked"]
    counts = Counter(one.get("outcome", "unread") for one in asked)
    places = Counter(one["vantage"] for one in asked if "vantage" in one)
    signers = Counter(one["signed_by"] or "nobody" for one in asked if "vantage" in one)
    lines = [f"### Evidence added between {told['base']} and {told['head']}", ""]
    if not asked:
        lines.append("Nothing was asked.")
    for title, found in (("Came", counts), ("From", places), ("Signed by", signers)):
        if found:
            lines.append(f"- {title}: " + ", ".join(f"{name} {n}" for name, n in found.items()))
    for key, title in (
        ("changed_or_removed", "**Changed or removed, though evidence only grows**"),
        ("no_evidence", "**No evidence, and not published**"),
    ):
        if told[key]:
            lines.append(f"- {title}: " + ", ".join(f"`{one}`" for one in told[key]))
    changed = [one for one in asked if one.get("changed")]
    if asked:
        rows = changed + [one for one in asked if not one.get("changed")]
        lines += ["", "| asked | from | at | came | changed | for |", "|---|---|---|---|---|---|"]
        lines += [_cells(one) for one in rows[:_MOST] if "vantage" in one]
        if len(rows) > _MOST:
            lines.append(f"\nand {len(rows) - _MOST} more")
    return visible_lines(lines)


def _cells(one: dict[str, Any]) -> str:
    came = one["failure"] or one["outcome"]
    changed = "yes" if one["changed"] else ""
    places = ", ".join(one["cited"])
    cells = one["asked"], one["vantage"], one["at"], came, changed, places
    shown = (visible(cell).replace("|", "\\|").replace("`", "'") for cell in cells)
    return f"| {' | '.join(shown)} |"


def visible_lines(lines: list[str]) -> str:
    """Lines of Markdown in which nothing from outside begins a tag."""
    return "\n".join(line.replace("<", "&lt;") for line in lines)
