"""``sotokara status``: how the blog stands, without building it; what a branch adds to it."""

import json
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

import click

from sotokara.cli import completion
from sotokara.cli.branch import branch
from sotokara.core.display import visible
from sotokara.core.observation import now
from sotokara.core.places import SANDBOX
from sotokara.core.settings import SettingsError
from sotokara.findings.standing import Item, as_plain, needs_somebody, standing
from sotokara.ledger import LedgerError
from sotokara.ledger.kept import RunCounts, run_counts
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
    try:
        items, found = _look(site)
    except (LedgerError, SettingsError) as error:
        raise click.ClickException(str(error)) from error
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
