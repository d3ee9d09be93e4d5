"""Keys that sign: the log's heads and the vantages' runs, as signed notes (c2sp.org/signed-note).

A key is Ed25519 (RFC 8032), written as Go's note package writes it: ``PRIVATE+KEY+<name>+<id>+…``.
It stands in the environment (``SOTOKARA_KEY``), as in CI, or in a file beside mkdocs.yml that
nobody else may read. Without a key everything works as before, unsigned.
"""

import os
import secrets
import stat
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from sotokara.ledger import verify as verifier
from sotokara.ledger.lines import LedgerError

VARIABLE = "SOTOKARA_KEY"
FILE = ".sotokara.key"
"""The key's file, beside mkdocs.yml."""
_ED25519 = b"\x01"


class SigningKey(NamedTuple):
    """A private key: its name, and its 32 secret bytes."""

    name: str
    seed: bytes

    @property
    def public(self) -> bytes:
        """The public key's 32 bytes."""
        public: bytes = _private(self.seed).public_key().public_bytes_raw()
        return public

    @property
    def verifier(self) -> str:
        """The verifier key, as it stands in ``signers``."""
        key_id = verifier.key_id(self.name, 1, self.public).hex()
        return f"{self.name}+{key_id}+{b64encode(_ED25519 + self.public).decode()}"

    @property
    def text(self) -> str:
        """The key itself, to be kept secret."""
        key_id = verifier.key_id(self.name, 1, self.public).hex()
        coded = b64encode(_ED25519 + self.seed).decode()
        return f"PRIVATE+KEY+{self.name}+{key_id}+{coded}"

    def note(self, text: bytes) -> bytes:
        """A text (whole lines) as a note that this key has signed."""
        return text + b"\n" + self.signature(text)

    def signature(self, text: bytes) -> bytes:
        """The line that stands for this key below a note of that text."""
        key_id = verifier.key_id(self.name, 1, self.public)
        signature = b64encode(key_id + _private(self.seed).sign(text)).decode()
        return f"\N{EM DASH} {self.name} {signature}\n".encode()


def _private(seed: bytes):  # type: ignore[no-untyped-def]  # noqa: ANN202  # imported only where there is a key
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)


def valid(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature verifies: ``verify.Valid``, by a library, which is quicker."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make(name: str) -> SigningKey:
    """A new key.

    :raises ValueError: for a name that no signed note can have.
    """
    if not name or any(char.isspace() or char == "+" for char in name):
        message = f"{name!r} is no name of a key: blanks and + are not possible"
        raise ValueError(message)
    return SigningKey(name, secrets.token_bytes(32))


def parse(text: str) -> SigningKey:
    """A key from its text.

    :raises ValueError: for what is none; it does not repeat the text.
    """
    try:
        private, key, name, key_id, coded = text.strip().split("+", 4)
        raw = b64decode(coded, validate=True)
        found = SigningKey(name, raw[1:])
        proper = (private, key, raw[:1], len(raw)) == ("PRIVATE", "KEY", _ED25519, 33)
        if not proper or verifier.key_id(name, 1, found.public).hex() != key_id:
            raise ValueError  # noqa: TRY301  # all that is wrong is said alike
    except ValueError as error:
        message = "no key: it begins with PRIVATE+KEY+; `sotokara key` makes one"
        raise ValueError(message) from error
    return found


def find_key(folder: Path) -> SigningKey | None:
    """The key of the site that a ledger belongs to; None where it has none.

    :raises LedgerError: when there is one that is broken, or that others may read.
    """
    given = os.environ.get(VARIABLE, "").strip()
    where = f"the environment's {VARIABLE}"
    if not given:
        path = key_file(folder)
        if path is None or not path.is_file():
            return None
        where = str(path)
        if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
            message = f"{path}: others may read this key; chmod 600, or make a new one"
            raise LedgerError(message)
        given = path.read_text("utf-8")
    try:
        return parse(given)
    except ValueError as error:
        message = f"{where}: {error}"
        raise LedgerError(message) from error


@cache
def verifier_hash() -> str:
    """The SHA-256 of the verifier that readers download, ``verify.py``: each note names it."""
    return verifier.sha(Path(verifier.__file__).read_bytes())


def key_file(folder: Path) -> Path | None:
    """Where a ledger's key is: beside the mkdocs.yml above it; None where there is none."""
    for parent in folder.resolve().parents:
        if any((parent / name).is_file() for name in ("mkdocs.yml", "mkdocs.yaml")):
            return parent / FILE
    return None


def signers(folder: Path) -> list[verifier.Signer]:
    """The keys that the ledger names.

    :raises LedgerError: when the file is none.
    """
    try:
        return verifier.parse_signers(verifier.Folder(str(folder)).read("signers"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        message = f"{folder / 'signers'}: {error}; restore it from git"
        raise LedgerError(message) from error


def speaks(folder: Path, key: SigningKey | None, role: str, subject: str = "") -> bool:
    """Whether a key speaks now for the log, or for a vantage."""
    if key is None:
        return False
    now = datetime.now(UTC).timestamp()
    return any(
        (one.role, one.name, one.key) == (role, key.name, key.public)
        and (role == "log" or one.subject in (subject, "*") or subject == "transcript")
        and one.since <= now < one.until
        for one in signers(folder)
    )


def log_key(folder: Path) -> SigningKey | None:
    """The key that signs the log's heads here; None where the log has none.

    :raises LedgerError: when the log has one, and this place has not: a seal without its checkpoint
        would be one that anybody could have made.
    """
    if not (folder / "signers").is_file():
        return None
    key, moment = find_key(folder), datetime.now(UTC).timestamp()
    logs = [one for one in signers(folder) if one.role == "log" and one.since <= moment < one.until]
    if logs and not speaks(folder, key, "log"):
        message = f"{folder / 'signers'}: the log's key ({logs[0].name}) is not here: seal where it"
        message += f" is, or give a key of the log in {VARIABLE} (`sotokara key --print --log`)"
        message += "; where it is lost: `sotokara key --replace`; nothing was sealed"
        raise LedgerError(message)
    return key


Sign = Callable[[str, bytes], bytes]
"""The note over a run: of its path in the ledger and its content."""


def signs_runs(folder: Path, vantage: str) -> Sign | None:
    """What signs the runs of a vantage; None where it has no key.

    :raises LedgerError: when there is a key and it cannot be used.
    """
    key = find_key(folder) if (folder / "signers").is_file() else None
    if key is None or not speaks(folder, key, "vantage", vantage):
        return None

    def sign(path: str, content: bytes) -> bytes:
        nodes = verifier.leaves(path, content)
        return key.note(verifier.run_note(path, len(nodes), verifier.root_of(nodes)))

    return sign


def signs_batches(folder: Path, vantage: str) -> Callable[[str, int, str], bytes] | None:
    """What signs the batches of a vantage: of path, rows and root. None where it has no key.

    :raises LedgerError: when there is a key and it cannot be used.
    """
    key = find_key(folder) if (folder / "signers").is_file() else None
    if key is None or not speaks(folder, key, "vantage", vantage):
        return None
    return lambda path, rows, root: key.note(verifier.run_note(path, rows, root))
