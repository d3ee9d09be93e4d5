"""Readers of what ``ping`` prints."""

import re
from collections.abc import Sequence

from msgspec.structs import replace

from sotokara.core.addresses import is_address
from sotokara.core.observation import Failure
from sotokara.kinds.ping.facts import PingFacts
from sotokara.kinds.shared.terminal.grammar import Grammar, arguments, is_name
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, TranscriptReader
from sotokara.kinds.shared.terminal.pasted import PastedLine

# `ping` of Linux, the BSDs, macOS and busybox, and of Windows in whatever language.
#
# Windows' lines are known by their form: the address and its size or time in the first, `TTL=` in
# the replies, three numbers behind equals signs and a percentage in the sum.

TOOLS = ("ping", "ping6")
_UNIX_HEAD = re.compile(
    r"\s{0,8}PING6?(?:\(\d[\d+= ]{0,30} bytes\))? (?:\S{1,80} --> (?P<there>\S{2,60})|"
    r"(?P<name>[^\s(]{1,255}?):?(?=[\s(]|$)"
    r"(?: ?\((?:[^\s()]{1,255} \()?(?P<address>[^)\s]{2,60})\))?)"
)
"""The BSDs' ``ping6`` names the asker's own address first, then the host's, and no name at all."""
_OWN = re.compile(
    r"(?m)^(?P<head>.{0,300}?\bPING6?\b.{0,300}?)"
    r"(?:(?P<asker>\S{2,80})(?= -->)|(?<= from )(?P<source>[0-9A-Fa-f.:]{2,45})(?=[ %]))"
)
"""The asker's own address: before the BSDs' arrow, and where Linux says ``from`` (``-I``)."""
_STATISTICS = re.compile(
    r"\s{0,8}-{3,4} ?(?P<name>[^\s-]\S{0,254}?) ping6? statistics ?-{3,4}", re.IGNORECASE
)
_FROM = re.compile(
    r"\s{0,8}\d{1,5} bytes from (?:\S{1,255} )?\(?(?P<address>[0-9A-Fa-f.:]{2,45}?)\)?[,:]? "
)
_WINDOWS_HEAD = re.compile(
    r"(?P<name>[\w.-]{1,255}) ?\[(?P<address>[0-9A-Fa-f.:%]{2,60})\].{0,200}?(?<!\d)32(?!\d)"
)
_WINDOWS_BARE = re.compile(
    r"(?<![\w.:])(?P<address>[0-9A-Fa-f]{0,4}[.:][0-9A-Fa-f.:]{2,50})(?![\w.:]).{0,200}?(?<!\d)32(?!\d)"
)
BEGINS = re.compile(r"\s{0,8}PING6?[ (]|.{0,300}(?<!\d)32(?!\d)")
_REPLY = re.compile(
    r"\b(?:icmp_)?(?:seq|hlim)[= ]?\d{1,9}\b.{0,80}?\btime[=<] ?(?P<ms>\d{1,7}(?:\.\d{1,6})?) ?ms"
)
_WINDOWS_REPLY = re.compile(
    r"(?P<address>\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{2,50})\D.{0,80}?"
    r"[=<] ?(?P<ms>\d{1,7}) ?(?:ms|мс|毫秒)(?P<ttl>.{0,8}TTL=\d{1,3})?"
)
_SUM = re.compile(
    r"\s{0,8}(?P<sent>\d{1,9}) packets transmitted, (?P<got>\d{1,9}) (?:packets )?received\b"
)
_WINDOWS_SUM = re.compile(
    r"\D{0,40}= ?(?P<sent>\d{1,9})(?!\d| ?[mм毫])\D{1,30}= ?(?P<got>\d{1,9})(?!\d)"
    r"\D{1,30}= ?(?P<lost>\d{1,9})(?!\d)"
)
_TIMES = re.compile(
    r"\s{0,8}(?:rtt|round-trip) (?:\(ms\) {1,4})?min/avg/max\S{0,12} = "
    r"(?P<best>\d{1,7}(?:\.\d{1,6})?)/"
)
_GRAMMAR = Grammar(valued="cisWwtIlmMpQSTKkf", flags="46nqvaAbdDhLORrUV")
_WINDOWS = Grammar(valued_names=frozenset("niwlvrskS"), flag_names=frozenset("taf46Rp"), words=True)
_WINDOWS_TIMES = re.compile(r"(?:= ?\d{1,7} ?(?:ms|мс|毫秒)\D{1,40}){2}")
_WINDOWS_LOSS = re.compile(r"\s{1,8}\(.{0,12}\d{1,3} ?%.{0,12}\)")
_MOST_LINES = 5000
_SAID = ("address", "sent", "received", "best")


