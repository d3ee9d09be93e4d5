"""Witnesses: others who say that they saw the log grow (c2sp.org/tlog-cosignature)."""

from collections.abc import Iterator
from pathlib import Path

from sotokara.ledger import signing
from sotokara.ledger import verify as verifier
from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.seals import seal_path, sound_chain


def add_cosignatures(folder: Path, answer: bytes) -> Iterator[str]:
    """Put a witness's answer to ``add-checkpoint`` below the newest checkpoint.

    Only signatures by witnesses that ``signers`` names are taken. Yields whose, and when.

    :raises LedgerError: when there is no checkpoint, or nothing in the answer verifies.
    :raises ValueError: when the answer is none, or a witness's signature does not verify.
    """
    path = seal_path(folder, max(sound_chain(folder).logs, default=0)).with_suffix(".note")
    if not path.is_file():
        message = f"{path}: there is no checkpoint; `sotokara key` makes a key for the log"
        raise LedgerError(message)
    keys = [one for one in signing.signers(folder) if one.role == "witness"]
    note = path.read_bytes()
    lines = note.splitlines(keepends=True)
    text, _ = verifier.parse_note(note)
    told = []
    for line in answer.splitlines(keepends=True):
        mine = text + b"\n" + line
        by = verifier.signed_by(mine, keys, signing.valid)[1]
        for key, when in verifier.cosignatures(mine, by):
            told.append(f"{path}: cosigned by {key.name} on {when}")
            if line not in lines:
                lines.append(line)
    if not told:
        message = "no witness of `signers` has signed this checkpoint"
        raise LedgerError(message)
    write_all({path: b"".join(lines)})
    yield from told
