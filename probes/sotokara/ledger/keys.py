"""Making a key: the private half for its owner, the public half into ``signers``, and a seal."""

import os
import time
from pathlib import Path
from typing import NamedTuple

from sotokara.core.observation import now
from sotokara.ledger import signing
from sotokara.ledger import verify as verifier
from sotokara.ledger.disk import write_all
from sotokara.ledger.lines import LedgerError
from sotokara.ledger.seals import Head, head, seal, seal_path

_HEAD = b"# Which keys speak for this evidence (docs/guide/format.md).\n"


class Wanted(NamedTuple):
    """A key to be made. ``file``: for its private half; None: it is only printed."""

    name: str
    vantage: str
    file: Path | None
    replace: bool = False


class Made(NamedTuple):
    """What was made: the key, what it speaks for, and the head after it."""

    key: signing.Key
    roles: list[str]
    head: Head


def make_key(folder: Path, wanted: Wanted) -> Made:
    """Make a key, name it in ``signers`` from now on, and seal that.

    What is not sealed yet is sealed first: it is from before this key. The log's key is the first
    one that is made; a later one speaks for its vantage alone, unless it replaces the log's.

    :raises LedgerError: when the evidence is not sound, or a key is there.
    :raises ValueError: for a name that no key can have.
    """
    key, old = signing.make(wanted.name), _present(folder)
    if wanted.file is not None and wanted.file.exists() and not wanted.replace:
        message = f"{wanted.file}: there is a key; --replace ends it and makes another"
        raise LedgerError(message)
    folder.mkdir(parents=True, exist_ok=True)
    speaks = [one for one in signing.signers(folder) if one.until > now().timestamp()]
    taken = [one for one in speaks if (one.role, one.subject) == ("vantage", wanted.vantage)]
    if taken and not wanted.replace:
        message = f"{folder / 'signers'}: {wanted.vantage} has a key; --replace ends it"
        raise LedgerError(message)
    seal(folder)
    logs = [one for one in speaks if one.role == "log"]
    same = {one.key for one in taken} & {one.key for one in logs}
    ended = {one.key for one in taken} | (same if wanted.replace else set())
    for_log = not logs or bool(same and wanted.replace)
    _private(wanted.file, key)
    time.sleep(0.002)  # what is sealed by now is from an earlier millisecond than the key
    since = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    lines = [f"vantage {wanted.vantage} {key.verifier} {since} -"]
    if for_log:
        lines.insert(0, f"log {key.verifier} {since} -")
    kept = _ended(folder, ended, since)
    write_all({folder / "signers": kept + "".join(f"{one}\n" for one in lines).encode()})
    made = seal_with(folder, key) or head(folder)
    if for_log and old is not None and old.public in {one.key for one in logs}:
        _cosign(folder, made.number, old)
    roles = [f"the vantage {wanted.vantage}", *(["the log"] if for_log else [])]
    return Made(key, roles, made)


def _present(folder: Path) -> signing.Key | None:
    """The key that is used so far; None where it is lost or broken."""
    try:
        return signing.find(folder)
    except LedgerError:
        return None


def _cosign(folder: Path, number: int, old: signing.Key) -> None:
    """Let the key that is followed by another sign its follower's first checkpoint too.

    It shows that nobody else has changed the keys: who has lost the old one cannot do it.
    """
    path = seal_path(folder, number).with_suffix(".note")
    if path.is_file():
        content = path.read_bytes()
        text, _ = verifier.parse_note(content)
        write_all({path: content + old.signature(text)})


def seal_with(folder: Path, key: signing.Key) -> Head | None:
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


def _private(file: Path | None, key: signing.Key) -> None:
    """Write the private half for its owner alone, and keep git from it."""
    if file is None:
        return
    if file.exists():
        file.replace(file.with_name(f"{file.name}.old"))
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(key.text + "\n")
    ignored = file.with_name(".gitignore")
    text = ignored.read_text("utf-8") if ignored.is_file() else ""
    if f"{file.name}*" not in text.splitlines():
        end = "" if not text or text.endswith("\n") else "\n"
        ignored.write_text(f"{text}{end}{file.name}*\n", "utf-8")


def _ended(folder: Path, keys: set[bytes], until: str) -> bytes:
    """``signers`` as it is, with an end to the lines of these keys."""
    try:
        lines = verifier.Folder(str(folder)).read("signers").splitlines()
    except OSError:
        return _HEAD
    done = []
    for line in lines:
        parsed = verifier.parse_signers(line)
        if parsed and parsed[0].key in keys and parsed[0].until == float("inf"):
            words = line.split()
            open_ended = words[-1] == b"-"
            line = b" ".join([*(words[:-1] if open_ended else words), until.encode()])  # noqa: PLW2901
        done.append(line + b"\n")
    return b"".join(done)
