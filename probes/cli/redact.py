"""``sotokara redact``: take something out of the evidence after all."""

from pathlib import Path

import click

from probes.cli.site import config_file, read_site
from probes.ledger import LedgerError
from probes.ledger.redact import redact as take_out


@click.command()
@click.argument("hidden", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it is published in the tombstone.")
@click.option("--by", required=True, help="Who signs it off; published too.")
@config_file
def redact(hidden: tuple[str, ...], reason: str, by: str, config: Path) -> None:
    """Take words, addresses or networks (HIDDEN) out of objects and runs, and seal that.

    Git's history, and copies that others made, still have them: the guide says what to do.
    """
    site = read_site(config)
    settings = site.settings()
    folder = site.root / settings.evidence_dir
    try:
        done = take_out(folder, list(hidden), reason, by)
    except LedgerError as error:
        raise click.ClickException(str(error)) from error
    if done.tombstone is None:
        click.echo("nothing in the evidence holds that")
        return
    for name, lines in done.runs.items():
        click.echo(f"{name}: lines {', '.join(map(str, lines))}")
    click.echo(f"{done.objects} objects written anew; tombstone {done.tombstone.name}")
    click.echo(f"head {done.head}")
    if later := [one for one in hidden if one not in settings.redact]:
        click.echo(
            f"the next measurement may keep {', '.join(later)} again: name it in `redact` too"
        )
    click.echo("git's history still has the old files: see “Redaction later” in the guide")
