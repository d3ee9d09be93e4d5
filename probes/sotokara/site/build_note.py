"""The note of a finished build: which pages it made, with which head, signed with the log's key.

``evidence/pages.sha256`` has the hash of every file of the site that is no evidence, and
``evidence/build.note`` has the hash of that list (docs/guide/format.md). The reader's file holds
pages against it, so a page that was changed after the build is named.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from sotokara.core.observation import now
from sotokara.ledger import LedgerError, signing
from sotokara.ledger import verify as verifier


class Noted(NamedTuple):
    """How many pages a note covers, and the name of the key that has signed it, if one has."""

    pages: int
    signer: str


def write_note(site: Path, folder: Path, address: str) -> Noted:
    """Write the list and the note of a finished site; ``folder``: its ledger.

    :raises LedgerError: when there is no published evidence in it, or a key that cannot be used.
    """
    evidence = site / "evidence"
    try:
        told = json.loads((evidence / "head.json").read_bytes())
        head = f"{told['number']}:{told['hash']}" if told["number"] else ""
        own = hashlib.sha256((evidence / "verify.py").read_bytes()).hexdigest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{site}: no site that `mkdocs build` has made with evidence"
        raise LedgerError(message) from error
    names = sorted(_pages(site))
    with ThreadPoolExecutor(2) as pool:  # large files are hashed side by side
        hashes = pool.map(lambda name: _hash(f"{site}{os.sep}{name}"), names, chunksize=64)
        manifest = "".join(
            f"{hashed}  {name}\n" for hashed, name in zip(hashes, names, strict=True)
        )
    listed = manifest.encode("utf-8", "backslashreplace")
    (evidence / verifier.PAGES).write_bytes(listed)
    when = now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    pages = len(names), hashlib.sha256(listed).hexdigest()
    text = verifier.build_note(_line(address), head, pages, own, when)
    key = signing.find_key(folder) if (folder / "signers").is_file() else None
    signs = key is not None and signing.speaks(folder, key, "log")
    (evidence / verifier.BUILD).write_bytes(key.note(text) if key and signs else text)
    return Noted(len(names), key.name if key and signs else "")


def _pages(site: Path) -> Iterator[str]:
    for name in verifier.Folder(str(site)).names():
        if verifier.is_page(name) and "\n" not in name and "\r" not in name:
            yield name


def _hash(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123  # a site may have tens of thousands
        return hashlib.file_digest(file, "sha256").hexdigest()


def _line(text: str) -> str:
    return "".join(text.split())
