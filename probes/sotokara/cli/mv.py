"""``sotokara mv``: rename an article, or one figure, and keep its past and its addresses."""

import subprocess
from pathlib import Path

import click

from sotokara.cli import completion
from sotokara.ledger.drafts import Drafts
from sotokara.ledger.published import append_entries, moved
from sotokara.site.read_site import SiteConfig, config_file, read_site


@click.command(short_help="Rename an article or a figure; it keeps its past.")
@click.argument("old", shell_complete=completion.what_to_move)
@click.argument("new")
@config_file
def mv(old: str, new: str, config: Path) -> None:
    """Move the article OLD to NEW: its figures keep their past, its old address leads on.

    Both are files below docs/. Where you have moved the file yourself, it is only noted. With
    page.md#id, twice, a figure gets another id; write the new one in the article yourself.

    \b
    sotokara mv posts/late-mail.md posts/2026/late-mail.md
    sotokara mv posts/late-mail.md#mx posts/late-mail.md#mail
    """
    site = read_site(config)
    before, after = _name(site, old), _name(site, new)
    if ("#" in before) != ("#" in after):
        raise click.UsageError("name two pages, or two figures (page.md#id)")
    if before == after:
        raise click.UsageError(f"{before} is called so already")
    settings = site.settings()  # a mistake in them is told before anything moves
    if "#" not in before:
        _move(site.docs / before, site.docs / after)
        Drafts(site.root / settings.drafts_dir, site.root).move(before, after)
    path = append_entries(site.evidence, [moved(before, after)])
    click.echo(f"{before} is {after} from now on; noted in {path}")
    for page in site.pages():
        for number, line in enumerate(page.text.splitlines(), 1):
            if page.source != after and _mentions(line, before):
                click.echo(f"{site.docs.name}/{page.source}:{number}: names {before}: mend it")


def _mentions(line: str, name: str) -> bool:
    """Whether a line links to a page or a figure, or refers to it (``{{ stem#id }}``)."""
    page, _, figure = name.partition("#")
    file = page.rpartition("/")[2]
    if figure:
        return f"{file}#probe-{figure}" in line or f"{file.removesuffix('.md')}#{figure}." in line
    return f"({file}" in line or f"/{file}" in line or f"{{{{ {file.removesuffix('.md')}#" in line


def _name(site: SiteConfig, given: str) -> str:
    """A page below the pages' folder, with what stands behind ``#``.

    :raises click.UsageError: for what is none.
    """
    page, mark, figure = given.partition("#")
    path = Path(page)
    docs = site.docs.resolve()
    if path.resolve().is_relative_to(docs):
        page = path.resolve().relative_to(docs).as_posix()
    elif path.is_absolute() or ".." in path.parts:
        raise click.UsageError(f"{given}: not below {site.docs}")
    if not page.endswith(".md") or (mark and not figure):
        raise click.UsageError(f"{given}: write page.md, or page.md#id")
    return f"{page}{mark}{figure}"


def _move(old: Path, new: Path) -> None:
    """Move the file, with git where git knows it; nothing where that is done already.

    :raises click.UsageError: when both are there, or neither.
    """
    if new.exists():
        if old.exists():
            raise click.UsageError(f"{new} is there already, and so is {old}")
        return
    if not old.exists():
        raise click.UsageError(f"there is neither {old} nor {new}")
    new.parent.mkdir(parents=True, exist_ok=True)
    command = ["git", "-C", str(old.parent), "mv", "--", str(old.resolve()), str(new.resolve())]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # a fixed list
    except OSError:
        done = None
    if done is None or done.returncode:
        old.rename(new)
