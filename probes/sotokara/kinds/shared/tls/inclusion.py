"""Whether a log has a certificate: its proof, led to a tree head that it has signed (RFC 6962).

Pure: what the log answered is kept, so that anybody can lead the proof again.
"""

import json
import struct
from base64 import b64decode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sotokara.kinds.shared.tls.signatures import verifies

INCLUDED, NOT_INCLUDED, WRONG_PROOF, WRONG_HEAD, NO_ANSWER = STANDINGS = (
    "included",
    "not_included",
    "wrong_proof",
    "wrong_head",
    "no_answer",
)
"""What may come of a proof; ``wrong_head``: the tree head's signature is not the log's."""
NOT_FOUND = 404
_MOST_PATH = 64


class Answer(NamedTuple):
    """What a log answered: its tree head, its proof, and the proof's HTTP status."""

    head: bytes = b""
    proof: bytes = b""
    status: int = 0


def leaf_hash(signed: bytes) -> bytes:
    """The leaf of an entry (2.1, 3.4): what a timestamp signs has the leaf's very bytes."""
    return sha256(b"\0" + signed).digest()


def head_of(answer: bytes) -> tuple[int, bytes]:
    """Size and root in a log's ``get-sth``. :raises ValueError: for what is none."""
    found = _object(answer)
    size, root = found.get("tree_size"), _bytes(found.get("sha256_root_hash"))
    if not isinstance(size, int) or not 0 < size < 1 << 63 or len(root) != sha256().digest_size:
        raise ValueError("no tree head")
    return size, root


def standing_of(answer: Answer, key: bytes, leaf: bytes) -> tuple[str, int | None, int]:
    """Of STANDINGS, the place in the log, and the size of the tree that it was proven in."""
    try:
        size, root = head_of(answer.head)
        if not _signed(_object(answer.head), key, size, root):
            return WRONG_HEAD, None, size
        if answer.status == NOT_FOUND:
            return NOT_INCLUDED, None, size
        found = _object(answer.proof)
        index, path = found["leaf_index"], [_bytes(one) for one in found["audit_path"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        return NO_ANSWER, None, 0
    if not isinstance(index, int) or not 0 <= index < size or len(path) > _MOST_PATH:
        return WRONG_PROOF, None, size
    return (INCLUDED if led(leaf, index, size, path) == root else WRONG_PROOF), index, size


def led(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that an audit path leads to (RFC 9162, 2.1.3.2); empty where it does not fit."""
    at, last, node = index, size - 1, leaf
    for one in path:
        if last == 0:
            return b""
        if at & 1 or at == last:
            node = sha256(b"\1" + one + node).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            node = sha256(b"\1" + node + one).digest()
        at, last = at >> 1, last >> 1
    return node if last == 0 else b""


def _signed(head: dict[str, Any], key: bytes, size: int, root: bytes) -> bool:
    """Whether the tree head is the log's (RFC 6962, 3.5)."""
    moment, signature = head.get("timestamp"), _bytes(head.get("tree_head_signature"))
    if not isinstance(moment, int) or not 0 <= moment < 1 << 63 or len(signature) < 4:  # noqa: PLR2004
        return False
    signed = b"\0\1" + struct.pack(">QQ", moment, size) + root
    return verifies(key, signature[4:], signed)


def _object(content: bytes) -> dict[str, Any]:
    found = json.loads(content)
    if not isinstance(found, dict):
        raise TypeError("no object")
    return found


def _bytes(text: object) -> bytes:
    return b64decode(str(text), validate=True)
