"""``traceroute`` of Linux, the BSDs, macOS, routers, and the tools that print alike.

Cisco IOS, Huawei VRP, Juniper, tcptraceroute, paris-traceroute, scamper, tracepath, NextTrace and
BestTrace differ in their headings and in what they put beside an address.
"""

import re
from collections.abc import Sequence

from sotokara.kinds.shared.terminal.interface import Command, Cursor, Parsed, any_of
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.hops import (
    LINE,
    MORE,
    hop_of,
    is_broken,
    join_broken_line,
    replies_of,
)
from sotokara.kinds.traceroute.readers.paths import ListedHop, ListedPath, path_listing, unlinked

_HEADINGS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^\s*traceroute6? to\s+(?P<name>[^\s(),]+),?\s*(?:\((?P<address>[^()\s]+)\))?"
        r"(?:\s+from [^\s,]+)?,?(?: \d+ hops? min,)?"
        r"(?:\s*(?:(?P<max>\d+) hops? max|max hops:\s*(?P<limit>\d+)).*)?$",
        r"^\s*Tracing the route to (?P<name>[^\s()]+)(?: \((?P<address>[^()\s]+)\))?\s*$",
        r"^\s*Tracing the path to (?P<name>[^\s()]+) \((?P<address>[^()\s]+)\)"
        r" on TCP port .*?(?:, (?P<max>\d+) hops max.*)?$",
        r"^\s*traceroute \[\(\S+:\d+\) -> \((?P<address>[\da-f.:]+):\d+\)\],? protocol .*$",
        r"^\s*traceroute from [\da-f.:]+ to (?P<address>[\da-f.:]+)(?:\s.*)?$",
    )
)
_HARMLESS = re.compile(
    r"^\s*(?:(?:\d+ )?(?:byte )?packets|(?:\d+ )?hops max.*|traceroute6?: warning.*"
    r"|MPLS Label=.*|\[MPLS:.*\]|MPLS Label .*|\[(?:Label=.*|No MPLS labels)\]"
    r"|Selected device .*|Type escape sequence to abort\.?"
    r"|VRF info: .*|Translating \S+\.\.\..*|\d{1,2}\?: \[LOCALHOST\]\s+(?:\d+\.\d+ms\s+)?pmtu \d+"
    r"|NextTrace v.*|\[NextTrace .*|IP Geo Data Provider: .*|MapTrace URL: .*|best ?trace v.*"
    r"|Using interface .*)$",
    re.IGNORECASE,
)
BEGINS = any_of(*_HEADINGS, _HARMLESS, LINE)
_OVER = re.compile(r"^\s*(?:Resume|Too many hops): (?:pmtu .*)?$")
_GEO = re.compile(
    r"^\s*(?:NextTrace v|\[NextTrace |IP Geo Data Provider|best ?trace v)", re.IGNORECASE
)
_MORE_SILENCE = re.compile(r"^\s*…\s+\(\d+\D\d+ .*\)\s*$")
_REACHED = re.compile(r"\d\s?ms(?:\s+asymm\s+\d+)?\s+reached\s*$")
_AHEAD = 3
_PATH_TOOLS = frozenset({"traceroute", "traceroute6", "tracepath", "tracepath6", "tcptraceroute"})


