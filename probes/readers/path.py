"""What the readers of traceroute's relatives have in common: hops, replies, names in brackets."""

import re
from typing import NamedTuple

from probes.addresses import is_address
from probes.readers.remarks import is_masked


class Reply(NamedTuple):
    """One reply at a hop: its address, the name printed, milliseconds, the mark (``!H``)."""

    address: str
    name: str = ""
    ms: float | None = None
    mark: str = ""


class Hop(NamedTuple):
    """One hop: its replies, and how many probes stayed without one (None: not stated)."""

    ttl: int
    replies: tuple[Reply, ...]
    silent: int | None = 0


class Path(NamedTuple):
    """A path as a listing has it. ``complete``: it says itself that the trace came to its end."""

    hops: tuple[Hop, ...]
    target: str = ""
    address: str = ""
    protocol: str = ""
    max_hops: int | None = None
    complete: bool = False
    silent_on: bool = False
    """It says itself that nothing more came up to the last hop asked."""


_NAMED = re.compile(r"^(?P<name>\S+)\s+(?:\?\s+)?[\[(](?P<address>[^\])\s]+)[\])]$")


def place(text: str) -> tuple[str, str, list[str]] | None:
    """Name, address and masks of what stands at a hop: ``name [address]``, either alone, or masked.

    None where it is none of these.
    """
    text = text.strip().strip(".")
    match = _NAMED.match(text)
    parts = [match["name"], match["address"]] if match else [text, ""]
    hidden = [part for part in parts if part and _hidden(part)]
    name, address = parts
    if not address and (
        is_address(name) or (hidden and re.fullmatch(r"[\dxX*_?]+(?:[.:][\dxX*_?]+)+", name))
    ):
        name, address = "", name
    if (
        address
        and not is_address(address)
        and "[" not in address
        and not _hidden(parts[1] or parts[0])
    ):
        return None
    if is_address(name):
        name = "" if name == address else name
    elif name and not hidden and not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.?", name):
        return None
    return name.removesuffix("."), address, hidden


def _hidden(word: str) -> bool:
    return is_masked(word) or bool(re.fullmatch(r"\*{3,}|[xX]{3,}|[*xX]+(?:\.[*xX\w-]+)+", word))
