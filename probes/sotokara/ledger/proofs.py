"""Proofs out of the log: that a line is in it, and that it has only grown (RFC 9162, 2.1.3, 2.1.4).

They are written as C2SP has them: ``tlog-proof`` for a line, the request of ``tlog-witness`` for
growth, so that other tools and witnesses read them. ``verify.py --proof`` checks both.
"""

from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

from sotokara.ledger import verify as verifier
from sotokara.ledger.batch_check import leaves_of
from sotokara.ledger.batches import Batches
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.seals import seal_path, sound_chain
from sotokara.ledger.store import Store

UNSIGNED = "sotokara/unsigned"
"""The origin of the checkpoint of a log that has no key."""


def inclusion(index: int, nodes: list[bytes]) -> list[bytes]:
    """The inclusion proof of a leaf among all of a log's (RFC 9162, 2.1.3.1)."""
    path: list[bytes] = []
    while len(nodes) > 1:
        half = _half(len(nodes))
        if index < half:
            path.append(_root(nodes[half:]))
            nodes = nodes[:half]
        else:
            path.append(_root(nodes[:half]))
            nodes, index = nodes[half:], index - half
    return path[::-1]


def consistency(first: int, nodes: list[bytes]) -> list[bytes]:
    """The consistency proof from a log's first leaves to all of them (RFC 9162, 2.1.4.1)."""
    path: list[bytes] = []
    whole = True
    while 0 < first < len(nodes):
        half = _half(len(nodes))
        if first <= half:
            path.append(_root(nodes[half:]))
            nodes = nodes[:half]
        else:
            path.append(_root(nodes[:half]))
            nodes, first, whole = nodes[half:], first - half, False
    if first and not whole:
        path.append(_root(nodes))
    return path[::-1]


def _half(count: int) -> int:
    """The largest power of two below a number that is larger than 1."""
    return 1 << (count - 1).bit_length() - 1


def _root(nodes: list[bytes]) -> bytes:
    return bytes.fromhex(verifier.root_of(nodes))


class SealLog(NamedTuple):
    """The log of a ledger: its leaves, the index of each file's first one, and what it is from."""

    folder: Path
    chain: verifier.Chain
    nodes: list[bytes]
    first: dict[str, int]

    def checkpoint(self, number: int) -> bytes:
        """The checkpoint of a seal, as it is signed; its bare text where the log has no key."""
        path = seal_path(self.folder, number).with_suffix(".note")
        if path.is_file() and not path.is_symlink():
            return path.read_bytes()
        size, root = self.chain.logs[number]
        return verifier.checkpoint(UNSIGNED, size, root, f"{number}:{self.chain.hashes[number]}")


def read_log(folder: Path) -> SealLog:
    """All leaves of a ledger's log.

    :raises LedgerError: when there is none, or what is here does not give the sealed root.
    """
    chain = sound_chain(folder)
    if not chain.logs:
        message = f"{folder}: there is no log yet; `sotokara seal` begins one"
        raise LedgerError(message)
    source = verifier.Folder(str(folder))
    stones = verifier.bury(source, set(source.names()), chain, lambda *_: None)
    start = min(chain.order)
    nodes = [verifier.beginning(start - 1, chain.hashes.get(start - 1, ""))]
    first: dict[str, int] = {}
    tree = verifier.Tree()
    for number in sorted(chain.order):
        for path, lines, hashed in chain.order[number]:
            first.setdefault(path, len(nodes))
            nodes += _leaves(source, path, stones) if lines else [verifier.file_leaf(path, hashed)]
        tree.extend(nodes[tree.size :])
        if (tree.size, tree.root()) != chain.logs[number]:
            message = f"{seal_path(folder, number)}: its lines do not give its root; see `verify`"
            raise LedgerError(message)
    return SealLog(folder, chain, nodes, first)


def _leaves(source: verifier.Folder, path: str, stones: dict[str, verifier.Stone]) -> list[bytes]:
    try:
        return verifier.run_leaves(path, source.read(path), stones.get(path))
    except (OSError, ValueError) as error:
        message = f"{path}: {error}; see `verify`"
        raise LedgerError(message) from error


