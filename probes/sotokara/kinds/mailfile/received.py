"""Received lines, and how far up from the top the recipient's own side vouches for them.

A server puts its line above those that came with the mail. So whoever sends a mail may have
written every line below the one of the first server on the recipient's side, and none above it.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address, ip_network

import msgspec

from sotokara.kinds.mailfile.facts import ReceivedHop
from sotokara.kinds.mailfile.masking import MASK, address, host

MOST_HOPS = 100
"""Lines that are read. RFC 5321, 6.3 lets a server take a mail with a hundred for a loop."""
_BY = re.compile(r"(?:^|\s)by\s+([^\s;()]+)")
_WITH = re.compile(r"(?:^|\s)with\s+([^\s;()]+)")
_FROM = re.compile(r"^from\s+([^\s;()]+)")
_HELO = re.compile(r"(?:helo|ehlo)[= ]([^\s;()]+)", re.IGNORECASE)
_WORD = re.compile(r"[^\s()\[\]=,;]+")


def hop_of(value: str) -> ReceivedHop:
    """One line as it is kept, without its number."""
    way, semicolon, when = value.rpartition(";")
    way = way if semicolon else value
    bare, comments = _apart(way)
    peer, at = "", _BY.search(bare)
    if line := _FROM.match(bare.strip()):
        peer = line[1]
    before = comments.before(at.start() if at else len(bare))
    found = _peer(peer, before)
    by = at[1] if at else ""
    protocol = _WITH.search(bare)
    return (
        ReceivedHop(
            number=0,
            by=host(by) if not address(by) else address(by),
            helo=found[0],
            name=found[1],
            address=found[2],
            protocol=protocol[1].upper() if protocol else "",
            time=parse_date(when),
        )
        if by or peer
        else ReceivedHop(number=0, time=parse_date(when))
    )


class _Comments:
    """What stands in round brackets, each with where it stood."""

    def __init__(self) -> None:
        self.all: list[tuple[int, str]] = []

    def before(self, place: int) -> str:
        """The last one before a place: what a server itself adds behind a peer's own word."""
        found = [text for at, text in self.all if at <= place]
        return found[-1] if found else ""


def _apart(way: str) -> tuple[str, _Comments]:
    """The text outside round brackets, and what is in them."""
    comments, bare, depth, inside = _Comments(), "", 0, ""
    pieces: list[str] = []
    length = 0
    for piece in re.split(r"([()])", way[:20_000]):
        if piece == "(":
            depth += 1
        elif piece == ")" and depth:
            depth -= 1
            if depth == 0:
                comments.all.append((length, inside))
                inside = ""
        elif depth:
            inside += piece
        else:
            pieces.append(piece)
            length += len(piece)
    bare = "".join(pieces)
    return bare, comments


def _peer(word: str, comment: str) -> tuple[str, str, str]:
    """What the peer called itself, its name and its address as the server saw them."""
    words = _WORD.findall(comment)
    seen = next((address(one) for one in words if address(one)), "")
    literal = address(word.strip("[]"))
    helo = _HELO.search(comment)
    names = [one.rstrip(".") for one in words if host(one) != MASK]
    if helo is not None:  # Exim, qmail: the name that was looked up stands first
        said = helo[1].strip("[]")
        looked = "" if literal or word in ("unknown", MASK) else word.rstrip(".")
        return _shown(said), _shown(looked), seen or literal
    name = next((one for one in names if not address(one)), "")
    if not comment and literal:
        return "", "", literal
    return _shown(literal or word), _shown(name), seen


def _shown(word: str) -> str:
    found = address(word)
    return found or (word if word in ("unknown", MASK, "localhost", "") else host(word))


def parse_date(text: str) -> str:
    """A date in UTC as ``2026-11-20T09:00:03Z``; empty for what is none."""
    try:
        found = parsedate_to_datetime(text.strip()[:64])
        found = found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""
    return found.strftime("%Y-%m-%dT%H:%M:%SZ")


def way_of(values: Sequence[str], own: Iterable[str]) -> list[ReceivedHop]:
    """The hops, the first one first, each with who vouches for it.

    ``values``: the lines from the top. ``own``: names, addresses and networks of servers on the
    recipient's side, beside those that a line of its own shows to be inside.
    """
    inside = _Inside(own)
    hops: list[ReceivedHop] = []
    trusted = True
    for value in values[:MOST_HOPS]:
        hop = hop_of(value)
        trust = "claimed"
        if trusted:
            trusted = inside.is_peer(hop)
            trust = "own" if trusted else "border"
        hops.append(msgspec.structs.replace(hop, trust=trust))
    hops.reverse()
    before = ""
    numbered = []
    for number, hop in enumerate(hops, 1):
        delay = _seconds(before, hop.time)
        numbered.append(msgspec.structs.replace(hop, number=number, delay=delay))
        before = hop.time or before
    return numbered


class _Inside:
    """What is known to be on the recipient's side."""

    def __init__(self, own: Iterable[str]) -> None:
        self._names: set[str] = set()
        self._nets = []
        for text in own:
            try:
                self._nets.append(ip_network(text, strict=False))
            except ValueError:
                self._names.add(text.lower().rstrip("."))

    def is_peer(self, hop: ReceivedHop) -> bool:
        """Whether the peer that a trusted line saw is inside too, so that its line is true as well.

        A line without a peer passes a mail on within one machine. What a peer calls itself counts
        for nothing.
        """
        if not hop.address:
            return bool(hop.by) and not hop.helo and not hop.name
        at = ip_address(hop.address)
        if at.is_loopback or (at.is_private and not _documentation(hop.address)):
            return True
        if any(at in net for net in self._nets):
            return True
        return bool(hop.name) and any(
            hop.name == one or hop.name.endswith(f".{one}") for one in self._names
        )


def _documentation(text: str) -> bool:
    """Whether an address is of those in examples, which Python calls private too (RFC 5737)."""
    at = ip_address(text)
    nets = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    return any(at in ip_network(one) for one in nets)


def _seconds(before: str, after: str) -> int | None:
    if not before or not after:
        return None
    times = [datetime.fromisoformat(one) for one in (before, after)]
    return int((times[1] - times[0]).total_seconds())
