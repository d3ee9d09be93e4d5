"""``sotokara verify``: all evidence, one figure, or a proof."""

from pathlib import Path

import click

from sotokara.cli import completion
from sotokara.cli.seal import time_stamps
from sotokara.ledger import Ledger, LedgerError, seals, signing
from sotokara.ledger import verify as verifier
from sotokara.ledger.batch_check import check_rows
from sotokara.ledger.read_again import read_again
from sotokara.ledger.store import Store
from sotokara.site.read_site import config_file, read_site

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _tokens(config: Path, folder: Path) -> list[verifier.Finding]:
    """The kept tokens against the pinned certificate, where one is set."""
    site = read_site(config)
    certificate = site.settings().tsa.certificate
    if not certificate:
        return []
    tokens = time_stamps()

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


@click.command(short_help="Verify all evidence, one figure's, or a proof.")
@config_file
@click.argument("which", required=False, shell_complete=completion.which)
@click.option("--head", default=None, metavar="N:HASH", help="A head printed or noted earlier.")
@click.option("--site", default="", metavar="URL", help="Compare with the head published there.")
@click.option("--read", is_flag=True, help="Read raw again: name facts that do not follow from it.")
@click.option("--proof", default=None, type=_FILE, help="A proof, held against what is here.")
@click.option("--key", multiple=True, metavar="KEY", help="A log's or witness's key, for --proof.")
@click.option("--old", default=None, type=_FILE, help="A checkpoint of yours that --proof is from.")
def verify(  # noqa: PLR0913  # its options
    config: Path,
    which: str | None,
    *,
    head: str | None,
    site: str,
    proof: Path | None,
    key: tuple[str, ...],
    old: Path | None,
    read: bool,
) -> None:
    """Verify all evidence, one figure's (WHICH is its id), or a proof of `sotokara prove`.

    Every file is hashed and held against the seals. Exit 1: something is wrong.
    """
    _refuse(which, proof, key, old)
    _well_formed(head)
    read_config = read_site(config)
    folder = read_config.evidence
    if not folder.is_dir():
        raise click.ClickException(f"{folder}: no evidence here yet")
    source = verifier.Folder(str(folder))
    valid = signing.valid if (folder / "signers").exists() else None
    lines: list[str] = []
    try:
        heads = [one for one in (head, verifier.published_head(site) if site else "") if one]
        if proof:
            kept = old.read_bytes() if old else b""
            named = [verifier.parse_key(text) for text in key]
            trust = verifier.Trust(named, {}, heads[0] if heads else "", kept)
            found, lines = verifier.hold_proof(source, proof.read_bytes(), trust, signing.valid)
        elif which:
            found, lines = verifier.look(source, which, heads[0] if heads else "", valid)
        else:
            found = verifier.verify(source, heads[0] if heads else "", valid)
        for other in heads[1:]:
            found += _against(source, other)
    except (OSError, ValueError, verifier.Unread) as error:
        message = f"cannot be verified: {verifier.visible(error)}"
        raise click.ClickException(message) from error
    stamped = [] if which or proof else _tokens(config, folder)
    held = {one.where for one in stamped}
    found = [one for one in found if one.where not in held] + stamped
    if not which and not proof:
        found = _with_rows(found, folder, read_config.store)
    found += list(read_again(Ledger(folder, folder.parent / ".cache"), which)) if read else []
    for text in (*lines, *verifier.said(found)):
        click.echo(text)
    wrong = sum(one.wrong for one in found)
    bad = any(one.wrong and one.where.startswith("seals/") for one in found)
    told = "the head is not to be trusted" if bad else _head(folder)
    click.echo(f"{wrong} wrong, {len(found) - wrong} notes; {told}")
    if wrong:
        raise SystemExit(1)


def _with_rows(
    found: list[verifier.Finding], folder: Path, store: Store | None
) -> list[verifier.Finding]:
    """What the rows of batches say, too; of a store that was asked it is said what came of it."""
    told = list(check_rows(folder, store))
    if store is None or any(one.where == "batches" for one in told):
        return found + told
    return [one for one in found if one.code != "stored"] + told


def _well_formed(head: str | None) -> None:
    """:raises click.BadParameter: for what is no head."""
    try:
        if head is not None:
            verifier.read_head(head)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--head") from error


def _refuse(which: str | None, proof: Path | None, key: tuple[str, ...], old: Path | None) -> None:
    """:raises click.UsageError: for what does not go together."""
    if proof is None and (key or old):
        message = "--key and --old go with --proof"
        raise click.UsageError(message)
    if proof and which:
        message = "name an observation, or a proof with --proof"
        raise click.UsageError(message)
    if which and verifier.is_id(which) is False:
        message = f"{verifier.visible(which)!r} is no id; take it from a figure's link"
        raise click.UsageError(message)


def _against(source: verifier.Folder, head: str) -> list[verifier.Finding]:
    """One more head."""
    every = verifier.verify(source, head, signing.valid)
    return [one for one in every if one.code in ("rolled_back", "resealed", "repaired")]
