"""``traceroute`` of Linux, the BSDs and macOS."""

import re
from collections.abc import Sequence

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, Path, path_listing, place

_TO = re.compile(
    r"^\s*traceroute6? to (?P<name>\S+)(?:\s+\((?P<address>[^)]+)\))?(?:\s+from (?P<source>\S+))?,?"
    r"(?:\s*(?P<max>\d+) hops max)?.*$",
    re.IGNORECASE,
)
_HOP = re.compile(r"^\s{0,4}(?P<ttl>\d{1,3})\s{1,4}(?P<rest>\S.*?)\s*$")
_MORE = re.compile(r"^\s{3,}(?P<rest>\S.*?)\s*$")
_AS = re.compile(r"^\[(?:AS)?(?:\d[\d/AS]*|\*|\?+)\]$")
_TIME = re.compile(r"^\d+(?:\.\d+)?$")
_MARK = re.compile(r"^!(?:[A-Z]|<?\d+>?|F-\d+)?$|^\(TOS=\d+!?\)$|^\(ttl=\d+!?\)$")
_MORE_SILENCE = re.compile(r"^\s*…\s+\(\d+\D\d+ .*\)\s*$")
_HARMLESS = re.compile(
    r"^\s*(?:(?:\d+ )?(?:byte )?packets|(?:\d+ )?hops max.*|…\s+\(\d+\D\d+ .*\)"
    r"|traceroute6?: (?:Warning|warning).*|\s*MPLS Label=.*|\s*\[MPLS:.*\]|Selected device .*"
    r"|Tracing the path to .*)$"
)


def read_traceroute(  # noqa: C901  # one branch a form of line
    lines: Sequence[PastedLine], at: int, typed: Command | None
) -> Read | None:
    """One trace that begins at a line: at its heading, or at its first hop."""
    cursor = Cursor(lines, at)
    target = address = ""
    most = None
    while cursor.more and _HARMLESS.match(cursor.peek()):
        cursor.take()
    if match := _TO.match(cursor.peek()):
        target, address, most = match["name"].rstrip(","), match["address"] or "", match["max"]
        cursor.take()
    elif _hop(cursor.peek()) is None or not (
        _hop(cursor.peek(1)) or (typed and typed.tool.startswith("traceroute"))
    ):
        return None
    hops: list[ListedHop] = []
    silent_on = False
    while cursor.more:
        text = cursor.peek()
        if _HARMLESS.match(text) or _MORE_SILENCE.match(text):
            silent_on = silent_on or bool(_MORE_SILENCE.match(text))
            cursor.take()
            continue
        last = hops[-1].ttl if hops else 0
        found, taken = _next(cursor, last)
        if found is None and hops and (match := _MORE.match(text)):
            found, taken = _replies(match["rest"], hops[-1]), 1
        if found is None:
            if not (hops and text.strip() and _hop(cursor.peek(1))):
                break
            cursor.skip_unread()
            continue
        hop, masked = found
        for _ in range(taken):
            cursor.take()
        hops = [*hops[:-1], hop] if hop.ttl == last else [*hops, hop]
        for word in masked:
            cursor.mask(word)
    protocol = "udp"
    words = typed.words if typed else ()
    if "-I" in words:
        protocol = "icmp"
    elif "-T" in words:
        protocol = "tcp"
    hop_limit = int(most) if most else None
    path = Path(tuple(hops), target, address, protocol, hop_limit, silent_on=silent_on)
    return path_listing(cursor, "traceroute", path, typed)


def _next(cursor: Cursor, last: int) -> tuple[tuple[ListedHop, list[str]] | None, int]:
    """The hop that begins here, and over how many lines a mailer has broken it."""
    whole = cursor.peek()
    if not _HOP.match(whole):
        return None, 0
    best: tuple[tuple[ListedHop, list[str]] | None, int] = (_hop(whole), 1)
    for ahead in (1, 2):
        more = cursor.peek(ahead)
        if not more.strip() or _hop(more) or _MORE.match(more):
            break
        whole = f"{whole} {more.strip()}"
        if joined := _hop(whole):
            best = joined, ahead + 1
    found, taken = best
    return (found, taken) if found and found[0].ttl > last else (None, 0)


def _hop(text: str) -> tuple[ListedHop, list[str]] | None:
    match = _HOP.match(text)
    return _replies(match["rest"], ListedHop(int(match["ttl"]), ())) if match else None


def _replies(  # noqa: C901  # one branch a form of word
    rest: str, hop: ListedHop
) -> tuple[ListedHop, list[str]] | None:
    """The replies in a hop's line, added to those that the hop has; None for other text."""
    words = rest.split()
    replies, silent = list(hop.replies), hop.silent or 0
    name, address, masked = "", "", []
    if replies:
        name, address = replies[-1].name, replies[-1].address
    at = fresh = 0
    while at < len(words):
        word = words[at]
        following = words[at + 1] if at + 1 < len(words) else ""
        if word == "*":
            silent += 1
        elif _TIME.match(word) and following == "ms" and (name or address):
            replies.append(HopReply(address, name, float(word)))
            at += 1
        elif re.fullmatch(r"\d+(?:\.\d+)?ms", word) and (name or address):
            replies.append(HopReply(address, name, float(word[:-2])))
        elif word == "**" and following == "ms" and (name or address):  # masked like its place
            replies.append(HopReply(address, name))
            at += 1
        elif _MARK.match(word):
            if replies and word.startswith("!"):
                replies[-1] = replies[-1]._replace(mark=word)
        elif _AS.match(word):
            pass
        else:
            pair = (
                f"{word} {following}"
                if following.startswith(("(", "[")) and not _AS.match(following)
                else word
            )
            found = place(pair)
            if found is None or not (found[1] or found[2]):
                return None
            name, address, hidden = found
            masked += hidden
            at += pair != word
            fresh += 1
        at += 1
    if not (replies or silent) or (fresh and not replies and not silent):
        return None
    return ListedHop(hop.ttl, tuple(replies), silent), masked
