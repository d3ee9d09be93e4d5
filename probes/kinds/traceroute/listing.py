"""Reading what the system's own traceroute or tracert printed, without names (``-n``, ``-d``).

Words differ by language and system, so only numbers and addresses are read: a hop's number first,
then times and asterisks, and addresses before the times (traceroute) or behind them (tracert).
"""

import re

from probes.kinds.interface import TraceRow, is_address

_HOP = re.compile(r"^\s{0,3}(\d{1,2})\s+(\S.*)$")
_MORE = re.compile(r"^\s{3,}(\S.*)$")
_WORD = re.compile(r"(?P<less><)?\s?(?P<ms>\d+(?:[.,]\d+)?)\s*(?:ms|мс|ミリ秒)\b|(?P<word>\S+)")
_MARKS = {"!H": 1, "!N": 0, "!P": 2, "!X": 13, "!A": 13, "!S": 5}
_EXPIRED, _UNREACHABLE = 11, 3
_EXPIRED_6, _UNREACHABLE_6 = 3, 1
_CODES_6 = {"!H": 3, "!N": 0, "!X": 1, "!A": 1, "!P": 4, "!S": 5}


def rows_in(text: str, target: str) -> list[TraceRow]:
    """The probes of a listing. Times of ``<1 ms`` are only known to be less: they have none."""
    rows: list[TraceRow] = []
    number = 0
    for line in text.splitlines():
        if (match := _HOP.match(line)) and int(match[1]) == number + 1:
            number += 1
            rows += _rows(number, 0, match[2], target, "")
        elif number and (more := _MORE.match(line)):
            same = [row for row in rows if row.ttl == number]
            last = same[-1].address if same else ""
            rows += _rows(number, len(same), more[1], target, last)
    return rows


def _rows(number: int, nth: int, text: str, target: str, address: str) -> list[TraceRow]:
    """The probes in one line; times that come before any address are of the one that follows."""
    found: list[tuple[str, float | None, str]] = []
    early: list[int] = []
    behind = told = False
    for match in _WORD.finditer(text):
        word = (match["word"] or "").strip("[]().,")
        if match["ms"]:
            ms = None if match["less"] else float(match["ms"].replace(",", "."))
            if not address:
                early.append(len(found))
            found.append((address, ms, ""))
        elif match["word"] == "*":
            found.append(("", None, ""))
        elif (match["word"] or "").startswith("!") and found:
            found[-1] = (*found[-1][:2], match["word"] or "")
        elif is_address(word):
            address, behind = word, bool(early) or not found
            for at in early:
                found[at] = (address, *found[at][1:])
            early = []
        elif behind and address and re.search(r"\w", word):
            told = True
    if told:  # words behind tracert's address: "reports: Destination host unreachable."
        found = [(one, ms, "!") for one, ms, _ in found if one] or [(address, None, "!")]
    known = [one for one in found if one[0] or one[1] is None]
    return [_row(number, nth + at, target, one) for at, one in enumerate(known)]


def _row(number: int, nth: int, target: str, probe: tuple[str, float | None, str]) -> TraceRow:
    address, ms, mark = probe
    if not address:
        return TraceRow(number, nth, 0)
    v6 = ":" in address
    final = address == target and not mark
    icmp: int | None = None if final else (_EXPIRED_6 if v6 else _EXPIRED)
    code: int | None = None if final else 0
    if mark:
        icmp = _UNREACHABLE_6 if v6 else _UNREACHABLE
        bare = mark.strip("!<>")
        code = int(bare) if bare.isdigit() else (_CODES_6 if v6 else _MARKS).get(mark)
    return TraceRow(number, nth, 0, address, ms, icmp, code, final=final)
