"""A path as a listing has it → the facts of kind ``traceroute``."""

import re
from typing import Any, NamedTuple

from sotokara.core.addresses import is_address
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed
from sotokara.kinds.shared.terminal.pasted import is_masked, masked_words
from sotokara.kinds.traceroute.facts import PathEnd, PathFacts
from sotokara.kinds.traceroute.facts import TraceHop as HopFacts
from sotokara.kinds.traceroute.readers.asked import asked_target


class HopReply(NamedTuple):
    """One reply at a hop: its address, the name printed, milliseconds, the mark (``!H``)."""

    address: str
    name: str = ""
    ms: float | None = None
    mark: str = ""


class ListedHop(NamedTuple):
    """One hop: its replies, and how many probes stayed without one (None: not stated)."""

    ttl: int
    replies: tuple[HopReply, ...]
    silent: int | None = 0


class ListedPath(NamedTuple):
    """A path as a listing has it. ``complete``: it says itself that the trace came to its end."""

    hops: tuple[ListedHop, ...]
    target: str = ""
    address: str = ""
    protocol: str = ""
    max_hops: int | None = None
    complete: bool = False
    silent_on: bool = False
    """It says itself that nothing more came up to the last hop asked."""
    reached: bool = False
    """It says itself that the last hop that answered is the target."""


_NAMED = re.compile(r"^(?P<name>\S+)\s+(?:\?\s+)?[\[(](?P<address>[^\])\s]+)[\])]$")


def parse_hop_host(text: str) -> tuple[str, str, list[str]] | None:
    """Name, address and masks of what stands at a hop: ``name [address]``, either alone, or masked.

    None where it is none of these.
    """
    text = unlinked(text.strip()).strip(".")
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


def unlinked(text: str) -> str:
    """A name without what a forum's software put before it to make a link of it.

    >>> unlinked("http://gw.example.net/ (192.0.2.1)")
    'gw.example.net (192.0.2.1)'
    """
    return _LINKED.sub(r"\1", text)


_LINKED = re.compile(r"^https?://([\w.-]+)/?(?=\s|$)", re.IGNORECASE)


def _hidden(word: str) -> bool:
    if word.isascii() and not _MASKS.search(word):
        return False
    return is_masked(word) or bool(re.fullmatch(r"\*{3,}|[xX]{3,}|[*xX]+(?:\.[*xX\w-]+)+", word))


_MASKS = re.compile("[*xX?_]|REDACTED|redacted|masked|snip")
_FIRST = frozenset({"-f", "--first", "--first-ttl", "-M"})
"""Options that name the hop to begin with."""
_WHY = {
    "!": "port",
    "!H": "host",
    "!N": "network",
    "!P": "protocol",
    "!F": "size",
    "!S": "source_route",
    "!X": "prohibited",
    "!A": "prohibited",
    "!C": "prohibited",
    "!Z": "prohibited",
    "!T": "network",
    "!10": "prohibited",
    "!13": "prohibited",
}


def path_listing(
    cursor: Cursor, tool: str, path: ListedPath, typed: Command | None
) -> Parsed | None:
    """The listing of a path; None where there is nothing of a path in it."""
    if not path.hops and not path.target:
        return None
    named = asked_target(typed)
    if path.target and (not named or named not in (path.target, path.address)):
        named = path.target
    address = path.address or (named if is_address(named) else "")
    address = address.partition("%")[0]
    if path.address and not is_address(address) and not masked_words(path.address):
        address = ""
    target = named or address
    options: dict[str, Any] = {}
    if path.protocol == "icmp" and tool == "traceroute":
        options["protocol"] = "icmp"
    if path.max_hops not in (None, 30):
        options["max_hops"] = path.max_hops
    if not path.hops:
        return cursor.listing(tool, "traceroute", target, options=options)
    numbers = [hop.ttl for hop in path.hops]
    first = 1 if typed is None or not _FIRST.intersection(typed.words) else numbers[0]
    missing = numbers != list(range(first, first + len(numbers)))
    missing = missing or (path.complete and not _completed(path, address))
    doubtful = missing or bool(cursor.unread) or (typed is not None and typed.filtered)
    facts, said = _facts(path, address, doubtful=doubtful, unread=bool(cursor.unread))
    doubts = ["missing"] if missing else []
    doubts += ["filtered"] if typed is not None and typed.filtered else []
    return cursor.listing(
        tool, "traceroute", target, options=options, facts=facts, said=said, doubts=doubts
    )


