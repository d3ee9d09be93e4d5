"""Making a key: the private half for its owner, the public half into ``signers``, and a seal."""

import os
import time
from collections.abc import Container, Iterable
from pathlib import Path
from typing import NamedTuple

from sotokara.core.observation import now
from sotokara.ledger import signing
from sotokara.ledger import verify as verifier
from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.seals import SealHead, head, seal, seal_path

_HEAD = b"# Which keys speak for this evidence (docs/guide/format.md).\n"


class KeyRequest(NamedTuple):
    """A key to be made. ``file``: for its private half; None: it is only printed."""

    name: str
    vantage: str
    file: Path | None
    replace: bool = False
    log: bool = False
    """It seals, too: the log may have several keys, one at each place that seals."""


class Made(NamedTuple):
    """What was made: the key, what it speaks for, and the head after it."""

    key: signing.SigningKey
    roles: list[str]
    head: SealHead


def make_key(folder: Path, wanted: KeyRequest) -> Made:
    """Make a key, name it in ``signers`` from now on, and seal that.

    What is not sealed yet is sealed first: it is from before this key. The log's key is the first
    one that is made; a later one speaks for its vantage alone, unless it replaces the log's or
    ``wanted.log`` says so. It is the log's key that signs this change.

    :raises LedgerError: when the evidence is not sound, a key is there, or the log's is elsewhere.
    :raises ValueError: for a name that no key can have.
    """
    key, old = signing.make(wanted.name), _present(folder)
    if wanted.file is not None and wanted.file.exists() and not wanted.replace:
        message = f"{wanted.file}: there is a key; --replace ends it and makes another"
        raise LedgerError(message)
    folder.mkdir(parents=True, exist_ok=True)
    speaks = [one for one in signing.signers(folder) if one.until > now().timestamp()]
    taken = {one.key for one in speaks if (one.role, one.subject) == ("vantage", wanted.vantage)}
    if taken and not wanted.replace:
        message = f"{folder / 'signers'}: {wanted.vantage} has a key; --replace ends it"
        raise LedgerError(message)
    logs = {one.key for one in speaks if one.role == "log"}
    ends_log = bool(taken & logs)
    here = old if old is not None and old.public in logs else None
    lost = bool(logs) and here is None
    for_log = not logs or ends_log or wanted.log
    if lost and not ends_log:
        _refuse(folder, speaks)
    if not lost:
        seal(folder)
    _private(wanted.file, key)
    if lost:
        _seal_with_follower(folder, key, taken)
    time.sleep(0.002)  # what is sealed by now is from an earlier millisecond than the key
    since = _stamp()
    lines = [f"vantage {wanted.vantage} {key.verifier} {since} -"]
    if for_log and not lost:
        lines.insert(0, f"log {key.verifier} {since} -")
    kept = _ended(folder, taken, since)
    write_all({folder / "signers": kept + "".join(f"{one}\n" for one in lines).encode()})
    speaking = key if here is None or here.public in taken else here
    made = seal_with(folder, speaking) or head(folder)
    if for_log and here is not None and speaking is key:
        _cosign(folder, made.number, here)
    roles = [f"the vantage {wanted.vantage}", *(["the log"] if for_log else [])]
    return Made(key, roles, made)


def _refuse(folder: Path, speaks: Iterable[verifier.Signer]) -> None:
    """:raises LedgerError: the log's key is neither here nor to be replaced."""
    every = list(speaks)
    logs = {one.key: one.name for one in every if one.role == "log"}
    places = sorted(one.subject for one in every if one.role == "vantage" and one.key in logs)
    named = ", ".join(sorted({*logs.values()}))
    message = f"{folder / 'signers'}: the log's key ({named}) is not here: "
    message += "make this one where it is, with --print and --vantage"
    message += f"; where it is lost: sotokara key --replace --vantage {places[0]}" if places else ""
    raise LedgerError(message)


def _seal_with_follower(folder: Path, key: signing.SigningKey, lost: set[bytes]) -> None:
    """Seal what is not sealed yet where the log's key is lost: with its follower.

    The follower speaks for the log from now on, and for its vantage only after this seal: what the
    lost key has signed as a vantage's was sealed in its time.
    """
    since = _stamp()
    ended = _ended(folder, lost, since, (b"log",))
    write_all({folder / "signers": ended + f"log {key.verifier} {since} -\n".encode()})
    seal_with(folder, key)


def _stamp() -> str:
    return now().isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _present(folder: Path) -> signing.SigningKey | None:
    """The key that is used so far; None where it is lost or broken."""
    try:
        return signing.find_key(folder)
    except LedgerError:
        return None


def _cosign(folder: Path, number: int, old: signing.SigningKey) -> None:
    """Let the key that is followed by another sign its follower's first checkpoint too.

    It shows that nobody else has changed the keys: who has lost the old one cannot do it.
    """
    path = seal_path(folder, number).with_suffix(".note")
    if path.is_file():
        content = path.read_bytes()
        text, _ = verifier.parse_note(content)
        write_all({path: content + old.signature(text)})


def seal_with(folder: Path, key: signing.SigningKey) -> SealHead | None:
    """Seal with a key that is nowhere else yet."""
    before = os.environ.get(signing.VARIABLE)
    os.environ[signing.VARIABLE] = key.text
    try:
        return seal(folder)
    finally:
        if before is None:
            del os.environ[signing.VARIABLE]
        else:
            os.environ[signing.VARIABLE] = before


def _private(file: Path | None, key: signing.SigningKey) -> None:
    """Write the private half for its owner alone, and keep git from it."""
    if file is None:
        return
    if file.exists():
        file.replace(file.with_name(f"{file.name}.old"))
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(file, flags, 0o600), "wb") as opened:
        opened.write(f"{key.text}\n".encode())
    ignored = file.with_name(".gitignore")
    text = ignored.read_text("utf-8") if ignored.is_file() else ""
    if f"{file.name}*" not in text.splitlines():
        end = "" if not text or text.endswith("\n") else "\n"
        ignored.write_text(f"{text}{end}{file.name}*\n", "utf-8")


def _ended(
    folder: Path, keys: set[bytes], until: str, roles: Container[bytes] = (b"log", b"vantage")
) -> bytes:
    """``signers`` as it is, with an end to the lines of these keys in these roles."""
    try:
        lines = verifier.Folder(str(folder)).read("signers").splitlines()
    except OSError:
        return _HEAD
    done = []
    for line in lines:
        parsed = verifier.parse_signers(line)
        if parsed and parsed[0].key in keys and parsed[0].until == float("inf"):
            words = line.split()
            if words[0] not in roles:
                done.append(line + b"\n")
                continue
            open_ended = words[-1] == b"-"
            line = b" ".join([*(words[:-1] if open_ended else words), until.encode()])  # noqa: PLW2901
        done.append(line + b"\n")
    return b"".join(done)
