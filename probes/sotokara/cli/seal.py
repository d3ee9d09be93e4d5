"""``sotokara seal``, ``verify`` and ``redact``."""

from pathlib import Path
from types import ModuleType

import click

from sotokara.core.extras import MissingExtraError, needs_extra
from sotokara.ledger import LedgerError, seals
from sotokara.ledger import verify as verifier
from sotokara.ledger.redact import redact as take_out
from sotokara.site.read_site import config_file, read_site


def _folder(config: Path) -> Path:
    site = read_site(config)
    return site.root / site.settings().evidence_dir


@click.command()
@config_file
@click.option("--repair", is_flag=True, help="Resolve two branches' seals of one number.")
def seal(config: Path, *, repair: bool) -> None:
    """Seal the evidence that came since the last seal.

    The printed head, published with the site, makes it visible when a seal is taken away later.
    """
    folder = _folder(config)
    try:
        if repair:
            done = seals.repair(folder)
            if done is None:
                click.echo("no two seals of one number; nothing to repair")
                return
            click.echo(f"kept seals 1 to {done.kept}; replaced {len(done.dropped)}:")
            for dropped in done.dropped:
                click.echo(f"  {dropped}")
            click.echo("what those covered is sealed again; nothing is lost; commit it")
            made = done.head
        else:
            made = seals.seal(folder)
    except LedgerError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"head {made}" if made else f"nothing new; head {seals.head(folder)}")
    _stamp(config, folder)


def _stamp(config: Path, folder: Path) -> None:
    """Ask for the tokens that are missing, where a time-stamp authority is set."""
    site = read_site(config)
    tsa = site.settings().tsa
    if not tsa.url:
        return
    tokens = _time_stamps()

    authority = tokens.Authority(tsa.url, site.root / tsa.certificate)
    for number in tokens.missing(folder):
        try:
            token = tokens.stamp(folder, number, authority)
        except LedgerError as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"seal {number} existed by {token.time:%Y-%m-%d %H:%M:%S} UTC ({tsa.url})")


def _time_stamps() -> ModuleType:
    """The code that knows RFC 3161; who time-stamps nothing need not have it.

    :raises click.ClickException: when its extra is not installed.
    """
    try:
        with needs_extra("stamps", "a time-stamp authority"):
            from sotokara.ledger import tokens
    except MissingExtraError as missing:
        raise click.ClickException(str(missing)) from missing
    return tokens


def _tokens(config: Path, folder: Path) -> list[verifier.Finding]:
    """The kept tokens against the pinned certificate, where one is set."""
    site = read_site(config)
    certificate = site.settings().tsa.certificate
    if not certificate:
        return []
    tokens = _time_stamps()

    found = []
    for path in sorted((folder / "seals").glob("*.tsr")):
        name = f"seals/{path.name}"
        try:
            token = tokens.verify_token(folder, int(path.stem), site.root / certificate)
            what = f"existed by {token.time:%Y-%m-%d %H:%M:%S} UTC; the pinned authority says so"
            found.append(verifier.Finding("token", name, what))
        except (LedgerError, OSError, ValueError) as error:
            found.append(verifier.Finding("altered", name, str(error)))
    return found


def _head(folder: Path) -> str:
    try:
        return f"head {seals.head(folder)}"
    except LedgerError:
        return "no head"  # a finding says why


@click.command()
@config_file
@click.argument("which", required=False)
@click.option("--head", default="", metavar="N:HASH", help="A head printed or noted earlier.")
@click.option("--site", default="", metavar="URL", help="Compare with the head published there.")
def verify(config: Path, which: str | None, head: str, site: str) -> None:
    """Verify all evidence, or one figure's (WHICH is its id).

    Every file is hashed and held against the seals. Exit 1: something is wrong.
    """
    folder = _folder(config)
    if not folder.is_dir():
        raise click.ClickException(f"{folder}: no evidence here yet")
    source = verifier.Folder(str(folder))
    try:
        if site:
            head = verifier.published_head(site)
        found = verifier.figure(source, which) if which else verifier.verify(source, head)
    except (OSError, ValueError) as error:
        raise click.ClickException(f"cannot be verified: {error}") from error
    stamped = [] if which else _tokens(config, folder)
    held = {one.where for one in stamped}
    found = [one for one in found if one.where not in held] + stamped
    for one in found:
        click.echo(str(one))
    wrong = sum(one.wrong for one in found)
    click.echo(f"{wrong} wrong, {len(found) - wrong} notes; {_head(folder)}")
    if wrong:
        raise SystemExit(1)


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
