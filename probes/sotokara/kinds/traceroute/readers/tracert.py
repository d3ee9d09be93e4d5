"""Windows ``tracert``, in English (the Japanese XP spoke English too) and Japanese."""

import re
from collections.abc import Sequence

from sotokara.core.observation import Failure
from sotokara.kinds.shared.terminal.interface import Command, Cursor, Read
from sotokara.kinds.shared.terminal.pasted import PastedLine
from sotokara.kinds.traceroute.readers.paths import HopReply, ListedHop, Path, path_listing, place

_TO = re.compile(
    r"^\s*Tracing route to (?P<name>\S+?)(?:\s+\[(?P<address>[^\]]+)\])?"
    r"(?:\s+over a maximum of (?P<max>\d+) hops?:?)?\s*$",
    re.IGNORECASE,
)
_TO_JA = re.compile(
    r"^\s*(?P<name>\S+?)(?:\s+\[(?P<address>[^\]]+)\])?\s*へのルートをトレースしています。?"
    r"(?:\s*経由するホップ数は最大\s*(?P<max>\d+)\s*です[::。]?)?\s*$"
)
_MAX = re.compile(
    r"^\s*(?:over a maximum of (?P<max>\d+) hops?"
    r"|経由するホップ数は最大\s*(?P<maxja>\d+)\s*です)[::。]?\s*$",
    re.IGNORECASE,
)
_PROBE = r"(?:<?\s?\d+\s*(?:ms|ミリ秒)|\*\*\s*ms|\*)"
_HOP = re.compile(
    rf"^\s*(?P<ttl>\d{{1,3}})\s+(?P<probes>{_PROBE}(?:\s+{_PROBE}){{0,2}})(?:\s+(?P<rest>\S.*?))?\s*$",
    re.IGNORECASE,
)
_DONE = re.compile(r"^\s*(?:Trace complete\.?|トレースを完了しました。?)\s*$", re.IGNORECASE)
_TIMED_OUT = re.compile(r"(?:Request timed out|要求がタイムアウトしました)[.。]?$", re.IGNORECASE)
_REPORTS = re.compile(
    r"^(?P<who>.+?)\s+(?:reports|レポート)\s*[::]\s*(?P<why>.+?)[.。]?$"
    r"|^(?P<own>Destination .+ unreachable|宛先.+到達できません|General failure"
    r"|一般エラー)[.。]?$",
    re.IGNORECASE,
)
_CANNOT = re.compile(
    r"^\s*(?:Unable to resolve target system name (?P<name>\S+?)\.?"
    r"|ターゲット システム名 (?P<ja>\S+) を解決できません。?)\s*$",
    re.IGNORECASE,
)
_MORE_SILENCE = re.compile(r"^\s*…\s+\(\d+\D\d+ .*\)\s*$")
_MARKS = {
    "host": "!H",
    "ホスト": "!H",
    "net": "!N",
    "ネットワーク": "!N",
    "port": "",
    "protocol": "!P",
    "prohibited": "!X",
}


def read_tracert(  # noqa: C901  # one branch a form of line
    lines: Sequence[PastedLine], at: int, typed: Command | None
) -> Read | None:
    """One trace that begins at a line: at its heading, or at its first hop."""
    cursor = Cursor(lines, at)
    if match := _CANNOT.match(cursor.peek()):
        cursor.take()
        failure = Failure("dns_nxdomain_error", "tracert", match[0].strip())
        return cursor.listing(
            "tracert", "traceroute", match["name"] or match["ja"], failure=failure
        )
    target, address, most = "", "", None
    if match := _TO.match(cursor.peek()) or _TO_JA.match(cursor.peek()):
        target, address, most = match["name"], match["address"] or "", match["max"]
        cursor.take()
        cursor.blank()
        if match := _MAX.match(cursor.peek()):
            most = match["max"] or match["maxja"]
            cursor.take()
    elif not (_HOP.match(cursor.peek()) and _HOP.match(cursor.peek(1))):
        return None
    hops: list[ListedHop] = []
    complete = silent_on = False
    while cursor.more:
        cursor.blank()
        text = cursor.peek()
        if _DONE.match(text):
            complete = True
            cursor.take()
            break
        if _MORE_SILENCE.match(text):
            silent_on = True
            cursor.take()
            continue
        hop = _hop(cursor, text, hops[-1].ttl if hops else 0)
        if hop is None and hops and (also := _also(cursor, text)):
            hops[-1] = hops[-1]._replace(replies=(*hops[-1].replies, also))
            continue
        if hop is None:
            if hops and cursor.more and _HOP.match(cursor.peek(1)) and not _TO.match(text):
                cursor.skip_unread()
                continue
            break
        hops.append(hop)
    path = Path(
        tuple(hops), target, address, "icmp", int(most) if most else None, complete, silent_on
    )
    return path_listing(cursor, "tracert", path, typed)


def _hop(cursor: Cursor, text: str, before: int) -> ListedHop | None:
    """One hop; its name may have been broken on to the next line by a mailer."""
    match = _HOP.match(text)
    if match is None or int(match["ttl"]) <= before:
        return None
    times = [one.strip() for one in re.findall(_PROBE, match["probes"], re.IGNORECASE)]
    rest = match["rest"] or ""
    broken = not rest and any(one != "*" for one in times)
    if broken:
        rest = cursor.peek(1).strip()
    found = place(rest) if rest else None
    mark = ""
    if report := _REPORTS.match(rest):
        why = (report["why"] or report["own"]).lower()
        mark = next((sign for word, sign in _MARKS.items() if word in why), "!")
        found = place(report["who"]) if report["who"] else ("", "", [])
    if found is None and not _TIMED_OUT.search(rest) and rest:
        return None
    cursor.take()
    if broken and cursor.more:
        cursor.take()
    name, address, hidden = found or ("", "", [])
    for word in hidden:
        cursor.mask(word)
    answered = [one for one in times if one != "*"]
    replies = tuple(HopReply(address, name, _ms(one), mark) for one in answered)
    if found and not answered:
        replies = (HopReply(address, name, None, mark),) if (address or name or mark) else ()
    return ListedHop(int(match["ttl"]), replies, len(times) - len(answered))


def _also(cursor: Cursor, text: str) -> HopReply | None:
    """A further address at the hop above, on a line of its own under the names."""
    found = place(text) if text.startswith("      ") else None
    if found is None or not found[1]:
        return None
    cursor.take()
    for word in found[2]:
        cursor.mask(word)
    return HopReply(found[1], found[0])


def _ms(text: str) -> float | None:
    """Milliseconds; ``<1 ms`` is known only to be less, so it has no number."""
    return None if text[0] in "<*" else float(re.findall(r"\d+", text)[0])
