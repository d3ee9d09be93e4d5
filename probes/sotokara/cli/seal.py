"""``sotokara seal``, ``redact`` and ``key``."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import BinaryIO
from urllib.parse import urlsplit

import click

from sotokara.cli.history import clean_site, search, write_lists
from sotokara.core.extras import needs_extra
from sotokara.core.places import is_name
from sotokara.ledger import LedgerError, keys, seals, signing
from sotokara.ledger.redact import Redaction, redact_draft
from sotokara.ledger.redact import redact as take_out
from sotokara.ledger.repair import Repair
from sotokara.ledger.repair import repair as repaired
from sotokara.ledger.store import put_away
from sotokara.ledger.withdraw import which, withdraw
from sotokara.ledger.witnesses import add_cosignatures
from sotokara.masking.redaction import Redactor
from sotokara.site import report
from sotokara.site.build_note import write_note
from sotokara.site.read_site import SiteConfig, config_file, read_site

_SITE = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(short_help="Seal the evidence that came since the last seal.")
@config_file
@click.option("--repair", is_flag=True, help="Resolve two branches' seals of one number.")
@click.option("--pages", default=None, type=_SITE, help="Sign the note of the site built there.")
@click.option("--cosign", default=None, type=click.File("rb"), help="A witness's answer, or -.")
def seal(config: Path, *, repair: bool, pages: Path | None, cosign: BinaryIO | None) -> None:
    """Seal the evidence that came since the last seal.

    The printed head, published with the site, makes it visible when a seal is taken away later.
    """
    folder = read_site(config).evidence
    if pages or cosign:
        try:
            if cosign:
                for line in add_cosignatures(folder, cosign.read(1 << 16)):
                    click.echo(line)
            if pages:
                address = str(read_site(config).config.get("site_url") or "")
                noted = write_note(pages, folder, address)
                who = f"signed by {noted.signer}" if noted.signer else "unsigned: no key of the log"
                click.echo(f"{pages}: the note of {noted.pages} pages, {who}")
        except (LedgerError, ValueError) as error:
            raise click.ClickException(str(error)) from error
        return
    if repair:
        done = repaired(folder)
        click.echo("\n".join(_told(done)))
        if done is None:
            return
        made = done.head
    else:
        _put_away(read_site(config))
        made = seals.seal(folder)
    click.echo(f"head {made}" if made else f"nothing new; head {seals.head(folder)}")
    _stamp(config, folder)


def _put_away(site: SiteConfig) -> bool:
    """Take rows to their store, where one is set; what it does not take stays, and is named."""
    moved = list(put_away(site.evidence, site.store))
    for line in report.waiting(moved):
        click.echo(line)
    return not any(one.why for one in moved)


def _again_away(site: SiteConfig) -> None:
    """The same after a redaction: until then the store has what was taken out."""
    if not _put_away(site):
        click.echo("! what is in the store still has it; `sotokara seal` takes the new rows there")


def _told(done: Repair | None) -> Iterator[str]:
    """What a repair did."""
    if done is None:
        yield "no two seals of one number; nothing to repair"
        return
    if done.dropped:
        yield f"kept seals 1 to {done.kept}; replaced {len(done.dropped)}:"
        yield from (f"  {dropped}" for dropped in done.dropped)
        yield "what those covered is sealed again; nothing is lost; commit it"
    if done.signed:
        yield f"checkpoints that were missing, signed now: {', '.join(map(str, done.signed))}"


def _stamp(config: Path, folder: Path) -> None:
    """Ask for the tokens that are missing, where a time-stamp authority is set."""
    site = read_site(config)
    tsa = site.settings().tsa
    if not tsa.url:
        return
    tokens = time_stamps()

    authority = tokens.TimestampAuthority(tsa.url, site.root / tsa.certificate)
    for number in tokens.missing(folder):
        token = tokens.stamp(folder, number, authority)
        click.echo(f"seal {number} existed by {token.time:%Y-%m-%d %H:%M:%S} UTC ({tsa.url})")


def time_stamps() -> ModuleType:
    """The code that knows RFC 3161; who time-stamps nothing need not have it.

    :raises MissingExtraError: when its extra is not installed.
    """
    with needs_extra("stamps", "a time-stamp authority"):
        from sotokara.ledger import tokens
    return tokens


@click.command(short_help="Make a key that signs this place's runs and the heads.")
@config_file
@click.option("--vantage", default=None, help="The place that it speaks for; by default this one.")
@click.option("--name", default=None, help="The key's name; by default the site's address.")
@click.option("--replace", is_flag=True, help="End the key that speaks now: changed, or lost.")
@click.option("--print", "shown", is_flag=True, help="Print it for a CI's secrets; write no file.")
@click.option(
    "--log", is_flag=True, help="It seals, too: a place that seals needs a key of the log."
)
def key(  # noqa: PLR0913  # its options
    config: Path, vantage: str | None, name: str | None, *, replace: bool, shown: bool, log: bool
) -> None:
    """Make a key that signs this place's runs, and the log's heads.

    The public half goes to evidence/signers; the private half stays beside mkdocs.yml, for you
    alone. What is there already stays as it is: it is from before signing began. The first key
    is also the log's, which signs each seal; other places get theirs where that one is.

    \b
    sotokara key
    sotokara key --print --vantage github-actions --log
    """
    if vantage is not None and not is_name(vantage):
        message = f"{vantage!r} is no name of a place; use letters, digits, _ and -"
        raise click.BadParameter(message, param_hint="--vantage")
    site = read_site(config)
    settings = site.settings()
    folder = site.root / settings.evidence_dir
    file = site.root / signing.FILE
    named = name or f"{urlsplit(str(site.config.get('site_url') or '')).netloc or site.root.name}"
    try:
        done = keys.make_key(
            folder,
            keys.KeyRequest(
                named if name else f"{named}/evidence",
                vantage or settings.vantage,
                None if shown else file,
                replace=replace,
                log=log,
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


def _withdraw(site: SiteConfig, hidden: tuple[str, ...], reason: str, by: str) -> None:
    done = withdraw(site.evidence, which(hidden), reason, by, site.store)
    if done.tombstone is None:
        raise click.ClickException(f"nothing of {', '.join(hidden)} is in the evidence")
    for name, lines in done.runs.items():
        click.echo(_which(name, lines) if lines else f"{name}: lost")
    click.echo(f"{done.objects} objects removed; tombstone {done.tombstone.name}")
    click.echo(f"head {done.head}")
    _again_away(site)
    _lists(site, done)


def _which(name: str, lines: list[int]) -> str:
    """Which lines of a run, or rows of a batch."""
    word = "rows" if name.endswith(".parquet") else "lines"
    more = f" and {len(lines) - _MANY} more" if len(lines) > _MANY else ""
    return f"{name}: {word} {', '.join(map(str, lines[:_MANY]))}{more}"


_MANY = 100


def _lists(site: SiteConfig, done: Redaction) -> None:
    """What is still in git, and how it goes from there."""
    folder = site.settings().evidence_dir
    paths = [f"{folder}/{name}" for name in done.removed]
    for line in write_lists(site.root, site.root / ".cache", paths, done.before):
        click.echo(line)


def _check(site: SiteConfig, hidden: list[str]) -> None:
    """:raises SystemExit: 1 where some commit has it, else 0."""
    found = list(search(site.root, hidden))
    for line in found:
        click.echo(line)
    click.echo(f"{len(found)} found in git's history")
    raise SystemExit(1 if found else 0)


@click.command(short_help="Take words out of evidence that is kept, and seal that.")
@click.argument("hidden", nargs=-1, required=True)
@click.option("--reason", help="Why; it is published in the tombstone.")
@click.option("--by", help="Who signs it off; published too.")
@click.option("--check", is_flag=True, help="Change nothing: look for it in every commit of git.")
@click.option("--whole", is_flag=True, help="HIDDEN are observations, runs or pages: all of them.")
@config_file
def redact(  # noqa: PLR0913  # its options
    hidden: tuple[str, ...],
    reason: str | None,
    by: str | None,
    config: Path,
    *,
    whole: bool,
    check: bool,
) -> None:
    """Take words, addresses or networks (HIDDEN) out of objects and runs, and seal that.

    With --whole: withdraw an observation (its id), a run (its path or name, also one that is lost),
    or all that a page has asked (page.md, page.md#id).

    Git's history, and copies that others made, still have them: the guide says what to do.
    """
    site = read_site(config)
    if check:
        _check(site, list(hidden))
    if not reason or not by:
        raise click.UsageError("--reason and --by are needed: the tombstone names both")
    if whole:
        _withdraw(site, hidden, reason, by)
        return
    _redact(site, list(hidden), reason, by)


def _redact(site: SiteConfig, hidden: list[str], reason: str, by: str) -> None:
    settings = site.settings()
    done = take_out(site.evidence, hidden, reason, by, site.store)
    drafts = (site.root / settings.drafts_dir).glob("*/")
    unpublished = sum(redact_draft(one, hidden) for one in sorted(drafts))
    if unpublished:
        click.echo(f"{unpublished} runs of drafts written anew in {settings.drafts_dir}")
    if done.tombstone is None:
        click.echo("nothing in the evidence holds that")
        return
    for name, lines in done.runs.items():
        click.echo(_which(name, lines))
    click.echo(f"{done.objects} objects written anew; tombstone {done.tombstone.name}")
    click.echo(f"head {done.head}")
    _again_away(site)
    if (told := Redactor(hidden).text(f"{reason} {by}")) != f"{reason} {by}":
        click.echo(f"the tombstone itself names it, and is published: “{told}” would not have")
    if later := [one for one in hidden if one not in settings.redact]:
        click.echo(
            f"the next measurement may keep {', '.join(later)} again: name it in `redact` too"
        )
    if gone := clean_site(site.root / str(site.config.get("site_dir") or "site"), hidden):
        click.echo(f"{gone} files of the built site held it and were removed; build again")
    _lists(site, done)
