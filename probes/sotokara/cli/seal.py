"""``sotokara seal``, ``verify``, ``redact`` and ``key``."""

from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import click

from sotokara.core.extras import MissingExtraError, needs_extra
from sotokara.ledger import Ledger, LedgerError, keys, seals, signing
from sotokara.ledger import verify as verifier
from sotokara.ledger.read_again import read_again
from sotokara.ledger.redact import redact as take_out
from sotokara.ledger.redact import redact_draft
from sotokara.ledger.repair import repair as repaired
from sotokara.ledger.withdraw import which, withdraw
from sotokara.masking.redaction import Redactor
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
            done = repaired(folder)
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
        head = seals.head(folder)
    except LedgerError:
        return "no head"  # a finding says why
    return f"head {head}" if head.number else "NOT SEALED: run `sotokara seal`"


@click.command()
@config_file
@click.argument("which", required=False)
@click.option("--head", default=None, metavar="N:HASH", help="A head printed or noted earlier.")
@click.option("--site", default="", metavar="URL", help="Compare with the head published there.")
@click.option("--read", is_flag=True, help="Read raw again: name facts that do not follow from it.")
def verify(config: Path, which: str | None, head: str | None, site: str, *, read: bool) -> None:
    """Verify all evidence, or one figure's (WHICH is its id).

    Every file is hashed and held against the seals. Exit 1: something is wrong.
    """
    folder = _folder(config)
    if not folder.is_dir():
        raise click.ClickException(f"{folder}: no evidence here yet")
    source = verifier.Folder(str(folder))
    valid = signing.valid if (folder / "signers").exists() else None
    lines: list[str] = []
    try:
        if head is not None:
            verifier.read_head(head)
        heads = [one for one in (head, verifier.published_head(site) if site else "") if one]
        if which:
            found, lines = verifier.look(source, which, heads[0] if heads else "", valid)
        else:
            found = verifier.verify(source, heads[0] if heads else "", valid)
        for other in heads[1:]:
            found += _against(source, other)
    except (OSError, ValueError) as error:
        message = f"cannot be verified: {verifier.visible(error)}"
        raise click.ClickException(message) from error
    stamped = [] if which else _tokens(config, folder)
    held = {one.where for one in stamped}
    found = [one for one in found if one.where not in held] + stamped
    if read:
        found += list(read_again(Ledger(folder, folder.parent / ".cache"), which))
    for text in (*lines, *verifier.said(found)):
        click.echo(text)
    wrong = sum(one.wrong for one in found)
    bad = any(one.wrong and one.where.startswith("seals/") for one in found)
    told = "the head is not to be trusted" if bad else _head(folder)
    click.echo(f"{wrong} wrong, {len(found) - wrong} notes; {told}")
    if wrong:
        raise SystemExit(1)


def _against(source: verifier.Folder, head: str) -> list[verifier.Finding]:
    """One more head."""
    every = verifier.verify(source, head, signing.valid)
    return [one for one in every if one.code in ("rolled_back", "resealed", "repaired")]


@click.command()
@config_file
@click.option("--vantage", default=None, help="The place that it speaks for; by default this one.")
@click.option("--name", default=None, help="The key's name; by default the site's address.")
@click.option("--replace", is_flag=True, help="End the key that speaks now: changed, or lost.")
@click.option("--print", "shown", is_flag=True, help="Print it for a CI's secrets; write no file.")
def key(config: Path, vantage: str | None, name: str | None, *, replace: bool, shown: bool) -> None:
    """Make a key that signs this place's runs, and the log's heads.

    The public half goes to evidence/signers; the private half stays beside mkdocs.yml, for you
    alone. What is there already stays as it is: it is from before signing began.
    """
    site = read_site(config)
    settings = site.settings()
    folder = site.root / settings.evidence_dir
    file = site.root / signing.FILE
    named = name or f"{urlsplit(str(site.config.get('site_url') or '')).netloc or site.root.name}"
    try:
        done = keys.make_key(
            folder,
            keys.Wanted(
                named if name else f"{named}/evidence",
                vantage or settings.vantage,
                None if shown else file,
                replace=replace,
            ),
        )
    except (LedgerError, ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error
    if shown:
        click.echo(done.key.text)
        click.echo(f"keep it as the secret {signing.VARIABLE}; it is printed this once", err=True)
    else:
        click.echo(f"private key: {file} (mode 600; never commit it, and keep a copy elsewhere)")
    click.echo(f"public key: {done.key.verifier}", err=shown)
    click.echo(f"{folder / 'signers'}: speaks for {' and '.join(done.roles)}", err=shown)
    click.echo(f"head {done.head}; commit the evidence", err=shown)


def _withdraw(folder: Path, hidden: tuple[str, ...], reason: str, by: str) -> None:
    try:
        done = withdraw(folder, which(hidden), reason, by)
    except LedgerError as error:
        raise click.ClickException(str(error)) from error
    if done.tombstone is None:
        raise click.ClickException(f"nothing of {', '.join(hidden)} is in the evidence")
    for name, lines in done.runs.items():
        click.echo(f"{name}: lines {', '.join(map(str, lines))}" if lines else f"{name}: lost")
    click.echo(f"{done.objects} objects removed; tombstone {done.tombstone.name}")
    click.echo(f"head {done.head}")
    click.echo("git's history still has the old files: see “Redaction later” in the guide")


@click.command()
@click.argument("hidden", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it is published in the tombstone.")
@click.option("--by", required=True, help="Who signs it off; published too.")
@click.option("--whole", is_flag=True, help="HIDDEN are observations, runs or pages: all of them.")
@config_file
def redact(hidden: tuple[str, ...], reason: str, by: str, config: Path, *, whole: bool) -> None:
    """Take words, addresses or networks (HIDDEN) out of objects and runs, and seal that.

    With --whole: withdraw an observation (its id), a run (its path or name, also one that is lost),
    or all that a page has asked (page.md, page.md#id).

    Git's history, and copies that others made, still have them: the guide says what to do.
    """
    site = read_site(config)
    settings = site.settings()
    folder = site.root / settings.evidence_dir
    if whole:
        _withdraw(folder, hidden, reason, by)
        return
    try:
        done = take_out(folder, list(hidden), reason, by)
        drafts = sorted((site.root / settings.drafts_dir).glob("*/runs"))
        unpublished = sum(redact_draft(one.parent, list(hidden)) for one in drafts)
    except LedgerError as error:
        raise click.ClickException(str(error)) from error
    if unpublished:
        click.echo(f"{unpublished} runs of drafts written anew in {settings.drafts_dir}")
    if done.tombstone is None:
        click.echo("nothing in the evidence holds that")
        return
    for name, lines in done.runs.items():
        click.echo(f"{name}: lines {', '.join(map(str, lines))}")
    click.echo(f"{done.objects} objects written anew; tombstone {done.tombstone.name}")
    click.echo(f"head {done.head}")
    if (told := Redactor(list(hidden)).text(f"{reason} {by}")) != f"{reason} {by}":
        click.echo(f"the tombstone itself names it, and is published: “{told}” would not have")
    if later := [one for one in hidden if one not in settings.redact]:
        click.echo(
            f"the next measurement may keep {', '.join(later)} again: name it in `redact` too"
        )
    click.echo("git's history still has the old files: see “Redaction later” in the guide")
