"""Who made a run: a key of the vantage that it names, or somebody else (``evidence/signers``)."""

from pathlib import Path

from sotokara.core.canonical import digest
from sotokara.ledger import signing
from sotokara.ledger import verify as verifier

OTHERS = "\x01"
"""Stands before the vantage's name, in the derived index, where others have added a run."""


def named_keys(folder: Path) -> str:
    """What changes when ``signers`` does; nothing where nobody signs."""
    try:
        return digest(verifier.Folder(str(folder)).read("signers"))
    except OSError:
        return ""


class Makers:
    """Tells runs of the blog's own from those that others have added."""

    def __init__(self, folder: Path) -> None:
        self._source = verifier.Folder(str(folder))
        self._names: set[str] = set()
        self._seen: verifier.Seen | None = None
        if not named_keys(folder):
            return
        self._names = set(self._source.names())

        def passed(*_: str) -> None:
            """`verify` says what is wrong."""

        chain = verifier.read_chain(self._source, self._names, passed)
        stones = verifier.bury(self._source, self._names, chain, passed)
        signers = verifier.read_signers(self._source, self._names, chain, passed)
        self._seen = verifier.Seen(chain, stones, signers, signing.valid)

    def others(self, name: str) -> bool:
        """Whether a run (``runs/…``) is signed by nobody who speaks for its vantage."""
        if self._seen is None:
            return False
        found: list[str] = []
        chain = self._seen.chain
        sealed = chain.made.get(chain.files.get(name, ("", 0))[1])
        began = verifier.moment(name.rpartition("/")[2])
        known = (self._seen, began, sealed)

        def add(code: str, *_: str) -> None:
            found.append(code)

        if name.endswith(".parquet"):
            path = name.removesuffix(".parquet")
            try:
                told = verifier.read_batch(self._source.read(f"{path}.json"), path)
            except verifier.Unread:
                return True
            about = (told["rows"], told["root"])
            verifier.verify_signature(self._source, (name, b""), self._names, known, add, about)
        else:
            run = (name, self._source.read(name))
            verifier.verify_signature(self._source, run, self._names, known, add)
        return bool(found)