def _completed(path: ListedPath, address: str) -> bool:
    """Whether a trace that says it came to its end shows one: the target, a refusal, the limit."""
    final = path.hops[-1]
    marked = any(one.mark for one in final.replies)
    there = any(address and one.address == address for one in final.replies)
    named_only = any(one.name and not one.address for one in final.replies)
    return marked or there or named_only or not address or final.ttl == path.max_hops


def _facts(
    path: ListedPath, address: str, *, doubtful: bool, unread: bool
) -> tuple[PathFacts, tuple[str, ...]]:
    answered = [hop for hop in path.hops if hop.replies]
    last = answered[-1] if answered else None
    end = _end(path, last, address)
    sure = ("reached",) if unread else ("reached", "unreachable")
    if doubtful and end.how not in sure:  # below a refusal an unread hop may stand
        end = PathEnd("", end.hop)
    named = [hop for hop in answered if not any(is_address(one.address) for one in hop.replies)]
    named_only = bool(named) and not any(_masked(hop) for hop in named) and named == answered
    hops = [] if named_only else [_hop(hop) for hop in path.hops if last and hop.ttl <= last.ttl]
    facts = PathFacts(address=address, hops=hops, end=end)
    said = ["address"] if address else []
    said += [] if named_only else ["hops"]
    said += ["end"] if end.how else []
    return facts, tuple(said)


def _masked(hop: ListedHop) -> bool:
    return any(one.address or masked_words(one.name) or "*" in one.name for one in hop.replies)


def _hop(hop: ListedHop) -> HopFacts:
    """A hop's addresses in order; a mask, or a name without an address, stands as it was typed."""
    every = {one.address for one in hop.replies}
    addresses = [one for one in every if is_address(one)]
    if len(addresses) > 1:
        addresses.sort(key=_by_number)
    hidden = [
        f"{one.name} [{one.address}]" if one.name and one.address else one.name or one.address
        for one in (() if addresses else hop.replies)
    ]
    masked = next((one for one in hidden if one), "") if not addresses else ""
    return HopFacts(hop.ttl, addresses, masked)


def _by_number(text: str) -> tuple[int, int, str]:
    from ipaddress import ip_address

    parsed = ip_address(text)
    return parsed.version, int(parsed), text


def _end(path: ListedPath, last: ListedHop | None, address: str) -> PathEnd:  # noqa: PLR0911  # one return a form
    """How the path ends, as far as the listing tells; an empty ``how`` where it is cut off."""
    final = path.hops[-1]
    if path.reached and last is not None:
        who = next((one.address for one in last.replies if is_address(one.address)), "")
        return PathEnd("reached", last.ttl, who)
    to_the_end = path.complete or path.silent_on or path.max_hops == final.ttl
    if last is None:
        return PathEnd("silent" if to_the_end else "", path.hops[0].ttl)
    mark = next((one.mark for one in last.replies if one.mark), "")
    reached = [one.address for one in last.replies if address and one.address == address]
    if mark and mark != "!":
        who = next(one.address for one in last.replies if one.mark == mark)
        return PathEnd(
            "unreachable", last.ttl, who if is_address(who) else "", _WHY.get(mark, "other")
        )
    if reached:
        return PathEnd("reached", last.ttl, address)
    if last.ttl < final.ttl:  # a listing that stops in the silence may have been cut there
        return PathEnd("silent" if to_the_end else "", last.ttl + 1)
    if path.max_hops == last.ttl:
        return PathEnd("limit", last.ttl)
    return PathEnd("", last.ttl)