def prove_line(folder: Path, name: str) -> bytes:
    """The proof that an observation, by its id, is in the log (c2sp.org/tlog-proof).

    :raises LedgerError: when it is not, or when nobody can prove it any more.
    """
    run, _, line = name.rpartition("-")
    path = f"runs/{run[:4]}/{run[4:6]}/{run[6:8]}/{run}.jsonl"
    log = read_log(folder)
    if path not in log.first or not 0 < int(line) <= log.chain.lines[path]:
        message = f"{name}: not sealed; `sotokara seal` seals what is here"
        raise LedgerError(message)
    content = verifier.Folder(str(folder)).read(path)
    lines, salt = verifier.bare_lines(content)
    own = verifier.salts(salt, len(lines))[int(line) - 1]
    entry = own + f"{path}:{line}\n".encode() + lines[int(line) - 1]
    index = log.first[path] + int(line) - 1
    if verifier.entry_hash(entry) != log.nodes[index]:
        message = f"{name}: redacted; its leaf is in the log, and nobody can show what it was of"
        raise LedgerError(message)
    newest = max(log.chain.logs)
    head = [verifier.INCLUDED, b"extra " + b64encode(entry), b"index %d" % index]
    hashes = map(b64encode, inclusion(index, log.nodes))
    return b"\n".join([*head, *hashes]) + b"\n\n" + log.checkpoint(newest)


def prove_row(folder: Path, name: str, store: Store | None = None) -> bytes:
    """The proof that a row of a batch, by its id, is in the log: first in its batch.

    ``store``: where its rows may be, beside the ledger.

    :raises LedgerError: when it is not, or when nobody can prove it any more.
    :raises MissingExtraError: without the extra ``bulk``.
    """
    batches = Batches(folder, store=store)
    found = batches.find(name)
    if found is None or not 0 < found[1] <= found[0].manifest.rows:
        message = f"{name}: no such row; `sotokara show` lists the batches"
        raise LedgerError(message)
    kept, number = found
    log, beside = read_log(folder), f"{kept.path}.json"
    if beside not in log.first:
        message = f"{name}: not sealed; `sotokara seal` seals what is here"
        raise LedgerError(message)
    nodes, own = leaves_of(folder, kept, number, store)
    if own is None:
        message = f"{name}: redacted; its leaf is in the log, and nobody can show what it was of"
        raise LedgerError(message)
    content = verifier.Folder(str(folder)).read(beside)
    head = [verifier.BATCH_ROW, b"row %d of %d" % (number, len(nodes)), b"entry " + b64encode(own)]
    path = map(b64encode, inclusion(number - 1, nodes))
    entry = f"{beside} {verifier.sha(content)}".encode()
    index = log.first[beside]
    if verifier.entry_hash(entry) != log.nodes[index]:
        raise LedgerError(f"{folder / beside}: not what was sealed; see `verify`")
    proof = [verifier.INCLUDED, b"extra " + b64encode(entry), b"index %d" % index]
    hashes = map(b64encode, inclusion(index, log.nodes))
    manifest = b"manifest " + b64encode(content)
    told = [b"\n".join([*head, *path]), b"\n".join([manifest, *proof, *hashes])]
    return b"\n\n".join(told) + b"\n\n" + log.checkpoint(max(log.chain.logs))


def prove_growth(folder: Path, old: int, new: int = 0) -> bytes:
    """The proof that the log of one seal has only grown to that of another, or to the newest.

    ``old`` may be 0: the log before its first leaf, as a witness is first asked. It is the body of
    a request ``add-checkpoint`` (c2sp.org/tlog-witness).

    :raises LedgerError: when there is no such seal.
    """
    log = read_log(folder)
    new = new or max(log.chain.logs)
    for number in (old, new):
        if number and number not in log.chain.logs:
            message = f"seal {number} has no log: it is not here, or of version 1"
            raise LedgerError(message)
    size = log.chain.logs[old][0] if old else 0
    whole = log.chain.logs[new][0]
    if size > whole:
        message = f"seal {old} is not before seal {new}"
        raise LedgerError(message)
    hashes = map(b64encode, consistency(size, log.nodes[:whole]))
    return b"\n".join([b"old %d" % size, *hashes]) + b"\n\n" + log.checkpoint(new)
