"""``sotokara status``: how the blog stands, without building it; what a branch adds to it."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from sotokara.cli import completion
from sotokara.core.display import visible
from sotokara.core.observation import now
from sotokara.core.places import SANDBOX
from sotokara.findings.standing import Item, as_plain, needs_somebody, standing
from sotokara.ledger import LedgerError, RunLine
from sotokara.ledger.kept import RunCounts, run_counts
from sotokara.ledger.lines import read_line
from sotokara.ledger.verify import is_evidence, is_run
from sotokara.site.read_site import SiteConfig, config_file, read_site

_SAID = {
    "mistake": "Mistakes in definitions",
    "broken": "Claims that do not hold",
    "too_old": "Evidence that is too old (error_after)",
    "failing": "No answer",
    "dead": "No answer for months: worth a pin",
    "never_answered": "Never answered",
    "old": "Evidence that is old (warn_after)",
    "silent": "Not asked for a month",
    "undecided": "Claims that cannot be decided",
    "unread": "Evidence of a newer version",
    "never_asked": "Never asked",
}


@click.command(short_help="Say how the blog stands; what needs a person comes first.")
@click.argument("span", required=False, metavar="[BASE..HEAD]")
@click.option("--json", "plain", is_flag=True, help="For programs.")
@click.option(
    "--author", metavar="NAME", shell_complete=completion.by, help="Only this author's articles."
)
@config_file
def status(span: str | None, config: Path, author: str | None, *, plain: bool) -> None:
    """How the blog stands, from the evidence alone: what needs a person comes first.

    With BASE..HEAD (two commits): what that branch adds to the evidence, as a comment for a review.

    Exit: 0, nothing is urgent; 3, a claim is broken, a probe fails, evidence is too old, or a
    definition has a mistake; 1, the site or its evidence cannot be read.

    \b
    sotokara status
    sotokara status --json --author kei
    sotokara status origin/main..HEAD
    """
    site = read_site(config)
    if span is not None:
        click.echo(branch(site.root, site.settings().evidence_dir, span, plain=plain))
        return
    items, found = _look(site)
    authors = {page.source: completion.authors(page.meta) for page in site.pages()}
    known = sorted({one for every in authors.values() for one in every})
    if author and author not in known:
        names = f"known: {', '.join(known)}" if known else "no article names one (`authors:`)"
        raise click.UsageError(f"no author is called {author!r}; {names}")
    if author:
        items = [one for one in items if author in authors.get(one.page, [])]
    if plain:
        told = {"items": as_plain(items, authors), "evidence": found._asdict()}
        click.echo(json.dumps(told, ensure_ascii=True, indent=2))
    else:
        _print(items, authors, found)
    if needs_somebody(items):
        raise SystemExit(3)


def _look(site: SiteConfig) -> tuple[list[Item], RunCounts]:
    """Everything that is not as it should be, and how the evidence is kept."""
    build = site.begin(site.settings(mode="replay"))
    mistakes = build.finish(lenient=True)
    folder = build.run.ledger.folder
    wrong = [_mistake(text, build.docs) for text in mistakes]
    trials = {SANDBOX}  # what is seen there needs nobody
    found = [one for one in build.found() if build.run.recall.place(one[0]) not in trials]
    return [*wrong, *standing(found, build.run.recall, now())], run_counts(folder)


def _mistake(text: str, docs: str) -> Item:
    place, _, said = text.removeprefix(f"{docs}/").partition(": ")
    return Item("mistake", place, place.rpartition(":")[0], "", said)


def _print(items: list[Item], authors: Mapping[str, list[str]], found: RunCounts) -> None:
    for what, group in groupby(items, key=lambda one: one.what):
        every = list(group)
        click.echo(f"{_SAID[what]}: {len(every)}")
        for one in every:
            since = f" since {one.since:%Y-%m-%d}" if one.since else ""
            by = f"  [{', '.join(authors[one.page])}]" if authors.get(one.page) else ""
            click.echo(visible(f"  {one.place}  {one.asked}  {one.said}{since}{by}"))
    if not items:
        click.echo("Every figure is as it should be.")
    sealed = "all sealed" if not found.unsealed else f"{found.unsealed} not sealed"
    click.echo(f"Evidence: {found.runs} runs, {sealed}; {_signed(found)}; head {found.head}")


def _signed(found: RunCounts) -> str:
    if not found.signed_by_keys:
        return "nobody signs"
    return f"{found.others} by others" if found.others else "all signed"


# What a branch adds to the evidence: for a review, instead of a diff of hashes.

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
