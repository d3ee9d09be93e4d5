"""How a reader asks a DNS question again with ``dig``, of the servers that were asked."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sotokara.network.network import parse_server

AUTHORITATIVE = "authoritative"
_LABEL = re.compile(r"(\S+)(?: \(([0-9A-Fa-f.:]+)\))?")


class CommandQuery(NamedTuple):
    """A question: the owner name; the address whose reverse name it is; what of whom."""

    owner: str
    address: str
    types: list[str]
    servers: list[str]
    """As the definition names them; none for the author's resolver."""
    verified: bool
    """With the signatures, to be verified here."""
    rdclass: str = "IN"


def dig_commands(asked: CommandQuery, kept: Sequence[str]) -> list[list[str]]:
    """One command for each server and type. ``kept``: the servers that were asked, as in facts."""
    flags = ["+dnssec", "+cdflag"] if asked.verified else []
    servers: list[list[str]] = [[]]
    if asked.servers == [AUTHORITATIVE]:
        # Where only one server was asked, the facts do not name it: dig finds it as we did.
        servers = [["+norecurse", *_at(one)] for one in kept] or [["+trace"]]
    elif asked.servers:
        servers = [_at(one) for one in (kept or asked.servers)]
    what = [_what(asked, one) for one in asked.types]
    return [["dig", *server, *flags, *one] for server in servers for one in what]


def _at(server: str) -> list[str]:
    """``@host -p port`` for a server: an address with or without port, or ``name (address)``."""
    match = _LABEL.fullmatch(server)
    text = (match[2] or match[1]) if match else server
    try:
        found = parse_server(text)
    except ValueError:
        return [f"@{text}"]
    return [f"@{found.address}", *(["-p", str(found.port)] if found.port != _PORT else [])]


def _what(asked: CommandQuery, rdtype: str) -> list[str]:
    if asked.address and (asked.rdclass, rdtype) == ("IN", "PTR"):
        return ["-x", asked.address]
    if asked.rdclass != "IN":  # behind -c, dig takes a bare type for another name
        return ["-q", asked.owner, "-c", asked.rdclass, "-t", rdtype]
    if asked.owner[:1] in "-+@":  # not to be taken for an option
        return ["-q", asked.owner, "-t", rdtype]
    bare = asked.owner.removesuffix(".")
    return [bare if "." in bare else asked.owner, rdtype]


_PORT = 53
