"""``sotokara prove``: proofs out of the evidence's log, for somebody who has none of it."""

from pathlib import Path

import click

from sotokara.cli import completion
from sotokara.ledger import LedgerError, proofs, seals
from sotokara.ledger import verify as verifier
from sotokara.site.read_site import config_file, read_site


@click.command(short_help="Prove that an observation is in the log, or that it only grew.")
@config_file
@click.argument("which", required=False, shell_complete=completion.which)
@click.option("--from", "old", default=None, metavar="N[:HASH]", help="A head: prove growth.")
@click.option("--to", "new", default=0, metavar="N", help="The later seal; by default the newest.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="The proof's file; by default it is printed.",
)
def prove(config: Path, which: str | None, old: str | None, new: int, output: Path | None) -> None:
    """Prove that an observation (WHICH is its id) is in the log, or that the log has only grown.

    The proof is in the forms of C2SP: tlog-proof for an observation; for growth (--from) the body
    that a witness is asked with. `sotokara verify --proof FILE` and verify.py check both.
    """
    if (which is None) == (old is None):
        message = "name an observation's id, or a seal with --from (0: from the beginning)"
        raise click.UsageError(message)
    folder = read_site(config).evidence
    if which is not None:
        if verifier.is_id(which) is False:
            message = f"{verifier.visible(which)!r} is no id; take it from a figure's link"
            raise click.UsageError(message)
        path = verifier.batch_of(which)
        of_batch = path is not None and (folder / f"{path}.json").is_file()
        if of_batch:
            proof = proofs.prove_row(folder, which, read_site(config).store)
        else:
            proof = proofs.prove_line(folder, which)
    else:
        proof = proofs.prove_growth(folder, _seal_number(folder, old or ""), new)
    if output is None:
        click.echo(proof, nl=False)
        return
    output.write_bytes(proof)
    click.echo(f"{output}: check it with `python3 verify.py --proof {output} --key KEY`")


def _seal_number(folder: Path, given: str) -> int:
    """The seal that a head, or its number alone, names.

    :raises LedgerError: when the seal that is here is another one.
    """
    if given.isascii() and given.isdecimal():
        return int(given[:12])
    try:
        number, hashed = verifier.read_head(given)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    ours = seals.sound_chain(folder).hashes.get(number, "")
    if not ours.startswith(hashed):
        message = f"seal {number} here is {ours or 'missing'}, and not {hashed}: nothing is proved"
        raise LedgerError(message)
    return number
