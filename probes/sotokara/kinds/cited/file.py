"""A cited file: taken from beside the article, hashed as it is, kept where it is short.

What an author has downloaded is no measurement of the blog's. Its record says which bytes were
cited, of which day and from whom; where they are results of RIPE Atlas, they are read as such.
"""

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from sotokara.core.canonical import NO_JSON
from sotokara.core.observation import Exchange, Failure, ProbeFailure, Reading
from sotokara.kinds.cited.facts import CitedFacts
from sotokara.kinds.cited.parse import RESULTS, read_atlas
from sotokara.network.network import Network

FILE = "file"
"""The step of the exchange, and the protocol."""
PREFIX = "file:"
LARGEST, KEPT = 64 << 20, 256 << 10
"""Bytes that are hashed, and that are kept of one."""
_PIECE = 1 << 20


class FileSource(msgspec.Struct, frozen=True):
    """What was taken in."""

    path: str
    size: int
    sha256: str


async def read_cited_file(net: Network, path: str, expected: str) -> list[Exchange]:
    """Read the file. ``expected``: its SHA-256 as the author says; empty: not said.

    :raises ProbeFailure: ``file_unreadable`` where it is not there or is another.
    """
    found = net.find(path)
    if found is None or not found.is_file():
        raise _unreadable("there is no such file below the pages' folder")
    try:
        if found.stat().st_size > LARGEST:
            raise _unreadable(f"more than {LARGEST >> 20} MiB")
        size, digest, content = await asyncio.to_thread(_hashed, found)
    except OSError as error:
        raise _unreadable(error.strerror or "") from error
    if expected and digest != expected:
        raise _unreadable(f"its SHA-256 is {digest}, not {expected}")
    about = msgspec.json.encode(FileSource(path, size, digest))
    kind = "text/plain" if content and _is_text(content) else "application/octet-stream"
    return [Exchange(FILE, path, FILE, about, content, media_type=kind)]


def _hashed(path: Path) -> tuple[int, str, bytes | None]:
    size, digest, kept = 0, sha256(), b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            size += len(piece)
            digest.update(piece)
            kept = kept + piece if len(kept) <= KEPT else kept
    return size, digest.hexdigest(), kept if size <= KEPT else None


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False


def parse_cited_file(exchange: Exchange, by: str, published: str, link: str) -> Reading:
    """The facts: which bytes of whom and when, and reports where they are results."""
    try:
        about = msgspec.json.decode(exchange.sent, type=FileSource)
    except NO_JSON:
        return Reading(failure=Failure("evidence_unreadable", FILE))
    facts = CitedFacts(
        platform=by,
        measurement=about.path,
        published=published,
        link=link,
        sha256=about.sha256,
        size=about.size,
    )
    results = read_atlas("", [msgspec.structs.replace(exchange, step=RESULTS)]).facts
    if isinstance(results, CitedFacts) and results.reports:
        told = ("type", "target", "first", "last", "reports", "answered", "silent", "unread")
        read = {name: getattr(results, name) for name in (*told, "left_out")}
        facts = msgspec.structs.replace(facts, **read)
    return Reading(facts)


def text_of(exchanges: Sequence[Exchange]) -> str:
    """A text file's text; empty for any other."""
    one = next((one for one in exchanges if one.step == FILE), None)
    if one is None or not one.media_type.startswith("text/"):
        return ""
    return (one.received or b"").decode("utf-8", "replace")


def _unreadable(detail: str) -> ProbeFailure:
    return ProbeFailure("file_unreadable", FILE, detail)