def takes_host(typed: Command) -> bool:
    """Whether a command's words are options and one host."""
    for grammar in (_GRAMMAR, _WINDOWS):
        given = arguments(typed.words, grammar)
        if given.known and len(given.bare) == 1 and is_name(given.bare[0]):
            return True
    return False


def _asked_of(typed: Command | None) -> str:
    if typed is None or typed.tool not in TOOLS:
        return ""
    bare = arguments(typed.words, _GRAMMAR).bare
    return bare[-1].removesuffix(".") if bare and is_name(bare[-1]) else ""


def read_ping(lines: Sequence[PastedLine], at: int, typed: Command | None = None) -> Parsed | None:
    """The echoes of one host, from the head to the sum behind them."""
    cursor = Cursor(lines, at, hashes=False, parentheses=False)
    head = _UNIX_HEAD.match(cursor.peek())
    windows = head is None
    head = head or _WINDOWS_HEAD.search(cursor.peek()) or _WINDOWS_BARE.search(cursor.peek())
    if head is None or (windows and not _follows(cursor, typed)):
        return None
    parts = head.groupdict()
    named = parts.get("name") or parts.get("there") or ""
    address = (head["address"] or (named if is_address(named) else "")).partition("%")[0]
    if (address and not is_address(address)) or (not windows and not is_name(named)):
        return None
    cursor.take()
    asked = _asked_of(typed)
    address = address or ("" if windows else _replying(lines[at : at + _MOST_LINES]))
    found = _echoes(cursor, asked or named or address, address, windows=windows)
    if asked or not parts.get("there"):
        return found
    name = _named_below(lines[at : found.after])
    return Parsed(replace(found.listing, target=name), found.after) if name else found


def without_asker(text: str) -> str:
    """The text without the address that was asked from, which is the author's own."""
    return _OWN.sub(lambda found: f"{found['head']}x", text)


def _replying(lines: Sequence[PastedLine]) -> str:
    """The one address that all replies above the sum are from; empty where there are several."""
    found = set()
    for one in lines:
        if _SUM.match(one.text):
            break
        if (reply := _FROM.match(one.text)) and is_address(reply["address"]):
            found.add(reply["address"])
    return found.pop() if len(found) == 1 else ""


def _named_below(lines: Sequence[PastedLine]) -> str:
    """The host's name in the line above the sum, where the first line has addresses alone."""
    found = next((hit for one in lines if (hit := _STATISTICS.match(one.text))), None)
    return found["name"] if found and is_name(found["name"]) else ""


def _follows(cursor: Cursor, typed: Command | None) -> bool:
    """Whether a reply or a sum of Windows' form stands below: its first line alone is little."""
    if typed is not None and typed.tool in TOOLS:
        return True
    for ahead in range(1, 14):
        text = cursor.peek(ahead)
        if _WINDOWS_SUM.match(text) or ((hit := _WINDOWS_REPLY.search(text)) and hit["ttl"]):
            return True
    return False


def _echoes(cursor: Cursor, target: str, address: str, *, windows: bool) -> Parsed:
    times: list[float] = []
    asked: tuple[int, int] | None = None
    best: float | None = None
    reply, total = (_WINDOWS_REPLY, _WINDOWS_SUM) if windows else (_REPLY, _SUM)
    for _ in range(_MOST_LINES):
        if not cursor.more or cursor.typed is not None or _UNIX_HEAD.match(cursor.peek()):
            break
        text = cursor.peek()
        if asked is not None:
            if found := _TIMES.match(text):
                best = float(found["best"])
            if not _of_sum(cursor, windows=windows):
                break
        elif found := reply.search(text):
            times.append(float(found["ms"]))
        elif found := total.match(text):
            asked = int(found["sent"]), int(found["got"])
        cursor.take()
    times += [] if best is None else [best]
    if asked is None or asked[1] > asked[0]:
        return cursor.listing("ping", "ping", target, ("cut",))
    if not asked[1] or not times:
        failure = Failure("generic_timeout_error", "ping")
        return cursor.listing("ping", "ping", target, failure=failure)
    facts = PingFacts(address=address, sent=asked[0], received=asked[1], best=min(times))
    return cursor.listing("ping", "ping", target, facts=facts, said=_SAID)


def _of_sum(cursor: Cursor, *, windows: bool) -> bool:
    """Whether a line behind the numbers is still of the sum: times, or what stands above them."""
    text, below = cursor.peek(), cursor.peek(1)
    if not windows:
        return bool(_TIMES.match(text)) or (not text.strip() and bool(_TIMES.match(below)))
    return any(
        _WINDOWS_TIMES.search(one) or _WINDOWS_LOSS.match(one)
        for one in (text, below if text else "")
    )


READERS = (TranscriptReader("ping", TOOLS, read_ping, takes=takes_host, begins=BEGINS),)
"""In the order in which they are tried."""
