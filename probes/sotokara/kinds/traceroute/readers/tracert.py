"""Windows ``tracert`` in the languages of Windows: hops are told by their form, not by words."""

import re
from collections.abc import Sequence

from sotokara.core.addresses import is_address
from sotokara.core.observation import Failure
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.asked import asked_target
from sotokara.kinds.traceroute.readers.hops import is_broken, join_broken_line
from sotokara.kinds.traceroute.readers.languages import CANNOT, DONE, TIMED_OUT, mark_of
from sotokara.kinds.traceroute.readers.paths import (
    HopReply,
    ListedHop,
    ListedPath,
    parse_hop_host,
    path_listing,
)

_TO = re.compile(
    r"^\s*Tracing route to (?P<name>\S+?)(?:\s+\[(?P<address>[^\]]+)\])?"
    r"(?:\s+over a maximum of (?P<max>\d+) hops?:?)?\s*$",
    re.IGNORECASE,
)
_TO_JA = re.compile(
    r"^\s*(?P<name>[^\s\[]+)(?:\s+\[(?P<address>[^\]]+)\])?\s*へのルートをトレースしています。?"
    r"(?:\s*経由するホップ数は最大\s*(?P<max>\d+)\s*です[::。]?)?\s*$"
)
_MAX = re.compile(
    r"^\s*(?:over a maximum of (?P<max>\d+) hops?"
    r"|経由するホップ数は最大\s*(?P<maxja>\d+)\s*です)[::。]?\s*$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?P<name>[\w.-]+) \[(?P<address>[0-9A-Fa-f.:%]+)\]")
_WORD = re.compile(r"[0-9A-Za-z][0-9A-Za-z.:-]*[0-9A-Za-z]")
_COUNT = re.compile(r"(?<![\w.:])(?P<max>\d{1,3})(?![\w.:]*[.:]\w)(?=\D|$)")
_UNIT = r"(?:ms|msec|мс|毫秒|ミリ秒|밀리초)"
_PROBE = rf"(?:<?\s?\d{{1,6}}\s{{0,3}}{_UNIT}|\*\*\s{{0,3}}ms|\*)"
_HOP = re.compile(
    rf"^\s{{0,8}}(?P<ttl>\d{{1,3}})\s+(?P<probes>{_PROBE}(?:\s+{_PROBE}){{0,2}})(?:\s+(?P<rest>\S.*))?$",
    re.IGNORECASE,
)
BEGINS = any_of(*CANNOT, _TO, _TO_JA, _HOP, re.compile(r"^\s{0,8}1\s+\S"))
ABOVE = 4
_PROBES = re.compile(_PROBE, re.IGNORECASE)
_BARE = re.compile(r"^\s{0,8}(?P<ttl>\d{1,3})\s+(?P<rest>\S.*)$")
_REPORTS = re.compile(
    r"^(?P<who>\S+(?: \[[^\]]+\])?)\s+[^\W\d_]{1,16}(?: [^\W\d_]{1,16})?\s?[::]\s*(?P<why>\S.*)$"
)
_MORE_SILENCE = re.compile(r"^\s*…\s+\(\d+\D\d+ .*\)\s*$")
_AHEAD = 3
Place = tuple[str, str, list[str]]
"""The name, the address and the masks that stand at a hop."""


