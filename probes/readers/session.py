"""A terminal session or a whole post, cut into its listings and the prose between them."""

from collections.abc import Mapping
from typing import NamedTuple

from probes.readers.interface import Command, Listing, Read, Reader, command
from probes.readers.pasted import Line, lines


class Prose(NamedTuple):
    """Lines that belong to no listing; ``first`` is the number of the first."""

    first: int
    text: tuple[str, ...]


Segment = Listing | Prose


def split(
    text: str, readers: Mapping[str, Reader], kind: str = "", asked: Command | None = None
) -> list[Segment]:
    """The text's segments in order.

    ``kind``: a definition's kind is known; only listings of it are read. ``asked`` stands for the
    command where the text has none.
    """
    every = lines(text)
    segments: list[Segment] = []
    prose: list[Line] = []
    typed: Command | None = None
    at = 0

    def flush() -> None:
        kept = [line.given for line in prose]
        if any(one.strip() for one in kept):
            segments.append(Prose(prose[0].number, tuple(kept)))
        prose.clear()

    while at < len(every):
        line = every[at]
        if found := command(line.text):
            typed = found
            prose.append(line)
            at += 1
            if read := _first(every, at, readers, typed, kind):
                prose.pop()
                flush()
                segments.append(_from(read.listing, line.number))
                at, typed = read.after, None
            continue
        if line.text.strip() and (read := _first(every, at, readers, asked, kind)):
            flush()
            segments.append(read.listing)
            at = read.after
            continue
        prose.append(line)
        at += 1
    flush()
    return segments


def _first(
    every: list[Line], at: int, readers: Mapping[str, Reader], typed: Command | None, kind: str
) -> Read | None:
    """The first reader's listing that begins at a line; the tool typed is tried alone."""
    start = at
    while typed is not None and start < len(every) and not every[start].text.strip():
        start += 1
    if start >= len(every):
        return None
    for name, reader in readers.items():
        if typed is not None and _tool(typed.tool) not in (name, ""):
            continue
        read = reader(every, start, typed)
        if read is not None and (not kind or read.listing.kind == kind):
            return read
    return None


_NAMES = {
    "jwhois": "whois",
    "traceroute6": "traceroute",
    "tracepath": "traceroute",
    "nc": "telnet",
    "ncat": "telnet",
}


def _tool(typed: str) -> str:
    """The reader of a command; whois text is told apart by its form."""
    name = _NAMES.get(typed, typed)
    return "" if name in ("whois", "telnet", "swaks") else name


def _from(listing: Listing, first: int) -> Listing:
    import msgspec

    return msgspec.structs.replace(listing, first=first)