class _Trace:
    """One trace, from its heading or its first hop on."""

    def __init__(self, cursor: Cursor, typed: Command | None) -> None:
        self.cursor, self.typed = cursor, typed
        self.aside = typed is not None and typed.tool in ("nexttrace", "besttrace")
        self.hops: list[ListedHop] = []
        self.target = self.address = ""
        self.most: int | None = None
        self.silent_on = self.reached = self.over = False

    def heading(self) -> bool:
        """Take the heading; whether a trace begins here."""
        cursor = self.cursor
        while cursor.more and (_HARMLESS.match(text := cursor.peek()) or self._blank_ahead()):
            self.aside = self.aside or bool(_GEO.match(text))
            cursor.take()
        for pattern in _HEADINGS:
            if match := pattern.match(cursor.peek()):
                found = match.groupdict()
                self.address = found.get("address") or ""
                self.target = unlinked((found.get("name") or self.address).rstrip(","))
                most = found.get("max") or found.get("limit")
                self.most = int(most) if most else None
                cursor.take()
                return True
        first = hop_of(cursor.peek(), aside=self.aside)
        alone = self.typed is not None and self.typed.tool in _PATH_TOOLS
        return first is not None and (hop_of(cursor.peek(1), aside=self.aside) is not None or alone)

    def _blank_ahead(self) -> bool:
        """An empty line between the lines above the hops."""
        cursor = self.cursor
        return (
            cursor.at > cursor.begin and not cursor.peek().strip() and bool(cursor.peek(1).strip())
        )

    def read(self) -> None:
        cursor = self.cursor
        while cursor.more:
            text = cursor.peek()
            if _HARMLESS.match(text) or _MORE_SILENCE.match(text) or _OVER.match(text):
                self.silent_on = self.silent_on or bool(_MORE_SILENCE.match(text))
                cursor.take()
                if _OVER.match(text):
                    return
            elif not (self._hop(text) or self._more(text)):
                if not text.strip() and not self.hops and cursor.peek(1).strip():
                    cursor.take()
                elif text.strip() and cursor.typed is None and self._hop_ahead(text):
                    cursor.skip_unread()
                else:
                    return

    def _hop_ahead(self, text: str) -> bool:
        """Whether a line that was not understood has more of this trace below it, or is of it."""
        if not (self.hops or self.target):
            return False
        last = self.hops[-1].ttl if self.hops else 0
        below = [self.cursor.peek(ahead) for ahead in range(1, _AHEAD + 1)]
        found = (LINE.match(one) for one in [text, *below])
        return any(match is not None and last < int(match["ttl"]) <= last + 10 for match in found)

    def _hop(self, text: str) -> bool:
        """Take the hop that begins here, and the lines over which a mailer has broken it."""
        match = LINE.match(text)
        last = self.hops[-1].ttl if self.hops else -1
        if match is None or (int(match["ttl"]) <= last and not match["colon"]):
            return False
        ttl = int(match["ttl"])
        again = [at for at, hop in enumerate(self.hops) if hop.ttl == ttl] if ttl <= last else []
        if ttl < last and not again:
            return False
        best, taken = hop_of(text, aside=self.aside), 1
        whole = [text]
        for ahead in (1, 2):
            more = self.cursor.peek(ahead)
            above = self.cursor.peek(ahead - 1)
            if not more.strip() or (
                not is_broken(above) and (LINE.match(more) or self._is_more(more, best))
            ):
                break
            whole = [one for part in whole for one in join_broken_line(part, more)]
            found = [it for one in whole if (it := hop_of(one, aside=self.aside))]
            if found:
                best, taken = found[0], ahead + 1
        if best is None:
            return False
        hop, masked = best
        self.reached = bool(_REACHED.search(text))
        for _ in range(taken):
            self.cursor.take()
        if again:  # tracepath asks a hop twice, and shows what comes late
            before = self.hops[again[0]]
            replies = tuple(dict.fromkeys([*before.replies, *hop.replies]))
            self.hops[again[0]] = ListedHop(hop.ttl, replies, hop.silent)
        else:
            self.hops.append(hop)
        for word in masked:
            self.cursor.mask(word)
        return True

    def _is_more(self, text: str, best: object) -> bool:
        """Whether a line below holds further replies of its own, rather than the rest of this."""
        match = MORE.match(text) if best is not None else None
        blank = ListedHop(0, ())
        return match is not None and replies_of(match["rest"], blank, aside=self.aside) is not None

    def _more(self, text: str) -> bool:
        """Take further replies of the last hop, on a line of their own."""
        match = MORE.match(text)
        if match is None or not self.hops:
            return False
        found = replies_of(match["rest"].rstrip(), self.hops[-1], aside=self.aside)
        if found is None:
            return False
        self.cursor.take()
        self.hops[-1] = found[0]
        for word in found[1]:
            self.cursor.mask(word)
        return True

    def finished(self) -> Parsed | None:
        words = self.typed.words if self.typed else ()
        protocol = "icmp" if "-I" in words else "tcp" if "-T" in words else "udp"
        hops = tuple(hop for hop in self.hops if hop.ttl)
        path = ListedPath(
            hops,
            self.target,
            self.address,
            protocol,
            self.most,
            silent_on=self.silent_on,
            reached=self.reached,
        )
        return path_listing(self.cursor, "traceroute", path, self.typed)


def read_traceroute(lines: Sequence[PastedLine], at: int, typed: Command | None) -> Parsed | None:
    """One trace that begins at a line: at its heading, or at its first hop."""
    trace = _Trace(Cursor(lines, at), typed)
    if not trace.heading():
        return None
    trace.read()
    return trace.finished()