class _Tracert:
    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor, self.typed = cursor, typed
        self.target = self.address = ""
        self.most: int | None = None
        self.hops: list[ListedHop] = []
        self.complete = self.silent_on = False

    def heading(self) -> bool:
        cursor = self.cursor
        text = cursor.peek()
        if match := _TO.match(text) or _TO_JA.match(text):
            self.target, self.address = match["name"], match["address"] or ""
            self.most = int(match["max"]) if match["max"] else None
            cursor.take()
            cursor.blank()
            if match := _MAX.match(cursor.peek()):
                self.most = int(match["max"] or match["maxja"])
                cursor.take()
            return True
        if _HOP.match(text):
            return bool(_HOP.match(cursor.peek(1)))
        return self._any_heading()

    def _any_heading(self) -> bool:
        """A heading in any language: a name or an address and a number of hops over hop 1."""
        cursor = self.cursor
        below = 1 if cursor.peek(1).strip() else 0
        over = [cursor.peek(ahead) for ahead in range(below + 1)]
        first = next(
            (one for ahead in range(1, 4) if (one := cursor.peek(below + ahead)).strip()), ""
        )
        match = _HOP.match(first) or _BARE.match(first)
        if match is None or match["ttl"] != "1" or any(map(_BARE.match, over)):
            return False
        text = " ".join(over)
        asked = asked_target(self.typed)
        if named := _NAMED.search(text):
            self.target, self.address = named["name"], named["address"]
            text = text.replace(named[0], " ")
        else:
            words = [one for one in _WORD.findall(text) if is_address(one) or one == asked]
            if len(set(words)) != 1:
                return False
            self.target = words[0]
            text = text.replace(words[0], " ")
        counts = {int(one["max"]) for one in _COUNT.finditer(text)}
        if len(counts) != 1 or not (_HOP.match(first) or self.typed):
            return False
        self.most = counts.pop()
        for _ in over:
            cursor.take()
        return True

    def read(self) -> None:
        cursor = self.cursor
        while cursor.more:
            cursor.blank()
            text = cursor.peek()
            if DONE.match(text):
                self.complete = True
                cursor.take()
                return
            if _MORE_SILENCE.match(text):
                self.silent_on = True
                cursor.take()
                continue
            if cursor.more and not (self._hop(text) or self._error(text) or self._also(text)):
                if cursor.typed is not None or not self._hop_ahead(text):
                    return
                cursor.skip_unread()

    @property
    def last(self) -> int:
        """The last hop's number."""
        return self.hops[-1].ttl if self.hops else 0

    def _hop_ahead(self, text: str) -> bool:
        if not (self.hops or self.target) or _TO.match(text):
            return False
        found = [_BARE.match(text)] + [
            _HOP.match(self.cursor.peek(ahead)) for ahead in range(1, _AHEAD + 1)
        ]
        return any(one and self.last < int(one["ttl"]) <= self.last + 5 for one in found)

    def _hop(self, text: str) -> bool:
        """One hop; its place may have been broken on to the next line by a mailer."""
        match = _HOP.match(text)
        if match is None or int(match["ttl"]) <= self.last:
            return False
        times = [one.strip() for one in _PROBES.findall(match["probes"])]
        rest = (match["rest"] or "").rstrip()
        answered = [one for one in times if one != "*"]
        placed = self._placed(text, rest, match.start("rest"), heard=bool(answered))
        if placed is None:
            return False
        found, mark, known, taken = placed
        if not known:
            self.cursor.unread.append((self.cursor.number(), text.strip()))
        for _ in range(taken):
            self.cursor.take()
        name, address, hidden = found or ("", "", [])
        for word in hidden:
            self.cursor.mask(word)
        replies = tuple(HopReply(address, name, _ms(one), mark) for one in answered)
        if not answered and (address or name or mark):
            replies = (HopReply(address, name, None, mark),)
        self.hops.append(ListedHop(int(match["ttl"]), replies, len(times) - len(answered)))
        return True

    def _placed(
        self, text: str, rest: str, start: int, *, heard: bool
    ) -> tuple[Place | None, str, bool, int] | None:
        """Who stands behind the times, the mark, whether it is understood, over how many lines."""
        choices = [(rest, 1)]
        below = self.cursor.peek(1)
        broken = is_broken(text)
        if heard and below.strip() and (broken or not (_BARE.match(below) or DONE.match(below))):
            whole = (
                [one[start:] for one in join_broken_line(text, below)] if rest else [below.strip()]
            )
            choices = [*((one, 2) for one in whole), *(choices if rest else ())]
        for choice, taken in choices:
            found = parse_hop_host(choice) if choice else None
            if found is not None:
                return found, "", True, taken
            report = _REPORTS.match(choice)
            if report and (found := parse_hop_host(report["who"])) is not None:
                sign = mark_of(report["why"])
                return found, sign or "", sign is not None, taken
        if heard or not rest:
            return None
        sign = "" if TIMED_OUT.search(rest) else mark_of(rest)
        return None, sign or "", sign is not None, 1

    def _error(self, text: str) -> bool:
        """A hop that reports an error without any times."""
        match = _BARE.match(text)
        if match is None or not 0 < int(match["ttl"]) - self.last <= _AHEAD:
            return False
        rest = match["rest"].rstrip()
        report = _REPORTS.match(rest)
        found = parse_hop_host(report["who"]) if report else None
        sign = mark_of(report["why"] if report and found else rest)
        if sign is None or (found is None and not sign):
            return False
        self.cursor.take()
        name, address, hidden = found or ("", "", [])
        for word in hidden:
            self.cursor.mask(word)
        self.hops.append(ListedHop(int(match["ttl"]), (HopReply(address, name, None, sign),), 0))
        return True

    def _also(self, text: str) -> bool:
        """A further address at the hop above, on a line of its own under the names."""
        found = parse_hop_host(text) if self.hops and text.startswith("      ") else None
        if found is None or not found[1]:
            return False
        self.cursor.take()
        for word in found[2]:
            self.cursor.mask(word)
        last = self.hops[-1]
        self.hops[-1] = last._replace(replies=(*last.replies, HopReply(found[1], found[0])))
        return True


def read_tracert(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One trace that begins at a line: at its heading, or at its first hop."""
    cursor = Cursor(lines, at, words=True)
    for pattern in CANNOT:
        if match := pattern.match(cursor.peek()):
            cursor.take()
            failure = Failure("dns_nxdomain_error", "tracert", match[0].strip())
            return cursor.listing("tracert", "traceroute", match["name"], failure=failure)
    trace = _Tracert(cursor, typed)
    if not trace.heading():
        return None
    trace.read()
    path = ListedPath(
        tuple(trace.hops),
        trace.target,
        trace.address,
        "icmp",
        trace.most,
        trace.complete,
        trace.silent_on,
    )
    return path_listing(cursor, "tracert", path, typed)


def _ms(text: str) -> float | None:
    """Milliseconds; ``<1 ms`` is known only to be less, so it has no number."""
    return None if text[0] in "<*" else float(re.findall(r"\d+", text)[0])
